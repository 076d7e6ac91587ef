// Names the Studio, or the Editor, for screen readers, keeps its keys, and brings it into view.

import { listen, whenInside } from "./dom.js";
import { keepKeys } from "./keys.js";

export default {
  render({ model, el }) {
    const gone = new AbortController();
    const { signal } = gone;
    whenInside(el, ".zimg-studio, .zimg-editor", signal, (panel) => {
      panel.setAttribute("role", "region");
      panel.setAttribute("aria-label", model.get("labels").title);
      panel.addEventListener("keydown", keepKeys, { signal });
      listen(model, signal, {
        "msg:custom": ({ kind }) => {
          if (kind === "reveal") reveal(model, panel);
          // The label with the sentence gets its text from another model, so a moment later.
          if (kind === "problem") requestAnimationFrame(() => showProblem(panel));
        },
      });
      send(model, "look"); // it may have been wanted before it was drawn
    });
    return () => gone.abort();
  },
};

function reveal(model, panel) {
  const { top, height } = panel.getBoundingClientRect();
  if (!height) return; // it is in a part of the page that is not shown
  const whole = height <= window.innerHeight;
  if (top < 0 || top > window.innerHeight / 4 || whole) {
    panel.scrollIntoView({ block: whole ? "nearest" : "start" });
  }
  panel.tabIndex = -1; // only now: a click beside its controls shall not give it the focus
  panel.style.outline = "none"; // a panel is no control: the next Tab goes into it
  panel.focus({ preventScroll: true });
  panel.addEventListener("blur", () => panel.removeAttribute("tabindex"), { once: true });
  send(model, "revealed");
}

// The button that was pressed may stand at the edge of what is in sight.
function showProblem(panel) {
  const problem = panel.querySelector(".zimg-editor-problem");
  problem?.setAttribute("role", "alert");
  problem?.scrollIntoView({ block: "nearest" });
}

function send(model, kind) {
  try {
    model.send({ kind });
  } catch {
    // There is no kernel, and nothing to be revealed.
  }
}
