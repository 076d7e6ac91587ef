// Overlay of a mask on the picture that is shown.

import { clamp } from "../_shared/dom.js";
import { PAINTED } from "./canvas.js";

/** The mask as it lies over the shown picture: a soft tint, and the edge in white and black. */
export class Overlay {
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
