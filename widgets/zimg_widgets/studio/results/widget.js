// Draws a button with a small picture for each result and asks Python for what it has not got.

const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

export default {
  render({ model, el }) {
    const labels = model.get("labels");
    const root = document.createElement("section");
    root.className = "zimg-results";
    root.setAttribute("aria-label", labels.title);
    const list = document.createElement("ul");
    list.className = "zimg-results-list";
    root.append(list);
    el.append(root);
    const known = new Map();

    const makeItem = ({ id, prompt }) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      const image = document.createElement("img");
      button.type = "button";
      button.className = "zimg-results-button";
      button.title = prompt;
      image.alt = prompt;
      image.width = image.height = 72;
      button.append(image);
      item.append(button);
      button.addEventListener("click", () => model.send({ kind: "choose", id }));
      model.send({ kind: "small", id });
      return { item, button, image };
    };

    const draw = () => {
      const items = model.get("items");
      root.hidden = !items.length;
      const left = new Set(items.map((item) => item.id));
      for (const [id, one] of known) {
        if (left.has(id)) continue;
        URL.revokeObjectURL(one.image.src);
        one.item.remove();
        known.delete(id);
      }
      items.forEach((data, i) => {
        if (!known.has(data.id)) known.set(data.id, makeItem(data));
        const { item } = known.get(data.id);
        if (list.children[i] !== item) list.insertBefore(item, list.children[i] ?? null);
      });
      drawChosen();
    };
    const drawChosen = () => {
      const chosen = model.get("chosen");
      for (const [id, { button }] of known) {
        if (id === chosen) button.setAttribute("aria-current", "true");
        else button.removeAttribute("aria-current");
      }
    };
    const heard = (message, buffers) => {
      const one = known.get(message.id);
      if (!one) return;
      if (message.kind === "small" && !one.image.src) {
        const blob = new Blob([bytesOf(buffers[0])], { type: "image/jpeg" });
        one.image.src = URL.createObjectURL(blob);
      } else if (message.kind === "gone") {
        one.button.title = `${labels.gone}: ${one.image.alt}`;
        one.button.disabled = true;
      }
    };
    root.addEventListener("keydown", (event) => {
      // JupyterLab would take keys on buttons for commands on cells.
      if (event.key !== "Escape") event.stopPropagation();
    });
    model.on("msg:custom", heard);
    model.on("change:items", draw);
    model.on("change:chosen", drawChosen);
    draw();
    return () => {
      for (const { image } of known.values()) URL.revokeObjectURL(image.src);
      model.off("msg:custom", heard);
      model.off("change:items", draw);
      model.off("change:chosen", drawChosen);
    };
  },
};
