// A page with as little in it as the tests need: elements, canvases and a model.

class Element {
  constructor(tag) {
    Object.assign(this, { tag, attributes: {}, children: [], listeners: {} });
  }
  setAttribute(name, value) {
    this.attributes[name] = String(value);
    if (name === "width" || name === "height") this[name] = Number(value);
  }
  append(...children) {
    this.children.push(...children);
  }
  addEventListener(type, listener) {
    this.listeners[type] = listener;
  }
  getContext() {
    this.context ??= new Context(this);
    return this.context;
  }
}

/** A canvas of whole opaque or clear pixels that covers and reads, and writes down the rest. */
class Context {
  constructor(canvas) {
    Object.assign(this, { canvas, calls: [], alpha: null });
  }
  fillRect() {
    const { width, height } = this.canvas;
    this.alpha ??= new Uint8Array(width * height);
    const change = {
      "destination-out": () => 0, "source-over": () => 255, xor: (value) => 255 - value,
    };
    this.alpha = this.alpha.map(change[this.globalCompositeOperation]);
  }
  getImageData(left, top, width, height) {
    const data = new Uint8Array(4 * width * height);
    const from = top * width;
    for (let i = 0; i < width * height; i += 1) data[4 * i + 3] = this.alpha?.[from + i] ?? 0;
    return { data };
  }
}
for (const name of ["beginPath", "arc", "fill", "moveTo", "quadraticCurveTo", "stroke"]) {
  Context.prototype[name] = function (...values) {
    this.calls.push([name, ...values]);
  };
}

globalThis.document = { createElement: (tag) => new Element(tag) };
let addresses = 0;
URL.createObjectURL = () => `blob:${(addresses += 1)}`;
URL.revokeObjectURL = () => {};

/** A widget's model: what it holds, what it was sent, and how to make it call its listeners. */
export class Model {
  sent = [];
  listeners = {};
  constructor(state = {}) {
    this.state = state;
  }
  get(name) {
    return this.state[name];
  }
  on(event, listener) {
    (this.listeners[event] ??= []).push(listener);
  }
  off(event, listener) {
    this.listeners[event] = this.listeners[event].filter((one) => one !== listener);
  }
  send(message) {
    this.sent.push(message);
  }
  emit(event, ...values) {
    for (const listener of this.listeners[event] ?? []) listener(...values);
  }
}
