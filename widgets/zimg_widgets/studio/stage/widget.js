// Draws what Python says of the request that runs, and the finished picture with its facts.

function make(tag, className, attributes = {}, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
const typeOf = (bytes) => (bytes[0] === 0x89 ? "image/png" : "image/jpeg");

export default {
  render({ model, el }) {
    const labels = model.get("labels");
    const me = Math.random().toString(36).slice(2);
    const root = make("section", "zimg-stage", { "aria-label": labels.title });
    const frame = make("div", "zimg-stage-frame");
    const image = make("img", "zimg-stage-image", { hidden: "" });
    const empty = make("p", "zimg-stage-empty", {}, labels.empty);
    const bar = make("div", "zimg-stage-bar", {
      role: "progressbar",
      "aria-label": labels.progress,
      "aria-valuemin": "0",
      "aria-valuemax": "100",
    });
    const fill = make("span", "zimg-stage-fill");
    const said = make("p", "zimg-stage-said");
    const news = make("p", "zimg-stage-hidden", { role: "status" });
    const alert = make("p", "zimg-stage-alert", { role: "alert", hidden: "" });
    const note = make("p", "zimg-stage-note");
    const caption = make("p", "zimg-stage-caption");
    const buttons = make("div", "zimg-stage-buttons");
    const details = make("details", "zimg-stage-facts");
    const table = make("table", "zimg-stage-table");
    const button = (kind) => {
      const one = make("button", "zimg-stage-button", { type: "button" }, labels[kind]);
      one.addEventListener("click", () => model.send({ kind, view: me }));
      buttons.append(one);
      return one;
    };
    button("use");
    const edit = button("edit");
    button("save");
    details.append(make("summary", "", {}, labels.facts), table);
    frame.append(image, empty);
    bar.append(fill);
    root.append(frame, bar, said, news, alert, note, caption, buttons, details);
    el.append(root);

    let shown = null; // the bytes that the picture was made of
    let address = "";

    const showBytes = (data, alt) => {
      const bytes = bytesOf(data);
      if (shown !== data) {
        shown = data;
        URL.revokeObjectURL(address);
        address = URL.createObjectURL(new Blob([bytes], { type: typeOf(bytes) }));
        image.src = address;
      }
      image.alt = alt;
    };

    const draw = () => {
      const state = model.get("state");
      const facts = model.get("facts");
      const running = ["queued", "loading", "running"].includes(state.status);
      const preview = model.get("preview");
      const picture = model.get("picture");
      const onTheWay = running && preview.byteLength > 0;
      const any = onTheWay || picture.byteLength > 0;
      if (onTheWay) showBytes(preview, labels.preview.replace("{prompt}", state.prompt));
      else if (any) showBytes(picture, facts.prompt);
      image.hidden = !any;
      empty.hidden = any;
      const [width, height] = onTheWay
        ? [state.width, state.height]
        : [facts.width ?? 1, facts.height ?? 1];
      frame.style.setProperty("--zimg-ratio", `${width} / ${height}`);
      frame.style.setProperty("--zimg-width", `${width}px`);
      frame.classList.toggle("zimg-stage-waiting", running);
      bar.hidden = !running;
      const percent = Math.round(100 * (state.fraction ?? 0));
      fill.style.inlineSize = `${percent}%`;
      bar.setAttribute("aria-valuenow", percent);
      bar.setAttribute("aria-valuetext", state.said ?? "");
      said.textContent = state.said ?? "";
      said.hidden = !said.textContent;
      // Screen readers hear of the beginning and the end, and can ask the bar in between.
      if (news.textContent !== (state.news ?? "")) news.textContent = state.news ?? "";
      if (alert.textContent !== (state.alert ?? "")) alert.textContent = state.alert ?? "";
      alert.hidden = !alert.textContent;
      note.textContent = state.note ?? "";
      note.hidden = !note.textContent;
      const finished = !onTheWay && picture.byteLength > 0;
      caption.textContent = finished ? facts.caption : "";
      for (const part of [caption, buttons, details]) part.hidden = !finished;
      edit.hidden = !model.get("editable");
    };

    // State and preview come in one message and are drawn once.
    let waiting = 0;
    const drawSoon = () => {
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(draw);
    };

    const drawFacts = () => {
      const rows = (model.get("facts").rows ?? []).map(([name, value]) => {
        const row = document.createElement("tr");
        row.append(make("th", "", { scope: "row" }, name), make("td", "", {}, value));
        return row;
      });
      table.replaceChildren(...rows);
      drawSoon();
    };

    const heard = (message, buffers) => {
      if (message.kind !== "file" || message.view !== me) return;
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([bytesOf(buffers[0])], { type: "image/png" }));
      link.download = message.name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    };

    // JupyterLab would take keys on buttons for commands on cells.
    const keep = (event) => {
      if (event.key !== "Escape") event.stopPropagation();
    };
    const tell = (kind) => {
      try {
        model.send({ kind, view: me });
      } catch {
        // The kernel is gone; what was shown last stays.
      }
    };
    const leave = () => tell("gone");

    drawFacts();
    draw();
    root.addEventListener("keydown", keep);
    const changes = {
      "change:facts": drawFacts,
      "change:state": drawSoon,
      "change:preview": drawSoon,
      "change:picture": drawSoon,
      "change:editable": drawSoon,
      "msg:custom": heard,
    };
    for (const [name, react] of Object.entries(changes)) model.on(name, react);
    window.addEventListener("pagehide", leave);
    tell("here");

    return () => {
      leave();
      URL.revokeObjectURL(address);
      for (const [name, react] of Object.entries(changes)) model.off(name, react);
      cancelAnimationFrame(waiting);
      window.removeEventListener("pagehide", leave);
    };
  },
};
