// Draws what Python says of the request that runs, and the finished picture with its facts.

import { bytesOf, fillIn, listen, make, makeButton, newId, urlOf } from "../../_shared/dom.js";
import { keepKeys } from "../../_shared/keys.js";
import { liveState } from "../../_shared/live_state.js";

/** Whether a request of this status is still to come to its end. */
export const isUnderway = (status) => ["queued", "loading", "running"].includes(status);

/** What stands in the place of a picture as long as there is none. */
export const textWithoutPicture = (status, labels) => (isUnderway(status) ? labels.drawing : labels.empty);

const typeOf = (bytes) => (bytes[0] === 0x89 ? "image/png" : "image/jpeg");

function render({ model, el }) {
  const labels = model.get("labels");
  const me = newId();
  const gone = new AbortController();
  const image = make("img", "zimg-stage-image", { hidden: true });
  const empty = make("p", "zimg-stage-empty", {}, labels.empty);
  const frame = make("div", "zimg-stage-frame", {}, image, empty);
  const fill = make("span", "zimg-stage-fill");
  const bar = make("div", "zimg-stage-bar", {
    role: "progressbar", "aria-label": labels.progress, "aria-valuemin": "0",
    "aria-valuemax": "100",
  }, fill);
  const text = make("p", "zimg-stage-status");
  const announcement = make("p", "zimg-visually-hidden", { role: "status" });
  const alert = make("p", "zimg-stage-alert zimg-problem", { role: "alert", hidden: true });
  const note = make("p", "zimg-stage-note");
  const caption = make("p", "zimg-stage-caption");
  const [use, edit, save] = ["use", "edit", "save"].map((kind) =>
    makeButton("zimg-flat-button zimg-stage-button", labels[kind], () => model.send({ kind, view: me })),
  );
  const buttons = make("div", "zimg-stage-buttons", {}, use, edit, save);
  const table = make("table", "zimg-stage-table");
  const summary = make("summary", "", {}, labels.facts);
  const details = make("details", "zimg-stage-facts", {}, summary, table);
  const root = make(
    "section", "zimg-stage", { "aria-label": labels.title },
    frame, bar, text, announcement, alert, note, caption, buttons, details,
  );
  root.addEventListener("keydown", keepKeys);
  el.append(root);

  let shown = null; // the bytes that the picture was made of
  let address = "";

  const showBytes = (data, alt) => {
    const bytes = bytesOf(data);
    if (shown !== data) {
      shown = data;
      URL.revokeObjectURL(address);
      address = urlOf(bytes, typeOf(bytes));
      image.src = address;
    }
    image.alt = alt;
  };

  const draw = () => {
    const { state, facts, preview, picture } = live;
    const running = isUnderway(state.status);
    const onTheWay = running && live.following && preview.byteLength > 0;
    const any = onTheWay || picture.byteLength > 0;
    if (onTheWay) showBytes(preview, fillIn(labels.preview, { prompt: state.prompt }));
    else if (any) showBytes(picture, facts.prompt);
    image.hidden = !any;
    empty.hidden = any;
    empty.textContent = textWithoutPicture(state.status, labels);
    const [width, height] = onTheWay
      ? [state.width, state.height]
      : [facts.width ?? 1, facts.height ?? 1];
    frame.style.setProperty("--zimg-ratio", `${width} / ${height}`);
    frame.style.setProperty("--zimg-width", `${width}px`);
    frame.classList.toggle("zimg-stage-waiting", running);
    bar.hidden = !running;
    const percent = Math.round(100 * (state.fraction ?? 0));
    fill.style.inlineSize = `${percent}%`;
    bar.setAttribute("aria-valuenow", percent);
    bar.setAttribute("aria-valuetext", state.text ?? "");
    text.textContent = state.text ?? "";
    text.hidden = !text.textContent;
    // Screen readers hear of the beginning and the end, and can ask the bar in between.
    if (announcement.textContent !== (state.announcement ?? "")) announcement.textContent = state.announcement ?? "";
    if (alert.textContent !== (state.error ?? "")) alert.textContent = state.error ?? "";
    alert.hidden = !alert.textContent;
    note.textContent = state.warning ?? "";
    note.hidden = !note.textContent;
    const finished = !onTheWay && picture.byteLength > 0;
    caption.textContent = finished ? facts.caption : "";
    for (const part of [caption, buttons, details]) part.hidden = !finished;
    edit.hidden = !model.get("editable");
  };

  // State and preview come in one message and are drawn once.
  let waiting = 0;
  const drawSoon = () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(draw);
  };

  const drawFacts = () => {
    const rows = (live.facts.rows ?? []).map(([name, value]) => {
      const cells = [make("th", "", { scope: "row" }, name), make("td", "", {}, value)];
      return make("tr", "", {}, ...cells);
    });
    table.replaceChildren(...rows);
    drawSoon();
  };

  const onMessage = (message, buffers) => {
    if (message.kind !== "file" || message.view !== me) return;
    const href = urlOf(bytesOf(buffers[0]), "image/png");
    make("a", "", { href, download: message.name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
  };

  const tell = (kind) => {
    try {
      model.send({ kind, view: me });
    } catch {
      // The kernel is gone; what was shown last stays.
    }
  };
  const leave = () => tell("gone");

  const kept = {
    state: { status: "idle" },
    preview: new DataView(new ArrayBuffer(0)),
    picture: model.get("kept_picture"),
    facts: model.get("kept_facts"),
    following: true,
  };
  const live = liveState(model, gone.signal, kept, (names) =>
    names.has("facts") ? drawFacts() : drawSoon(),
  );
  drawFacts();
  draw();
  listen(model, gone.signal, {
    "change:editable": drawSoon,
    "msg:custom": onMessage,
  });
  window.addEventListener("pagehide", leave, { signal: gone.signal });
  tell("here");

  return () => {
    gone.abort();
    leave();
    cancelAnimationFrame(waiting);
    URL.revokeObjectURL(address);
  };
}

export default { render };
