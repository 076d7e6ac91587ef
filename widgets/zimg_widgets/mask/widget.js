// Paint a mask on a picture: pointer, keyboard, tools and steps of MaskPainter.

const STEPS = 50; // that can be undone; each is a PNG, mostly of a few kB
const SEND_EVERY = 150; // ms; also the longest that Python waits for a stroke that has ended
// Jupyter's server ends a connection that brings it a message of more than 10 MiB.
const MOST_BYTES = 9 * 2 ** 20;

const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

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
