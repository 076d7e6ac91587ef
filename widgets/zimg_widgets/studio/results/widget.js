// Draws a button with a small picture for each result and asks Python for what it has not got.

import { bytesOf, listen, make, makeButton, urlOf } from "../../_shared/dom.js";
import { keepKeys } from "../../_shared/keys.js";

function render({ model, el }) {
  const labels = model.get("labels");
  const gone = new AbortController();
  const list = make("ul", "zimg-results-list");
  const root = make("section", "zimg-results", { "aria-label": labels.title }, list);
  root.addEventListener("keydown", keepKeys);
  el.append(root);
  const known = new Map();

  const makeItem = ({ id, prompt }) => {
    const image = make("img", "", { alt: prompt, width: 72, height: 72 });
    const choose = () => model.send({ kind: "choose", id });
    const button = makeButton("zimg-results-button", "", choose, { title: prompt });
    button.append(image);
    model.send({ kind: "small", id });
    return { item: make("li", "", {}, button), button, image };
  };

  const drawChosen = () => {
    const chosen = model.get("chosen");
    for (const [id, { button }] of known) {
      if (id === chosen) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
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
  const onMessage = (message, buffers) => {
    const one = known.get(message.id);
    if (!one) return;
    if (message.kind === "small" && !one.image.src) {
      one.image.src = urlOf(bytesOf(buffers[0]));
    } else if (message.kind === "gone") {
      one.button.title = `${labels.gone}: ${one.image.alt}`;
      one.button.disabled = true;
    }
  };
  listen(model, gone.signal, {
    "msg:custom": onMessage, "change:items": draw, "change:chosen": drawChosen,
  });
  draw();
  return () => {
    for (const { image } of known.values()) URL.revokeObjectURL(image.src);
    gone.abort();
  };
}

export default { render };
