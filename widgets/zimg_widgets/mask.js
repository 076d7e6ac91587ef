/* Paint a mask on a picture: the strokes, the overlay and the tools of MaskPainter. */

const STEPS = 50; // that can be undone; each is a PNG, mostly of a few kB
const PAINTED = 128; // from here on a pixel counts as painted, as in mask.py
const FAINT = 16; // below it are the rests of erased edges: not painted at all, as in mask.py
const SEND_EVERY = 150; // ms; also the longest that Python waits for a stroke that has ended
// Jupyter's server ends a connection that brings it a message of more than 10 MiB.
const MOST_BYTES = 9 * 2 ** 20;

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** The bytes of a binary trait, which arrives as a DataView. */
const bytesOf = (view) =>
  view ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array();

/** An element with properties, attributes ("aria-…", "role", …) and children. */
const make = (tag, settings = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(settings)) {
    if (name in element && !name.includes("-")) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
};

/** The mask at the picture's full size: black, opaque where painted. */
class Mask {
  constructor(width, height) {
    this.canvas = make("canvas", { width, height });
    // In main memory: it is read after every stroke, and its values must be exact.
    this.context = this.canvas.getContext("2d", { willReadFrequently: true });
    this.context.lineCap = "round";
  }

  /** Combine the whole picture with opaque black. */
  cover(operation) {
    this.context.globalCompositeOperation = operation;
    this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /** Draw a stroke's waiting samples; return the rectangles that changed. */
  draw(stroke) {
    const changed = stroke.waiting.map((sample) => {
      const { last, middle } = stroke;
      const next = last && { x: (last.x + sample.x) / 2, y: (last.y + sample.y) / 2 };
      stroke.last = sample;
      stroke.middle = next ?? sample;
      // From the middle of two samples to that of the next two, bent towards the sample
      // between them: smooth where a mouse reports corners.
      const from = middle ?? sample;
      return this.line(stroke.erase, from, last ?? sample, stroke.middle, sample.size);
    });
    stroke.waiting = [];
    return changed;
  }

  /** Draw the rest of a stroke: from the last middle to the last sample. */
  finish(stroke) {
    const changed = this.draw(stroke);
    const { erase, last, middle } = stroke;
    return [...changed, this.line(erase, middle, last, last, last.size)];
  }

  line(erase, from, control, to, size) {
    // The rubber is a little wider than the brush, so that erasing along a stroke takes its
    // smoothed edge with it.
    const width = erase ? size + 2 : size;
    const { context } = this;
    context.globalCompositeOperation = erase ? "destination-out" : "source-over";
    context.lineWidth = width;
    context.beginPath();
    if ([control, to].every(({ x, y }) => x === from.x && y === from.y)) {
      context.arc(to.x, to.y, width / 2, 0, 2 * Math.PI);
      context.fill();
    } else {
      context.moveTo(from.x, from.y);
      context.quadraticCurveTo(control.x, control.y, to.x, to.y);
      context.stroke();
    }
    const xs = [from.x, control.x, to.x];
    const ys = [from.y, control.y, to.y];
    const reach = width / 2 + 1;
    return {
      left: Math.min(...xs) - reach,
      top: Math.min(...ys) - reach,
      right: Math.max(...xs) + reach,
      bottom: Math.max(...ys) + reach,
    };
  }

  async load(png) {
    const options = { colorSpaceConversion: "none" };
    const image = png.length
      ? await createImageBitmap(new Blob([png], { type: "image/png" }), options)
      : null;
    this.cover("destination-out");
    this.context.globalCompositeOperation = "source-over";
    if (image) this.context.drawImage(image, 0, 0);
    image?.close();
  }

  /** Take the mask as it is now; what is drawn while it is packed is not in it. */
  take() {
    const share = this.share();
    if (share === 0) return Promise.resolve({ png: new Uint8Array(), share });
    return new Promise((resolve) => {
      this.canvas.toBlob(async (blob) => {
        resolve({ png: new Uint8Array(await blob.arrayBuffer()), share });
      }, "image/png");
    });
  }

  /** The share that is painted; above 0 if anything is at all, and 1 only if all is. */
  share() {
    const { width, height } = this.canvas;
    let [any, painted] = [false, 0];
    for (let top = 0; top < height; top += 256) {
      const { data } = this.context.getImageData(0, top, width, Math.min(256, height - top));
      for (let i = 3; i < data.length; i += 4) {
        if (data[i] >= PAINTED) painted += 1;
        else if (data[i] >= FAINT) any = true;
      }
    }
    return painted ? painted / (width * height) : any ? Number.MIN_VALUE : 0;
  }
}

/** The mask as it lies over the shown picture: a soft tint, and the edge in white and black. */
class Overlay {
  constructor(mask, tintCanvas, edgeCanvas, colour) {
    Object.assign(this, { mask, colour, feather: 0 });
    this.tint = tintCanvas.getContext("2d", { willReadFrequently: true });
    this.edge = edgeCanvas.getContext("2d", { willReadFrequently: true });
  }

  /** Fit the canvases to the place on the page; what they showed is gone. */
  fit() {
    const { canvas } = this.edge;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    this.width = Math.round(width * ratio);
    this.height = Math.round(height * ratio);
    if (!this.width || !this.height) return;
    this.scale = this.width / this.mask.canvas.width;
    this.line = Math.max(1, Math.round(ratio));
    // A Gaussian of half the feather, as mask.py computes it. Beyond the picture's border it
    // continues there, and so it does here, in a margin as wide as the blur reaches.
    const blur = (this.feather / 2) * this.scale;
    this.margin = Math.ceil(3 * blur);
    [canvas.width, canvas.height] = [this.width, this.height];
    const tint = this.tint.canvas;
    tint.width = this.width + 2 * this.margin;
    tint.height = this.height + 2 * this.margin;
    Object.assign(tint.style, {
      left: `${-this.margin / ratio}px`,
      top: `${-this.margin / ratio}px`,
      width: `${width + (2 * this.margin) / ratio}px`,
      height: `${height + (2 * this.margin) / ratio}px`,
      filter: blur ? `blur(${blur / ratio}px)` : "none",
    });
    this.draw();
  }

  /** Draw anew what lies in a rectangle of the mask, or everything. */
  draw(rect) {
    if (!this.width || !this.height) return;
    const { tint, width, height, scale, margin, mask } = this;
    const grow = this.line + 2;
    const partly = rect && !margin;
    const left = partly ? clamp(Math.floor(rect.left * scale) - grow, 0, width) : 0;
    const top = partly ? clamp(Math.floor(rect.top * scale) - grow, 0, height) : 0;
    const right = partly ? clamp(Math.ceil(rect.right * scale) + grow, 0, width) : width;
    const bottom = partly ? clamp(Math.ceil(rect.bottom * scale) + grow, 0, height) : height;
    if (right <= left || bottom <= top) return;
    tint.save();
    tint.beginPath();
    tint.rect(left, top, right - left + 2 * margin, bottom - top + 2 * margin);
    tint.clip();
    tint.clearRect(0, 0, tint.canvas.width, tint.canvas.height);
    if (margin) this.drawMargin();
    tint.drawImage(mask.canvas, margin, margin, width, height);
    tint.globalCompositeOperation = "source-in";
    tint.fillStyle = this.colour;
    tint.fillRect(0, 0, tint.canvas.width, tint.canvas.height);
    tint.restore();
    this.drawEdge(left, top, right, bottom);
  }

  /** Continue the outermost pixels of the mask into the margin. */
  drawMargin() {
    const { tint, margin, mask } = this;
    const cuts = (whole, shown) => [
      [0, 1, 0, margin],
      [0, whole, margin, shown],
      [whole - 1, 1, margin + shown, margin],
    ];
    for (const [x, w, toX, toW] of cuts(mask.canvas.width, this.width)) {
      for (const [y, h, toY, toH] of cuts(mask.canvas.height, this.height)) {
        if (toX === margin && toY === margin) continue; // the middle: drawn by draw()
        tint.drawImage(mask.canvas, x, y, w, h, toX, toY, toW, toH);
      }
    }
  }

  /** White just inside of the edge, black just outside: seen on any picture. */
  drawEdge(left, top, right, bottom) {
    const { line, margin, width, height } = this;
    // What surrounds the rectangle decides about the edge in its outermost pixels.
    const [x0, y0] = [Math.max(left - line, 0), Math.max(top - line, 0)];
    const [x1, y1] = [Math.min(right + line, width), Math.min(bottom + line, height)];
    const across = x1 - x0;
    const { data } = this.tint.getImageData(margin + x0, margin + y0, across, y1 - y0);
    const inside = (x, y) =>
      x >= x0 && x < x1 && y >= y0 && y < y1 &&
      data[4 * ((y - y0) * across + x - x0) + 3] >= PAINTED;
    const image = this.edge.createImageData(right - left, bottom - top);
    const pixels = new Uint32Array(image.data.buffer);
    for (let y = top, i = 0; y < bottom; y += 1) {
      for (let x = left; x < right; x += 1, i += 1) {
        const here = inside(x, y);
        if (
          inside(x - line, y) !== here || inside(x + line, y) !== here ||
          inside(x, y - line) !== here || inside(x, y + line) !== here
        ) {
          pixels[i] = here ? 0xffffffff : 0xff000000; // also the other way round in memory
        }
      }
    }
    this.edge.putImageData(image, left, top);
  }
}

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

const render = ({ model, el }) => {
  const words = model.get("labels");
  const [width, height] = model.get("size");
  const parts = build(model, words);
  const { root, stage, surface, ring, tools, actions, sliders } = parts;
  const mask = new Mask(width, height);
  const overlay = new Overlay(mask, parts.tint, surface, model.get("tint"));
  const end = new AbortController();
  const on = (target, type, handler) =>
    target.addEventListener(type, handler, { signal: end.signal, capture: target === window });

  let erasing = false;
  let stroke = null; // the one being painted: { by, erase, waiting, last, middle }
  let cursor = { x: width / 2, y: height / 2 }; // of pointer and keyboard, in the picture's pixels
  const fingers = new Map(); // where each finger is, by pointer id

  // --- what is shown ---

  let frame = 0;
  let stale = []; // rectangles of the mask; a null among them means all of it
  const show = (rects) => {
    stale.push(...rects);
    frame ||= requestAnimationFrame(paintFrame);
  };
  const paintFrame = () => {
    frame = 0;
    if (stroke && !loading) stale.push(...mask.draw(stroke));
    const all = stale.includes(null);
    const most = (side, pick) => pick(...stale.map((rect) => rect[side]));
    if (all) overlay.draw();
    else if (stale.length) {
      overlay.draw({
        left: most("left", Math.min), top: most("top", Math.min),
        right: most("right", Math.max), bottom: most("bottom", Math.max),
      });
    }
    stale = [];
  };

  const showRing = () => {
    const scale = surface.clientWidth / width;
    const side = Math.max(4, model.get("brush") * scale);
    Object.assign(ring.style, {
      left: `${cursor.x * scale}px`, top: `${cursor.y * scale}px`,
      width: `${side}px`, height: `${side}px`,
    });
    ring.hidden = false;
  };

  const showTools = () => {
    tools.paint.setAttribute("aria-pressed", !erasing);
    tools.erase.setAttribute("aria-pressed", erasing);
    // Not disabled: a button that is loses the keyboard's focus.
    actions.undo.setAttribute("aria-disabled", at === 0);
    actions.redo.setAttribute("aria-disabled", at === steps.length - 1);
    for (const [name, { input, output }] of Object.entries(sliders)) {
      const value = model.get(name);
      if (value > input.max) input.max = value;
      input.value = value;
      output.textContent = words.pixels.replace("{n}", value);
      input.setAttribute("aria-valuetext", output.textContent);
    }
  };

  const showStatus = (share) => {
    const name = share === 0 ? "none" : share < 0.01 ? "little" : share < 1 ? "some" : "whole";
    parts.status.textContent = words[name].replace("{n}", Math.floor(share * 100));
  };

  // --- steps: each is a whole mask as PNG; at is the one that is shown ---

  let held = bytesOf(model.get("mask_png")); // what Python has
  let steps = [held];
  let at = 0;
  let loading = 1; // steps on their way into the mask; what is painted meanwhile waits
  let timer = 0;
  let queue = Promise.resolve(); // packing and unpacking take time and must keep their order
  const enqueue = (work) => {
    queue = queue.then(work).catch((error) => console.error("MaskPainter:", error));
  };

  const send = () => {
    clearTimeout(timer);
    timer = 0;
    if (steps[at] === held) return;
    if (steps[at].length > MOST_BYTES) {
      parts.status.textContent = words.too_big;
      return;
    }
    held = steps[at];
    model.set("mask_png", new DataView(held.buffer, held.byteOffset, held.byteLength));
    model.save_changes();
  };

  const remember = (png) => {
    steps = [...steps.slice(0, at + 1), png].slice(-STEPS - 1);
    at = steps.length - 1;
    showTools();
  };

  /** Change the mask, after the loads under way, and keep the result as a step. */
  const change = (action) => {
    const act = () => {
      show(action());
      return mask.take();
    };
    const taken = loading ? null : act();
    enqueue(async () => {
      const { png, share } = await (taken ?? act());
      remember(png);
      showStatus(share);
      timer ||= setTimeout(send, SEND_EVERY);
    });
  };

  /** Load the mask that `choose` gives when its turn has come. */
  const load = (choose) => {
    loading += 1;
    enqueue(async () => {
      try {
        const png = choose();
        if (png) await mask.load(png);
      } finally {
        loading -= 1;
      }
      show([null]);
      showTools();
      showStatus(mask.share());
    });
  };

  const go = (by) =>
    load(() => {
      if (!(at + by in steps)) return null;
      at += by;
      timer ||= setTimeout(send, SEND_EVERY);
      return steps[at];
    });

  // --- strokes ---

  const startStroke = (by, erase, sample) => {
    stroke = { by, erase, waiting: [sample] };
    show([]);
  };
  const endStroke = () => {
    if (!stroke) return;
    const ended = stroke;
    stroke = null;
    change(() => mask.finish(ended));
  };
  /** Two fingers have come to scroll: what the first one painted was not meant. */
  const dropStroke = () => {
    stroke = null;
    load(() => steps[at]);
  };

  const place = (event) => {
    const box = surface.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) * width) / box.width,
      y: ((event.clientY - box.top) * height) / box.height,
      // A pen that is hardly pressed still leaves a line.
      size: model.get("brush") * (event.pointerType === "pen" ? 0.2 + 0.8 * event.pressure : 1),
    };
  };
  const follow = (event) => {
    const { x, y } = place(event);
    cursor = { x: clamp(x, 0, width), y: clamp(y, 0, height) };
    showRing();
  };
  const grab = (pointer) => {
    try {
      surface.setPointerCapture(pointer);
    } catch {
      // The pointer has gone already.
    }
  };

  on(surface, "pointerdown", (event) => {
    const touch = event.pointerType === "touch";
    const rubber = event.button === 5; // the other end of a pen
    if (event.button !== 0 && !rubber) return;
    event.preventDefault(); // no dragging, and JupyterLab leaves the focus here
    surface.focus({ preventScroll: true });
    grab(event.pointerId);
    if (touch) fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size > 1) {
      if (stroke) dropStroke();
      ring.hidden = true;
      return;
    }
    follow(event);
    if (!stroke) startStroke(event.pointerId, erasing || rubber, place(event));
  });
  on(surface, "pointermove", (event) => {
    const finger = fingers.get(event.pointerId);
    if (finger && fingers.size > 1) {
      const [dx, dy] = [event.clientX - finger.x, event.clientY - finger.y];
      scrollerOf(stage).scrollBy(-dx / fingers.size, -dy / fingers.size);
    }
    if (finger) Object.assign(finger, { x: event.clientX, y: event.clientY });
    if (fingers.size > 1) return;
    follow(event);
    if (stroke?.by !== event.pointerId) return;
    const all = event.getCoalescedEvents?.() ?? [];
    stroke.waiting.push(...(all.length ? all : [event]).map(place));
    show([]);
  });
  for (const type of ["pointerup", "pointercancel"]) {
    on(surface, type, (event) => {
      fingers.delete(event.pointerId);
      if (event.pointerType === "touch") ring.hidden = true;
      if (stroke?.by === event.pointerId) endStroke();
    });
  }
  on(surface, "pointerleave", () => (ring.hidden = true));
  on(surface, "contextmenu", (event) => fingers.size && event.preventDefault()); // long touch

  // --- keyboard ---

  const setPixels = (name, value) => {
    const { input } = sliders[name];
    model.set(name, clamp(Math.round(value), Number(input.min), Number(input.max)));
  };
  const resizeBrush = (factor) => {
    const size = model.get("brush");
    const bigger = size * factor;
    setPixels("brush", factor > 1 ? Math.max(bigger, size + 1) : Math.min(bigger, size - 1));
    model.save_changes();
    showRing();
  };
  const moveCursor = (dx, dy, far) => {
    const step = Math.max(1, Math.round(model.get("brush") / 4)) * (far ? 4 : 1);
    cursor = {
      x: clamp(cursor.x + dx * step, 0, width),
      y: clamp(cursor.y + dy * step, 0, height),
    };
    showRing();
    ring.scrollIntoView({ block: "nearest" });
    if (stroke?.by === "keyboard") {
      stroke.waiting.push({ ...cursor, size: model.get("brush") });
      show([]);
    }
  };
  const ARROWS = {
    ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
  };
  // What a Chinese input method makes of the keys counts, too.
  const BRUSH_KEYS = { "[": 1 / 1.15, "]": 1.15, "【": 1 / 1.15, "】": 1.15 };

  // JupyterLab listens on the document before any element hears of a key, and takes single
  // keys for commands: "x" would cut the cell. So this listens on the window, before it.
  on(window, "keydown", (event) => {
    if (!event.composedPath().includes(root)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const command = event.ctrlKey || event.metaKey;
    const take = () => {
      event.preventDefault();
      event.stopPropagation();
    };
    if (key in BRUSH_KEYS) {
      take();
      resizeBrush(BRUSH_KEYS[key]);
    } else if (command && !event.altKey && (key === "z" || key === "y")) {
      take();
      go(key === "y" || event.shiftKey ? 1 : -1);
    } else if (command || event.altKey || key === "Tab" || (key === "Enter" && event.shiftKey)) {
      // The page's own: other commands, the way out, "run this cell".
    } else if (event.target !== surface || !(key in ARROWS || key === " " || key === "Enter")) {
      event.stopPropagation(); // but a button is still pressed and a slider moved
    } else {
      take();
      if (key in ARROWS) moveCursor(...ARROWS[key], event.shiftKey);
      else if (!stroke) {
        showRing();
        startStroke("keyboard", erasing, { ...cursor, size: model.get("brush") });
      }
    }
  });
  on(window, "keyup", (event) => {
    if (stroke?.by === "keyboard" && (event.key === " " || event.key === "Enter")) endStroke();
  });
  on(surface, "focus", () => surface.matches(":focus-visible") && showRing());
  on(surface, "blur", () => {
    ring.hidden = true;
    if (stroke?.by === "keyboard") endStroke();
  });

  // --- tools ---

  const COVER = { invert: "xor", fill: "source-over", clear: "destination-out" };
  for (const [name, operation] of Object.entries(COVER)) {
    on(actions[name], "click", () =>
      change(() => {
        mask.cover(operation);
        return [null];
      }),
    );
  }
  on(actions.undo, "click", () => go(-1));
  on(actions.redo, "click", () => go(1));
  for (const name of ["paint", "erase"]) {
    on(tools[name], "click", () => {
      erasing = name === "erase";
      showTools();
    });
  }
  for (const [name, { input }] of Object.entries(sliders)) {
    on(input, "input", () => setPixels(name, Number(input.value)));
    on(input, "change", () => model.save_changes());
  }

  // --- Python, the page and the end ---

  const heardMask = () => {
    const png = bytesOf(model.get("mask_png"));
    if (same(png, held)) return; // what this view has sent itself
    held = png;
    load(() => {
      remember(png);
      return png;
    });
  };
  const heardFeather = () => {
    overlay.feather = model.get("feather");
    overlay.fit();
    showTools();
  };
  model.on("change:mask_png", heardMask);
  model.on("change:brush", showTools);
  model.on("change:feather", heardFeather);
  const resized = new ResizeObserver(() => overlay.fit());
  resized.observe(stage);
  on(window, "resize", () => overlay.fit()); // also when the browser zooms

  el.append(root);
  heardFeather();
  loading -= 1;
  load(() => steps[at]);

  return () => {
    endStroke();
    enqueue(() => timer && send());
    end.abort();
    resized.disconnect();
    cancelAnimationFrame(frame);
    model.off("change:mask_png", heardMask);
    model.off("change:brush", showTools);
    model.off("change:feather", heardFeather);
    URL.revokeObjectURL(parts.picture.src);
  };
};

export default { render };
