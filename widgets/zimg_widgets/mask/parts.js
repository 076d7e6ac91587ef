// The elements of MaskPainter.

import { bytesOf, make, urlOf } from "../_shared/dom.js";

/** The elements of the control; nothing is wired yet. */
export const build = (model, labels) => {
  const [width, height] = model.get("size");
  const button = (name, attributes = {}) =>
    make(
      "button", "", { type: "button", title: labels[`${name}_title`], ...attributes }, labels[name],
    );
  const slider = (name, min, max) => {
    const title = labels[`${name}_title`];
    const input = make("input", "", { type: "range", min, max, step: 1, title });
    const output = make("output", "", { "aria-hidden": "true" });
    return { input, output, label: make("label", "", {}, labels[name], input, output) };
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
  const group = (...buttons) => make("div", "zimg-mask-group", {}, ...buttons);
  const picture = make("img", "", {
    src: urlOf(bytesOf(model.get("picture")), "image/png"),
    alt: model.get("alt") || labels.picture,
    draggable: "false",
  });
  const tint = make("canvas", "zimg-mask-tint", { "aria-hidden": "true" });
  const ring = make("div", "zimg-mask-ring", { hidden: true });
  // For the eyes only: the surface's label says the same.
  const hint = make("p", "zimg-mask-hint", { "aria-hidden": "true" }, labels.hint);
  const surface = make("canvas", "zimg-mask-surface", {
    tabindex: 0, role: "application", "aria-label": labels.surface,
  });
  const clip = make("div", "zimg-mask-clip", {}, tint);
  const above = make("div", "zimg-mask-clip", {}, ring);
  const stage = make("div", "zimg-mask-stage", {}, picture, clip, surface, above);
  // A small picture is shown larger, else nobody could paint in it.
  const shown = width * Math.max(1, 448 / Math.max(width, height));
  stage.style.setProperty("--zimg-width", `${shown}px`);
  stage.style.setProperty("--zimg-ratio", width / height);
  const status = make("p", "zimg-mask-status", { role: "status", "aria-live": "polite" });
  const root = make(
    "div", "zimg-mask", { lang: model.get("language") },
    make(
      "div", "zimg-mask-tools", { role: "group", "aria-label": labels.tools },
      group(tools.paint, tools.erase), sliders.brush.label, sliders.feather.label,
      group(actions.undo, actions.redo), group(actions.invert, actions.fill, actions.clear),
    ),
    stage, status, hint,
  );
  return { root, stage, surface, picture, tint, ring, status, tools, actions, sliders };
};
