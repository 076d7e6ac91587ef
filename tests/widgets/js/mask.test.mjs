import assert from "node:assert/strict";
import test from "node:test";
import "./page.mjs";
import { Mask } from "../../../widgets/zimg_widgets/mask/canvas.js";
import { History } from "../../../widgets/zimg_widgets/mask/history.js";

const stroke = (samples, erase = false) => ({ by: 1, erase, waiting: samples });
const sample = (x, y, size = 4) => ({ x, y, size });

test("a tap paints a dot, and says what it changed", () => {
  const mask = new Mask(10, 10);
  const [changed] = mask.draw(stroke([sample(5, 5)]));
  assert.deepEqual(mask.context.calls.map(([name]) => name), ["beginPath", "arc", "fill"]);
  assert.deepEqual(changed, { left: 2, top: 2, right: 8, bottom: 8 });
  assert.equal(mask.context.globalCompositeOperation, "source-over");
});

test("a stroke bends towards its samples and ends at the last", () => {
  const mask = new Mask(20, 20);
  const painted = stroke([sample(0, 0), sample(8, 0), sample(8, 8)]);
  mask.draw(painted);
  assert.deepEqual(painted.waiting, []);
  mask.finish(painted);
  const curves = mask.context.calls.filter(([name]) => name === "quadraticCurveTo");
  assert.deepEqual(curves.slice(0, 2), [
    ["quadraticCurveTo", 0, 0, 4, 0],
    ["quadraticCurveTo", 8, 0, 8, 4],
  ]);
  assert.deepEqual(curves.at(-1), ["quadraticCurveTo", 8, 8, 8, 8]);
});

test("the rubber is a little wider than the brush", () => {
  const mask = new Mask(10, 10);
  mask.draw(stroke([sample(5, 5)], true));
  assert.equal(mask.context.lineWidth, 6);
  assert.equal(mask.context.globalCompositeOperation, "destination-out");
});

test("fill, invert and clear change the share that is painted", () => {
  const mask = new Mask(4, 300); // more rows than are read at once
  assert.equal(mask.share(), 0);
  mask.cover("source-over");
  assert.equal(mask.share(), 1);
  mask.cover("xor");
  assert.equal(mask.share(), 0);
});

test("a faint edge alone is hardly anything, but not nothing", () => {
  const mask = new Mask(2, 2);
  mask.cover("destination-out");
  mask.context.alpha[0] = 20;
  assert.equal(mask.share(), Number.MIN_VALUE);
  mask.context.alpha[0] = 15;
  assert.equal(mask.share(), 0);
  mask.context.alpha[0] = 128;
  assert.equal(mask.share(), 0.25);
});

/** A history over a mask that is only a number, packed as one byte. */
function numbers(t, first = 0) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const sent = [];
  const mask = {
    value: first,
    take: async () => ({ png: new Uint8Array([mask.value]), share: mask.value / 100 }),
    load: async (png) => (mask.value = png[0]),
    share: () => mask.value / 100,
  };
  const history = new History(mask, new Uint8Array([first]), {
    drawn() {}, steps() {}, share() {}, tooBig: () => sent.push("too big"),
    send: (png) => sent.push(png[0]),
  });
  const set = (value) =>
    history.change(() => {
      mask.value = value;
      return [null];
    });
  return { history, mask, sent, set };
}

test("steps are undone and redone", async (t) => {
  const { history, mask, set } = numbers(t);
  set(1);
  set(2);
  await history.queue;
  history.go(-1);
  await history.queue;
  assert.deepEqual([mask.value, history.undoable, history.redoable], [1, true, true]);
  history.go(1);
  history.go(1); // there is no more
  await history.queue;
  assert.deepEqual([mask.value, history.redoable], [2, false]);
});

test("a change after an undo takes the place of what was undone", async (t) => {
  const { history, mask, set } = numbers(t);
  set(1);
  set(2);
  history.go(-1);
  await history.queue;
  set(3);
  history.go(-1);
  await history.queue;
  assert.equal(mask.value, 1);
  history.go(1);
  await history.queue;
  assert.equal(mask.value, 3);
});

test("fifty steps can be undone, no more", async (t) => {
  const { history, mask, set } = numbers(t);
  for (let i = 1; i <= 60; i += 1) set(i);
  await history.queue;
  for (let i = 0; i < 70; i += 1) history.go(-1);
  await history.queue;
  assert.equal(mask.value, 10);
});

test("what is painted during an undo comes after it", async (t) => {
  const { history, mask, set } = numbers(t);
  set(1);
  await history.queue;
  history.go(-1);
  set(5);
  assert.equal(mask.value, 1); // not yet
  await history.queue;
  assert.equal(mask.value, 5);
  history.go(-1);
  await history.queue;
  assert.equal(mask.value, 0);
});

test("Python gets the last of quick changes, and not what it has", async (t) => {
  const { history, sent, set } = numbers(t);
  set(1);
  set(2);
  await history.queue;
  t.mock.timers.tick(150);
  assert.deepEqual(sent, [2]);
  history.send();
  assert.deepEqual(sent, [2]);
});

test("a mask from Python is a step; an echo of one's own is not", async (t) => {
  const { history, mask } = numbers(t, 7);
  history.receive(new Uint8Array([7]));
  await history.queue;
  assert.equal(history.steps.length, 1);
  history.receive(new Uint8Array([8]));
  await history.queue;
  assert.deepEqual([mask.value, history.undoable], [8, true]);
});

test("a mask that no message can carry is not sent", async (t) => {
  const { history, sent } = numbers(t);
  history.remember(new Uint8Array(10 * 2 ** 20));
  history.send();
  assert.deepEqual(sent, ["too big"]);
});
