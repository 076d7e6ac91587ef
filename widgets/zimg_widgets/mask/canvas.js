// A mask at its picture's full size: strokes, loading, packing.

import { make } from "../_shared/dom.js";

export const PAINTED = 128; // from here on a pixel counts as painted, as in mask.py
const FAINT = 16; // below it are the rests of erased edges: not painted at all, as in mask.py

/** The mask at the picture's full size: black, opaque where painted. */
export class Mask {
  constructor(width, height) {
    this.canvas = make("canvas", "", { width, height });
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
