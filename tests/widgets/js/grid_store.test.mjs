import assert from "node:assert/strict";
import test from "node:test";
import { Model } from "./page.mjs";
import { Store } from "../../../widgets/zimg_widgets/grid/store.js";

const bytes = new Uint8Array([1]);
const view = () => {
  const drawn = [];
  return { drawn, drawCell: (key) => drawn.push(key), drawAll: () => drawn.push("all"), drawLarge() {} };
};

test("a page says hello and learns which cells there are", () => {
  const model = new Model();
  const store = new Store(model);
  const shown = view();
  store.views.add(shown);
  assert.deepEqual(model.sent, [{ kind: "hello" }]);
  model.emit("msg:custom", { kind: "known", cells: [[0, 0, 0], [0, 0, 1]], failed: [[0, 0, 1]] }, []);
  assert.deepEqual([...store.known], ["0,0,0", "0,0,1"]);
  assert.deepEqual([...store.failed], ["0,0,1"]);
  assert.deepEqual(shown.drawn, ["all"]);
});

test("an older answer does not replace a newer cell", () => {
  const model = new Model();
  const store = new Store(model);
  model.emit("msg:custom", { kind: "cell", at: [0, 0, 0], serial: 2, caption: "new" }, [bytes]);
  model.emit("msg:custom", { kind: "cell", at: [0, 0, 0], serial: 1, caption: "old" }, [bytes]);
  assert.equal(store.cells.get("0,0,0").caption, "new");
});

test("a cell that failed and is drawn after all has not failed", () => {
  const model = new Model();
  const store = new Store(model);
  model.emit("msg:custom", { kind: "cell", at: [0, 0, 0], serial: 1, failure: "no room" }, [new Uint8Array()]);
  assert.equal(store.failed.size, 1);
  assert.equal(store.cells.get("0,0,0").url, "");
  model.emit("msg:custom", { kind: "cell", at: [0, 0, 0], serial: 2 }, [bytes]);
  assert.equal(store.failed.size, 0);
});

test("cells in sight are asked for once, a hundred in a message", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const model = new Model();
  const store = new Store(model);
  const cells = Array.from({ length: 130 }, (_, i) => [0, 0, i]);
  model.emit("msg:custom", { kind: "known", cells, failed: [] }, []);
  for (const cell of [...cells, ...cells]) store.want(String(cell));
  store.want("0,9,9"); // which Python has not got
  context.mock.timers.tick(50);
  const asked = model.sent.filter(({ kind }) => kind === "ask");
  assert.deepEqual(asked.map((message) => message.cells.length), [100, 30]);
});

test("a store that has ended hears nothing", () => {
  const model = new Model();
  const store = new Store(model);
  store.end();
  model.emit("msg:custom", { kind: "known", cells: [[0, 0, 0]], failed: [] }, []);
  assert.equal(store.known.size, 0);
});
