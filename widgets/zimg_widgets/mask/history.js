// The steps of a mask that can be undone; each is a whole mask as PNG.

const STEPS = 50; // that can be undone; mostly of a few kB
const SEND_EVERY = 150; // ms; also the longest that Python waits for a stroke that has ended
// Jupyter's server ends a connection that brings it a message of more than 10 MiB.
const MOST_BYTES = 9 * 2 ** 20;

const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

/**
 * Changes a mask step by step, and back. Packing and unpacking a PNG take time and must keep
 * their order: all of it goes through one queue.
 *
 * on: { drawn(rects), steps(), share(share), send(png), tooBig() }; a null among the rectangles
 * means all of the mask.
 */
export class History {
  at = 0; // the step that is shown
  loading = 0; // steps on their way into the mask; what is painted meanwhile waits
  timer = 0;
  queue = Promise.resolve();

  constructor(mask, png, on) {
    Object.assign(this, { mask, on, held: png, steps: [png] }); // held: what Python has
  }

  get undoable() {
    return this.at > 0;
  }

  get redoable() {
    return this.at < this.steps.length - 1;
  }

  enqueue(work) {
    this.queue = this.queue.then(work).catch((error) => console.error("MaskPainter:", error));
  }

  sendSoon() {
    this.timer ||= setTimeout(() => this.send(), SEND_EVERY);
  }

  send() {
    clearTimeout(this.timer);
    this.timer = 0;
    const png = this.steps[this.at];
    if (png === this.held) return;
    if (png.length > MOST_BYTES) {
      this.on.tooBig();
      return;
    }
    this.held = png;
    this.on.send(png);
  }

  remember(png) {
    this.steps = [...this.steps.slice(0, this.at + 1), png].slice(-STEPS - 1);
    this.at = this.steps.length - 1;
    this.on.steps();
  }

  /** Change the mask, after the loads under way, and keep the result as a step. */
  change(action) {
    const act = () => {
      this.on.drawn(action());
      return this.mask.take();
    };
    const taken = this.loading ? null : act();
    this.enqueue(async () => {
      const { png, share } = await (taken ?? act());
      this.remember(png);
      this.on.share(share);
      this.sendSoon();
    });
  }

  /** Load the mask that `choose` gives when its turn has come; by default the one shown. */
  load(choose = () => this.steps[this.at]) {
    this.loading += 1;
    this.enqueue(async () => {
      try {
        const png = choose();
        if (png) await this.mask.load(png);
      } finally {
        this.loading -= 1;
      }
      this.on.drawn([null]);
      this.on.steps();
      this.on.share(this.mask.share());
    });
  }

  /** Undo (-1) or redo (1). */
  go(by) {
    this.load(() => {
      if (!(this.at + by in this.steps)) return null;
      this.at += by;
      this.sendSoon();
      return this.steps[this.at];
    });
  }

  /** Take a mask from Python as a step, unless it is what was sent there. */
  receive(png) {
    if (same(png, this.held)) return;
    this.held = png;
    this.load(() => {
      this.remember(png);
      return png;
    });
  }

  /** Send what waits, after all work under way. */
  finish() {
    this.enqueue(() => this.timer && this.send());
  }
}
