// Strokes, and the ring that shows where and how large the brush is.

import { clamp } from "../_shared/dom.js";

/**
 * The brush in the picture's pixels; a stroke is { by, erase, waiting, last, middle }, where
 * waiting are the samples { x, y, size } that are not drawn yet.
 */
export class Brush {
  erasing = false;
  stroke = null; // the one being painted

  constructor({ model, surface, ring, mask, history, show }) {
    const [width, height] = model.get("size");
    Object.assign(this, { model, surface, ring, mask, history, show, width, height });
    this.cursor = { x: width / 2, y: height / 2 }; // of pointer and keyboard
  }

  get size() {
    return this.model.get("brush");
  }

  start(by, erase, sample) {
    this.stroke = { by, erase, waiting: [sample] };
    this.show([]);
  }

  add(...samples) {
    this.stroke.waiting.push(...samples);
    this.show([]);
  }

  end() {
    if (!this.stroke) return;
    const ended = this.stroke;
    this.stroke = null;
    this.history.change(() => this.mask.finish(ended));
  }

  /** Two fingers have come to scroll: what the first one painted was not meant. */
  drop() {
    this.stroke = null;
    this.history.load();
  }

  moveTo(x, y) {
    this.cursor = { x: clamp(x, 0, this.width), y: clamp(y, 0, this.height) };
    this.showRing();
  }

  showRing() {
    const scale = this.surface.clientWidth / this.width;
    const side = Math.max(4, this.size * scale);
    Object.assign(this.ring.style, {
      left: `${this.cursor.x * scale}px`, top: `${this.cursor.y * scale}px`,
      width: `${side}px`, height: `${side}px`,
    });
    this.ring.hidden = false;
  }
}
