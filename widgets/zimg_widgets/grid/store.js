// Cells of one grid that a page has received, and its requests to the kernel.

import { urlOf } from "../_shared/dom.js";

const BATCH = 100; // cells that are asked for at once

/** Cells received by a page for one grid, shared by all its views. */
export class Store {
  cells = new Map(); // the messages received, by "layer,row,column"
  known = new Set(); // keys of the cells that Python has
  failed = new Set();
  asked = new Set();
  wanted = new Set(); // keys for the next request
  views = new Set();
  place = { scroll: [0, 0], at: [0, 0], open: false, focused: false }; // for a view drawn anew

  constructor(model) {
    this.model = model;
    this.onMessage = this.onMessage.bind(this);
    model.on("msg:custom", this.onMessage);
    this.send({ kind: "hello" });
  }

  send(message) {
    try {
      this.model.send(message);
    } catch {
      // The kernel is gone; what has arrived is still shown.
    }
  }

  onMessage(message, buffers) {
    if (message.kind === "known") {
      const failed = new Set(message.failed.map(String));
      for (const key of message.cells.map(String)) this.learn(key, failed.has(key));
      for (const view of this.views) view.drawAll();
    } else if (message.kind === "cell") {
      const key = String(message.at);
      const old = this.cells.get(key);
      if (old?.serial >= message.serial) return;
      if (old?.url) URL.revokeObjectURL(old.url);
      const url = buffers[0]?.byteLength ? urlOf(buffers[0]) : "";
      this.cells.set(key, { ...message, url });
      this.learn(key, Boolean(message.failure));
      for (const view of this.views) view.drawCell(key);
    } else if (message.kind === "large") {
      for (const view of this.views) view.drawLarge(message, buffers[0]);
    }
  }

  learn(key, failed) {
    this.known.add(key);
    if (failed) this.failed.add(key);
    else this.failed.delete(key);
  }

  /** Request a cell that Python has and that was not received; requests are batched. */
  want(key) {
    if (!this.known.has(key) || this.cells.has(key) || this.asked.has(key)) return;
    this.asked.add(key);
    this.wanted.add(key);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const cells = [...this.wanted].map((wanted) => wanted.split(",").map(Number));
      this.wanted.clear();
      for (let i = 0; i < cells.length; i += BATCH) {
        this.send({ kind: "ask", cells: cells.slice(i, i + BATCH) });
      }
    }, 50);
  }

  end() {
    clearTimeout(this.timer);
    this.model.off("msg:custom", this.onMessage);
    for (const { url } of this.cells.values()) if (url) URL.revokeObjectURL(url);
  }
}
