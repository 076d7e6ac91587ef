// The elements of MaskPainter.

/** The bytes of a binary trait, which arrives as a DataView. */
const bytesOf = (view) =>
  view ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array();

/** The elements of the control; nothing is wired yet. */
const build = (model, words) => {
  const [width, height] = model.get("size");
  const button = (name, settings = {}) =>
    make("button", { type: "button", title: words[`${name}_title`], ...settings }, words[name]);
  const slider = (name, min, max) => {
    const title = words[`${name}_title`];
    const input = make("input", { type: "range", min, max, step: 1, title });
    const output = make("output", { "aria-hidden": "true" });
    return { input, output, label: make("label", {}, words[name], input, output) };
  };
  const tools = {
    paint: button("paint", { "aria-pressed": "true" }),
    erase: button("erase", { "aria-pressed": "false" }),
  };
  const actions = Object.fromEntries(
    ["undo", "redo", "invert", "fill", "clear"].map((name) => [name, button(name)]),
  );
  const sliders = {
    brush: slider("brush", 1, Math.max(64, Math.ceil(Math.max(width, height) / 4))),
    feather: slider("feather", 0, 64),
  };
  const group = (...buttons) => make("div", { className: "zimg-mask-group" }, ...buttons);
  const png = new Blob([bytesOf(model.get("picture"))], { type: "image/png" });
  const picture = make("img", {
    src: URL.createObjectURL(png), alt: model.get("alt") || words.picture, draggable: false,
  });
  const tint = make("canvas", { className: "zimg-mask-tint", "aria-hidden": "true" });
  const ring = make("div", { className: "zimg-mask-ring", hidden: true });
  // For the eyes only: the surface's label says the same.
  const hint = make("p", { className: "zimg-mask-hint", "aria-hidden": "true" }, words.hint);
  const surface = make("canvas", {
    className: "zimg-mask-surface", tabIndex: 0, role: "application",
    "aria-label": words.surface,
  });
  const clip = make("div", { className: "zimg-mask-clip" }, tint);
  const above = make("div", { className: "zimg-mask-clip" }, ring);
  const stage = make("div", { className: "zimg-mask-stage" }, picture, clip, surface, above);
  // A small picture is shown larger, else nobody could paint in it.
  const shown = width * Math.max(1, 448 / Math.max(width, height));
  stage.style.setProperty("--zimg-width", `${shown}px`);
  stage.style.setProperty("--zimg-ratio", width / height);
  const status = make("p", {
    className: "zimg-mask-status", role: "status", "aria-live": "polite",
  });
  const root = make(
    "div", { className: "zimg-mask", lang: model.get("language") },
    make(
      "div", { className: "zimg-mask-tools", role: "group", "aria-label": words.tools },
      group(tools.paint, tools.erase), sliders.brush.label, sliders.feather.label,
      group(actions.undo, actions.redo), group(actions.invert, actions.fill, actions.clear),
    ),
    stage, status, hint,
  );
  return { root, stage, surface, picture, tint, ring, status, tools, actions, sliders };
};

/** The nearest element around that scrolls up and down, as two fingers expect. */
const scrollerOf = (element) => {
  for (let box = element.parentElement; box; box = box.parentElement) {
    const scrolls = /auto|scroll/.test(getComputedStyle(box).overflowY);
    if (scrolls && box.scrollHeight > box.clientHeight) return box;
  }
  return document.scrollingElement;
};
