// Shows one picture or two, takes the answer by key or button, and sends it to Python.
const STARS = ["1", "2", "3", "4", "5"];
const PAIRS = ["left", "tie", "right"];
const ARROWS = { left: "←", tie: "=", right: "→" };

function make(tag, className, text = "", attributes = {}) {
  const element = document.createElement(tag);
  element.className = className;
  if (text) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function makeButton(className, text, onClick) {
  const button = make("button", className, text, { type: "button" });
  button.addEventListener("click", onClick);
  return button;
}

/** The answer that a key stands for; by its place too, for layouts and input methods. */
function answerOf(event, kind) {
  if (kind === "pairs") {
    const known = { ArrowLeft: "left", ArrowRight: "right", "=": "tie", Equal: "tie" };
    return known[event.key] ?? known[event.code] ?? (event.code === "NumpadEqual" ? "tie" : null);
  }
  const digit = /^[1-5]$/.exec(event.key) ?? /^(?:Digit|Numpad)([1-5])$/.exec(event.code);
  return digit ? Number(digit.at(-1)) : null;
}

const isPlain = (event) => !event.ctrlKey && !event.altKey && !event.metaKey;
const isUndo = (event) => event.key.toLowerCase() === "u" || event.key === "Backspace";

export default {
  render({ model, el }) {
    const labels = model.get("labels");
    const kind = model.get("kind");
    let waiting = true; // for Python's next question and its pictures
    let acted = false; // so that the keyboard stays here, but is not taken unasked
    let before; // the phase that was drawn last
    let urls = [];
    let patience;

    const root = make("div", `zimg-rate zimg-rate-${kind}`, "", {
      role: "group",
      tabindex: "0",
      "aria-label": labels.title,
    });
    const question = make("p", "zimg-rate-question", model.get("question"));
    const status = make("p", "zimg-rate-status", "", { role: "status" });
    const head = make("div", "zimg-rate-head");
    head.append(question, status);
    const bar = make("progress", "zimg-rate-progress", "", { "aria-hidden": "true" });
    const error = make("p", "zimg-rate-error", "", { role: "alert" });
    const alts = kind === "pairs" ? ["left_picture", "right_picture"] : ["the_picture"];
    const images = alts.map((name) => make("img", "zimg-rate-image", "", { alt: labels[name] }));
    const stage = make("div", "zimg-rate-stage");
    stage.append(...images);

    const answers = make("div", "zimg-rate-answers");
    for (const value of kind === "pairs" ? PAIRS : STARS) {
      const said = kind === "pairs" ? value : Number(value);
      const button = makeButton("zimg-rate-answer", "", () => send("answer", { value: said }));
      const key = make("kbd", "zimg-rate-key", ARROWS[value] ?? value);
      button.append(key, make("span", "", labels[value]));
      answers.append(button);
    }

    const undo = makeButton("zimg-rate-undo", "", () => send("undo"));
    undo.append(make("kbd", "zimg-rate-key", "U"), make("span", "", labels.undo));
    const rater = make("span", "zimg-rate-rater");
    const change = makeButton("zimg-rate-change", labels.change, () => send("leave"));
    const foot = make("div", "zimg-rate-foot");
    foot.append(undo, rater, change);

    const names = make("div", "zimg-rate-names");
    const field = make("input", "zimg-rate-name", "", { maxlength: "60", autocomplete: "off" });
    const enter = () => send("rater", { name: field.value });
    if (model.get("raters").length) {
      names.append(make("span", "", labels.name));
      for (const name of model.get("raters")) {
        names.append(makeButton("zimg-rate-answer", name, () => send("rater", { name })));
      }
    } else {
      const asked = make("label", "", labels.name);
      asked.append(field);
      names.append(asked, makeButton("zimg-rate-answer", labels.start, enter));
    }
    field.addEventListener("keydown", (event) => {
      // Enter that ends a word of an input method is not meant for us.
      if (event.key === "Enter" && !event.isComposing) enter();
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
      urls = images.map((_, i) => {
        const bytes = model.get(i ? "right" : "left");
        return URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
      });
      images.forEach((image, i) => (image.src = urls[i]));
      // An answer counts once the pictures can be seen.
      await Promise.allSettled(images.map((image) => image.decode()));
    }

    async function draw() {
      clearTimeout(patience);
      const task = model.get("task");
      const { phase, turn, done, total } = task;
      const fill = (text) =>
        text.replace("{done}", String(Math.min(done + 1, total))).replace("{total}", String(total));
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

    // Plain keys are ours, else JupyterLab takes 1 to 5 for headings; Ctrl+S and the like are
    // its own. It looks at the document, so this is settled before, at the window.
    const claim = (event) => {
      const ours = root.contains(event.target) && isPlain(event);
      root.toggleAttribute("data-lm-suppress-shortcuts", ours);
    };
    window.addEventListener("keydown", claim, true);

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

    root.append(head, bar, names, stage, answers, error, foot);
    el.append(root);
    draw();
    model.on("change:task", draw);
    return () => {
      clearTimeout(patience);
      window.removeEventListener("keydown", claim, true);
      model.off("change:task", draw);
      forget();
    };
  },
};
