import assert from "node:assert/strict";
import test from "node:test";
import { Model } from "./page.mjs";
import { bytesOf, fillIn, listen, make, makeButton } from "../../../widgets/zimg_widgets/_shared/dom.js";

test("an element has its class, attributes and children", () => {
  const element = make("p", "zimg-note", { hidden: true, open: false, tabindex: 0 }, "text");
  assert.equal(element.className, "zimg-note");
  assert.deepEqual(element.attributes, { hidden: "", tabindex: "0" });
  assert.deepEqual(element.children, ["text"]);
});

test("a button is no submit button", () => {
  assert.equal(makeButton("", "Go", () => {}).attributes.type, "button");
});

test("a text is filled in as it is", () => {
  assert.equal(fillIn("{n} of {total}: {n}", { n: "$&", total: 3 }), "$& of 3: $&");
});

test("the bytes of a view are its own part of the buffer", () => {
  const { buffer } = new Uint8Array([1, 2, 3, 4]);
  assert.deepEqual([...bytesOf(new DataView(buffer, 1, 2))], [2, 3]);
  assert.equal(bytesOf(undefined).length, 0);
});

test("listeners are taken away when the view ends", () => {
  const model = new Model();
  const end = new AbortController();
  let calls = 0;
  listen(model, end.signal, { "change:a": () => (calls += 1), "change:b": () => (calls += 1) });
  model.emit("change:a");
  end.abort();
  model.emit("change:a");
  model.emit("change:b");
  assert.equal(calls, 1);
});
