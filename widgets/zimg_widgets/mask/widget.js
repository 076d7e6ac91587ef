// Paint a mask on a picture: what MaskPainter shows, and its tools.

import { bytesOf, clamp, fillIn, listen } from "../_shared/dom.js";
import { Brush } from "./brush.js";
import { Mask } from "./canvas.js";
import { History } from "./history.js";
import { followKeys } from "./keys.js";
import { Overlay } from "./overlay.js";
import { build } from "./parts.js";
import { followPointer } from "./pointer.js";

const COVER = { invert: "xor", fill: "source-over", clear: "destination-out" };

const render = ({ model, el }) => {
  const labels = model.get("labels");
  const parts = build(model, labels);
  const { tools, actions, sliders, status } = parts;
  const mask = new Mask(...model.get("size"));
  const overlay = new Overlay(mask, parts.tint, parts.surface, model.get("tint"));
  const gone = new AbortController();
  const on = (target, type, handler) =>
    target.addEventListener(type, handler, { signal: gone.signal, capture: target === window });

  let frame = 0;
  let stale = []; // rectangles of the mask; a null among them means all of it
  const show = (rects) => {
    stale.push(...rects);
    frame ||= requestAnimationFrame(paintFrame);
  };
  const paintFrame = () => {
    frame = 0;
    if (brush.stroke && !history.loading) stale.push(...mask.draw(brush.stroke));
    const most = (side, pick) => pick(...stale.map((rect) => rect[side]));
    if (stale.includes(null)) overlay.draw();
    else if (stale.length) {
      overlay.draw({
        left: most("left", Math.min), top: most("top", Math.min),
        right: most("right", Math.max), bottom: most("bottom", Math.max),
      });
    }
    stale = [];
  };

  const showTools = () => {
    tools.paint.setAttribute("aria-pressed", !brush.erasing);
    tools.erase.setAttribute("aria-pressed", brush.erasing);
    // Not disabled: a button that is loses the keyboard's focus.
    actions.undo.setAttribute("aria-disabled", !history.undoable);
    actions.redo.setAttribute("aria-disabled", !history.redoable);
    for (const [name, { input, output }] of Object.entries(sliders)) {
      const value = model.get(name);
      if (value > input.max) input.max = value;
      input.value = value;
      output.textContent = fillIn(labels.pixels, { n: value });
      input.setAttribute("aria-valuetext", output.textContent);
    }
  };
  const showShare = (share) => {
    const name = share === 0 ? "none" : share < 0.01 ? "little" : share < 1 ? "some" : "whole";
    status.textContent = fillIn(labels[name], { n: Math.floor(share * 100) });
  };

  const history = new History(mask, bytesOf(model.get("mask_png")), {
    drawn: show,
    steps: showTools,
    share: showShare,
    tooBig: () => (status.textContent = labels.too_big),
    send(png) {
      model.set("mask_png", new DataView(png.buffer, png.byteOffset, png.byteLength));
      model.save_changes();
    },
  });
  const brush = new Brush({ ...parts, model, mask, history, show });
  followPointer(on, parts, brush);

  const setPixels = (name, value) => {
    const { input } = sliders[name];
    model.set(name, clamp(Math.round(value), Number(input.min), Number(input.max)));
  };
  followKeys(on, parts, brush, history, (size) => {
    setPixels("brush", size);
    model.save_changes();
  });

  for (const [name, operation] of Object.entries(COVER)) {
    on(actions[name], "click", () =>
      history.change(() => {
        mask.cover(operation);
        return [null];
      }),
    );
  }
  on(actions.undo, "click", () => history.go(-1));
  on(actions.redo, "click", () => history.go(1));
  for (const name of ["paint", "erase"]) {
    on(tools[name], "click", () => {
      brush.erasing = name === "erase";
      showTools();
    });
  }
  for (const [name, { input }] of Object.entries(sliders)) {
    on(input, "input", () => setPixels(name, Number(input.value)));
    on(input, "change", () => model.save_changes());
  }

  const showFeather = () => {
    overlay.feather = model.get("feather");
    overlay.fit();
    showTools();
  };
  listen(model, gone.signal, {
    "change:mask_png": () => history.receive(bytesOf(model.get("mask_png"))),
    "change:brush": showTools,
    "change:feather": showFeather,
  });
  const resized = new ResizeObserver(() => overlay.fit());
  resized.observe(parts.stage);
  on(window, "resize", () => overlay.fit()); // also when the browser zooms

  el.append(parts.root);
  showFeather();
  history.load();

  return () => {
    brush.end();
    history.finish();
    gone.abort();
    resized.disconnect();
    cancelAnimationFrame(frame);
    URL.revokeObjectURL(parts.picture.src);
  };
};

export default { render };
