// Shows one picture or two, takes the answer by key or button, and sends it to Python.

import { fillIn, listen, make, makeButton, urlOf } from "../_shared/dom.js";
import { claimKeys } from "../_shared/keys.js";

const STARS = ["1", "2", "3", "4", "5"];
const PAIRS = ["left", "tie", "right"];
const ARROWS = { left: "←", tie: "=", right: "→" };

/** The answer that a key stands for; by its place too, for layouts and input methods. */
export function answerOf(event, kind) {
  if (kind === "pairs") {
    const known = { ArrowLeft: "left", ArrowRight: "right", "=": "tie", Equal: "tie" };
    return known[event.key] ?? known[event.code] ?? (event.code === "NumpadEqual" ? "tie" : null);
  }
  const digit = /^[1-5]$/.exec(event.key) ?? /^(?:Digit|Numpad)([1-5])$/.exec(event.code);
  return digit ? Number(digit.at(-1)) : null;
}

const isPlain = (event) => !event.ctrlKey && !event.altKey && !event.metaKey;
const isUndo = (event) => event.key.toLowerCase() === "u" || event.key === "Backspace";

function render({ model, el }) {
  const labels = model.get("labels");
  const kind = model.get("kind");
  const gone = new AbortController();
  let waiting = true; // for Python's next question and its pictures
  let acted = false; // so that the keyboard stays here, but is not taken unasked
  let before; // the phase that was drawn last
  let urls = [];
  let patience;

  const question = make("p", "zimg-rate-question", {}, model.get("question"));
  const status = make("p", "zimg-rate-status", { role: "status" });
  const head = make("div", "zimg-rate-head", {}, question, status);
  const bar = make("progress", "zimg-rate-progress", { "aria-hidden": "true" });
  const error = make("p", "zimg-rate-error", { role: "alert" });
  const alts = kind === "pairs" ? ["left_picture", "right_picture"] : ["the_picture"];
  const images = alts.map((name) => make("img", "zimg-rate-image", { alt: labels[name] }));
  const stage = make("div", "zimg-rate-stage", {}, ...images);

  /** A button with the key that does the same. */
  const keyed = (name, key, text, onClick) => {
    const button = makeButton(`zimg-button ${name}`, "", onClick);
    button.replaceChildren(make("kbd", "zimg-rate-key", {}, key), make("span", "", {}, text));
    return button;
  };
  const values = kind === "pairs" ? PAIRS : STARS;
  const answers = make("div", "zimg-rate-answers", {}, ...values.map((value) => {
    const answer = { value: kind === "pairs" ? value : Number(value) };
    const key = ARROWS[value] ?? value;
    return keyed("zimg-rate-answer", key, labels[value], () => send("answer", answer));
  }));
  const undo = keyed("zimg-rate-undo", "U", labels.undo, () => send("undo"));
  const rater = make("span", "zimg-rate-rater");
  const change = makeButton("zimg-button zimg-rate-change", labels.change, () => send("leave"));
  const foot = make("div", "zimg-rate-foot", {}, undo, rater, change);

  const nameButton = (text, nameOf) =>
    makeButton("zimg-button zimg-rate-answer", text, () => send("rater", { name: nameOf() }));
  const field = make("input", "zimg-rate-name", { maxlength: "60", autocomplete: "off" });
  const enter = nameButton(labels.start, () => field.value);
  const named = model.get("raters").map((name) => nameButton(name, () => name));
  const names = make("div", "zimg-rate-names", {}, ...(
    named.length
      ? [make("span", "", {}, labels.name), ...named]
      : [make("label", "", {}, labels.name, field), enter]
  ));
  const root = make(
    "div", `zimg-rate zimg-rate-${kind} zimg-card`,
    { role: "group", tabindex: "0", "aria-label": labels.title },
    head, bar, names, stage, answers, error, foot,
  );
  field.addEventListener("keydown", (event) => {
    // Enter that ends a word of an input method is not meant for us.
    if (event.key === "Enter" && !event.isComposing) enter.click();
  });

  function wait(now) {
    waiting = now;
    answers.setAttribute("aria-busy", String(now));
  }

  function send(what, more = {}) {
    if (waiting) return;
    wait(true);
    acted = true;
    patience = setTimeout(() => (status.textContent = labels.busy), 2000);
    try {
      model.send({ kind: what, turn: model.get("task").turn, ...more });
    } catch {
      error.textContent = labels.gone;
    }
  }

  function forget() {
    urls.forEach((url) => URL.revokeObjectURL(url));
    urls = [];
  }

  async function showPictures() {
    forget();
    urls = images.map((_, i) => urlOf(model.get(i ? "right" : "left")));
    images.forEach((image, i) => (image.src = urls[i]));
    // An answer counts once the pictures can be seen.
    await Promise.allSettled(images.map((image) => image.decode()));
  }

  async function draw() {
    clearTimeout(patience);
    const task = model.get("task");
    const { phase, turn, done, total } = task;
    const fill = (text) => fillIn(text, { done: Math.min(done + 1, total), total });
    wait(true);
    names.hidden = phase !== "name";
    answers.hidden = stage.hidden = question.hidden = phase !== "ask";
    head.hidden = bar.hidden = foot.hidden = phase === "name";
    change.hidden = model.get("raters").length === 1;
    rater.textContent = task.rater;
    error.textContent = task.error;
    undo.setAttribute("aria-disabled", String(done === 0));
    bar.max = total;
    bar.value = done;
    status.textContent = phase === "name" ? "" : fill(labels[phase === "ask" ? "progress" : "done"]);
    // What had the focus may be hidden now; the keyboard must go on.
    if (acted && phase !== before) {
      const first = phase === "name" ? names.querySelector("input, button") : root;
      first.focus({ preventScroll: true });
    }
    before = phase;
    if (phase === "ask") await showPictures();
    else forget();
    if (model.get("task").turn === turn) wait(false);
  }

  // Else JupyterLab takes 1 to 5 for headings.
  claimKeys(root, gone.signal, false);
  root.addEventListener("keydown", (event) => {
    if (!isPlain(event) || event.target === field || model.get("task").phase === "name") return;
    const value = model.get("task").phase === "ask" ? answerOf(event, kind) : null;
    if (value === null && !isUndo(event)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat) return; // a key held down is one answer
    if (value === null) send("undo");
    else send("answer", { value });
  });

  el.append(root);
  draw();
  listen(model, gone.signal, { "change:task": draw });
  return () => {
    clearTimeout(patience);
    gone.abort();
    forget();
  };
}

export default { render };
