// Looks after a form of ipywidgets: says its problem, ties notes to controls, keeps their keys.

import { listen, make, newId, whenInside } from "../_shared/dom.js";
import { keepKeys } from "../_shared/keys.js";

const CONTROLS = "input, select, textarea, button";

function tie(form) {
  for (const note of form.querySelectorAll(".zimg-field > .zimg-note")) {
    note.id ||= `zimg-note-${newId()}`;
    // A note belongs to all controls of its field, except in boxes that have notes of their own.
    for (const control of note.parentElement.querySelectorAll(CONTROLS)) {
      if (control.closest(".zimg-field") === note.parentElement) {
        if (control.getAttribute("aria-describedby") !== note.id) {
          control.setAttribute("aria-describedby", note.id);
        }
      }
    }
  }
}

function render({ model, el }) {
  const gone = new AbortController();
  const problem = make("div", "zimg-problem", { role: "alert" });
  const restored = make("div", "zimg-restored", { role: "status" });
  el.append(problem, restored);
  const show = () => {
    problem.textContent = model.get("problem");
    problem.hidden = !problem.textContent;
  };
  const showRestored = () => {
    const { message = "", lines = [] } = model.get("restored");
    restored.replaceChildren();
    if (message) restored.append(make("p", "", {}, message));
    if (lines.length) restored.append(make("ul", "", {}, ...lines.map((l) => make("li", "", {}, l))));
    restored.hidden = !message;
  };
  show();
  showRestored();
  listen(model, gone.signal, {
    "change:problem": () => {
      show();
      // The button that was pressed may stand at the edge of what is in sight.
      if (!problem.hidden) problem.scrollIntoView({ block: "nearest" });
    },
    "change:restored": showRestored,
  });

  // Fields come and go after this is drawn, each in its own time.
  whenInside(el, ".zimg-form", gone.signal, (form) => {
    const watcher = new MutationObserver(() => tie(form));
    watcher.observe(form, { childList: true, subtree: true });
    gone.signal.addEventListener("abort", () => watcher.disconnect());
    form.addEventListener("keydown", keepKeys, { signal: gone.signal });
    tie(form);
  });
  return () => gone.abort();
}

export default { render };
