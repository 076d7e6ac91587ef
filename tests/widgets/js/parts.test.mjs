import assert from "node:assert/strict";
import test from "node:test";
import "./page.mjs";
import { sharedStart, unitsOf } from "../../../widgets/zimg_widgets/prompt_box/findings.js";
import { answerOf } from "../../../widgets/zimg_widgets/rating/widget.js";
import { textWithoutPicture } from "../../../widgets/zimg_widgets/studio/stage/widget.js";

test("positions count characters, as Python does", () => {
  const at = unitsOf("a😀b");
  assert.deepEqual([0, 1, 2, 3, 9].map(at), [0, 1, 3, 4, 4]);
});

test("the start that two texts share", () => {
  assert.equal(sharedStart("red circle", "red square"), 4);
  assert.equal(sharedStart("", "red"), 0);
  assert.equal(sharedStart("red", "red"), 3);
});

const key = (key, code = "") => ({ key, code });

test("digits answer with stars, whatever the layout", () => {
  assert.equal(answerOf(key("3"), "stars"), 3);
  assert.equal(answerOf(key("\"", "Digit3"), "stars"), 3);
  assert.equal(answerOf(key("End", "Numpad1"), "stars"), 1);
  assert.equal(answerOf(key("6", "Digit6"), "stars"), null);
});

test("arrows and = answer about pairs", () => {
  assert.equal(answerOf(key("ArrowLeft"), "pairs"), "left");
  assert.equal(answerOf(key("ArrowRight"), "pairs"), "right");
  assert.equal(answerOf(key("0", "Equal"), "pairs"), "tie");
  assert.equal(answerOf(key("=", "NumpadEqual"), "pairs"), "tie");
  assert.equal(answerOf(key("a"), "pairs"), null);
});

test("without a picture yet, the stage says whether one is being drawn", () => {
  const labels = { drawing: "drawn", empty: "here" };
  const said = ["idle", "queued", "loading", "running", "done"].map((status) => textWithoutPicture(status, labels));
  assert.deepEqual(said, ["here", "drawn", "drawn", "drawn", "here"]);
});
