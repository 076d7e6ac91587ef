// Draws the before/after slider: two pictures in one box and a divider to drag.

import { clamp, fillIn, listen, make, urlOf } from "../_shared/dom.js";

const STEPS = {
  ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10,
};
const ENDS = { Home: 0, End: 100 };
const SLOP = 5; // px that a finger moves sideways before it drags
const SIDES = ["before", "after"];
const ARROWS =
  '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M9 6 3 12l6 6M15 6l6 6-6 6"/></svg>';

function add(parent, tag, part, attributes = {}) {
  const node = make(tag, `zimg-compare-${part}`, attributes);
  parent.append(node);
  return node;
}

function render({ model, el }) {
  const figure = add(el, "figure", "figure");
  const stage = add(figure, "div", "stage");
  const images = {};
  for (const side of SIDES) images[side] = add(stage, "img", side, { draggable: "false" });
  const handle = add(stage, "div", "handle", {
    tabindex: "0", role: "slider", "aria-orientation": "horizontal",
    "aria-valuemin": "0", "aria-valuemax": "100",
  });
  add(handle, "div", "line");
  add(handle, "div", "grip").innerHTML = ARROWS;
  const words = add(figure, "figcaption", "words");
  const captions = { before: add(words, "span", "caption"), after: add(words, "span", "caption") };
  const note = add(words, "span", "note");

  const urls = {};
  const names = () => {
    const [before, after] = model.get("captions");
    return { before, after };
  };

  function drawPicture(side) {
    const { png, size } = model.get(side);
    const old = urls[side];
    urls[side] = urlOf(png, "image/png");
    [images[side].width, images[side].height] = size; // keeps the place while it loads
    images[side].src = urls[side];
    if (old) URL.revokeObjectURL(old);
    // Wide enough to show the larger of the two in its own size.
    const [first, second] = SIDES.map((name) => model.get(name).size);
    const scale = Math.max(1, second[0] / first[0], second[1] / first[1]);
    figure.style.setProperty("--zimg-own-width", `${Math.round(first[0] * scale)}px`);
    drawWords();
  }

  function drawWords() {
    const labels = model.get("labels");
    const [first, second] = SIDES.map((side) => model.get(side).size.join("×"));
    for (const side of SIDES) {
      captions[side].textContent = names()[side];
      images[side].alt = model.get(side).alt || names()[side];
    }
    handle.setAttribute("aria-label", fillIn(labels.slider, names()));
    note.hidden = first === second;
    note.textContent = note.hidden ? "" : fillIn(labels.sizes, { ...names(), first, second });
    drawPosition();
  }

  function drawPosition() {
    const position = model.get("position");
    const left = Math.round(position);
    stage.style.setProperty("--zimg-position", `${position}%`);
    handle.setAttribute("aria-valuenow", left);
    const value = { ...names(), left, right: 100 - left };
    handle.setAttribute("aria-valuetext", fillIn(model.get("labels").value, value));
  }

  function moveTo(position) {
    model.set("position", clamp(position, 0, 100));
    model.save_changes();
  }

  function follow(event) {
    const box = stage.getBoundingClientRect();
    moveTo((100 * (event.clientX - box.left)) / box.width);
  }

  let start = 0;
  let held = null; // the pointer that drags
  let touched = null; // where a finger came down that may be about to scroll the page
  const gone = new AbortController();
  const on = (target, type, listener) =>
    target.addEventListener(type, listener, { signal: gone.signal });

  on(stage, "pointerdown", (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    start = model.get("position");
    held = event.pointerId;
    stage.setPointerCapture(held);
    stage.dataset.dragging = "";
    touched = event.pointerType === "touch" ? event.clientX : null;
    if (touched === null) follow(event);
  });
  on(stage, "pointermove", (event) => {
    if (event.pointerId !== held) return;
    if (touched !== null && Math.abs(event.clientX - touched) < SLOP) return;
    touched = null;
    follow(event);
  });
  on(stage, "pointerup", (event) => {
    if (event.pointerId === held) follow(event);
  });
  on(stage, "pointercancel", (event) => {
    if (event.pointerId === held) moveTo(start);
  });
  on(stage, "lostpointercapture", () => {
    held = null;
    delete stage.dataset.dragging;
  });
  on(stage, "mousedown", (event) => event.preventDefault()); // selects no text, keeps the focus
  on(stage, "click", () => handle.focus({ preventScroll: true }));

  on(handle, "keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const position = model.get("position");
    if (event.key in ENDS) moveTo(ENDS[event.key]);
    else if (event.key in STEPS) {
      const tenfold = event.shiftKey && event.key.startsWith("Arrow");
      moveTo(position + STEPS[event.key] * (tenfold ? 10 : 1));
    } else return;
    event.preventDefault(); // no scrolling
    event.stopPropagation(); // nor JupyterLab's own use of these keys
  });

  listen(model, gone.signal, {
    "change:before": () => drawPicture("before"),
    "change:after": () => drawPicture("after"),
    "change:captions": drawWords,
    "change:labels": drawWords,
    "change:position": drawPosition,
  });
  for (const side of SIDES) drawPicture(side);

  return () => {
    gone.abort();
    for (const url of Object.values(urls)) URL.revokeObjectURL(url);
  };
}

export default { render };
