// Draws the rows that Python lists; a row keeps its element, so that the focus stays on it.

function make(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

export default {
  render({ model, el }) {
    const labels = model.get("labels");
    const root = make("section", "zimg-queue");
    root.setAttribute("aria-label", labels.title);
    el.append(root);

    const makeList = (title, kinds) => {
      const box = make("div", "zimg-queue-box");
      const list = make("ul", "zimg-queue-list");
      box.append(make("p", "zimg-queue-title", title), list);
      root.append(box);
      const known = new Map();

      const makeRow = (id) => {
        const item = make("li", "zimg-queue-row");
        const prompt = make("span", "zimg-queue-prompt");
        const detail = make("span", "zimg-queue-detail");
        const fill = make("span", "zimg-queue-fill");
        const buttons = kinds.map((kind) => {
          const button = make("button", "zimg-queue-button", labels[kind]);
          button.type = "button";
          button.addEventListener("click", () => {
            button.disabled = true; // pressed once is enough
            model.send({ kind, id });
          });
          return button;
        });
        item.append(prompt, detail, ...buttons, fill);
        return { item, prompt, detail, fill, buttons };
      };

      return (rows) => {
        box.hidden = !rows.length;
        const left = new Set(rows.map((row) => row.id));
        for (const [id, row] of known) {
          if (left.has(id)) continue;
          const next = row.item.nextElementSibling ?? row.item.previousElementSibling;
          if (row.item.contains(document.activeElement)) next?.querySelector("button")?.focus();
          row.item.remove();
          known.delete(id);
        }
        for (const data of rows) {
          const row = known.get(data.id) ?? makeRow(data.id);
          if (!known.has(data.id)) {
            known.set(data.id, row);
            list.append(row.item);
          }
          row.prompt.textContent = data.prompt;
          row.prompt.title = data.prompt;
          row.detail.textContent = data.detail;
          row.fill.style.inlineSize = `${100 * (data.fraction ?? 0)}%`;
          kinds.forEach((kind, i) => {
            const name = labels[`${kind}_this`].replace("{prompt}", data.prompt);
            row.buttons[i].setAttribute("aria-label", name);
            if (data.status === "cancelling") row.buttons[i].disabled = true;
          });
        }
      };
    };

    const drawRows = makeList(labels.title, ["cancel"]);
    const drawOffers = makeList(labels.interrupted, ["again", "dismiss"]);
    const draw = () => {
      drawRows(model.get("rows"));
      drawOffers(model.get("offers"));
      root.hidden = !model.get("rows").length && !model.get("offers").length;
    };
    // JupyterLab would take keys on buttons for commands on cells.
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") event.stopPropagation();
    });
    draw();
    model.on("change:rows", draw);
    model.on("change:offers", draw);
    return () => {
      model.off("change:rows", draw);
      model.off("change:offers", draw);
    };
  },
};
