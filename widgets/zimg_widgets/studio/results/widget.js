// Draws a button with a small picture for each result and asks Python for what it has not got.

import { bytesOf, fillIn, listen, make, makeButton, urlOf } from "../../_shared/dom.js";
import { keepKeys } from "../../_shared/keys.js";
import { liveState } from "../../_shared/live_state.js";

function render({ model, el }) {
  const labels = model.get("labels");
  const gone = new AbortController();
  const list = make("ul", "zimg-results-list zimg-list");
  const root = make("section", "zimg-results", { "aria-label": labels.title }, list);
  root.addEventListener("keydown", keepKeys);
  el.append(root);
  const known = new Map();

  const sketch = make("img", "", { alt: "", width: 72, height: 72 });
  const fill = make("span", "zimg-results-fill zimg-progress-line");
  const follow = makeButton("zimg-results-running", "", () =>
    model.send({ kind: "running" }),
  );
  follow.append(sketch, fill);
  const running = make("li", "", { hidden: true }, follow);
  list.append(running);
  let drawn = null; // the bytes that the sketch was made of

  const makeItem = ({ id, prompt }) => {
    const image = make("img", "", { alt: prompt, width: 72, height: 72 });
    const choose = () => model.send({ kind: "choose", id });
    const button = makeButton("zimg-results-button", "", choose, { title: prompt });
    button.append(image);
    model.send({ kind: "small", id });
    return { item: make("li", "", {}, button), button, image };
  };

  const drawChosen = () => {
    const mark = (button, on) => {
      if (on) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    };
    mark(follow, !live.chosen);
    for (const [id, { button }] of known) mark(button, id === live.chosen);
  };
  const drawRunning = () => {
    const { prompt, fraction } = live.running;
    running.hidden = prompt === undefined;
    if (prompt === undefined) return;
    const name = fillIn(labels.running, { prompt });
    follow.title = name;
    follow.setAttribute("aria-label", name);
    fill.style.inlineSize = `${100 * fraction}%`;
    if (drawn === live.preview) return;
    drawn = live.preview;
    URL.revokeObjectURL(sketch.src);
    const bytes = bytesOf(drawn);
    sketch.hidden = !bytes.length;
    if (bytes.length) sketch.src = urlOf(bytes);
  };
  const draw = () => {
    const { items } = live;
    drawRunning();
    root.hidden = !items.length && running.hidden;
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
      const there = list.children[i + 1]; // after the one that is being drawn
      if (there !== item) list.insertBefore(item, there ?? null);
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
  listen(model, gone.signal, { "msg:custom": onMessage });
  const nothing = { items: [], chosen: "", running: {}, preview: undefined };
  const live = liveState(model, gone.signal, nothing, draw);
  draw();
  return () => {
    URL.revokeObjectURL(sketch.src);
    for (const { image } of known.values()) URL.revokeObjectURL(image.src);
    gone.abort();
  };
}

export default { render };
