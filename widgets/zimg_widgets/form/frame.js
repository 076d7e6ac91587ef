// Looks after a form of ipywidgets: says its problem, ties notes to controls, keeps their keys.

const CONTROLS = "input, select, textarea, button";

// Each form loads this module anew, so that it cannot count the notes of a page.
const newId = () => `zimg-note-${Math.random().toString(36).slice(2)}`;

function tie(form) {
  for (const note of form.querySelectorAll(".zimg-field > .zimg-note")) {
    note.id ||= newId();
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

function keep(event) {
  // JupyterLab takes single letters, arrows and Enter on a list or a button for commands on
  // cells. Escape goes through: it is how one leaves for the notebook.
  const command = event.ctrlKey || event.metaKey || event.altKey;
  if (event.key !== "Escape" && (!command || event.key === "Enter")) event.stopPropagation();
}

function render({ model, el }) {
  const said = document.createElement("div");
  said.className = "zimg-problem";
  said.setAttribute("role", "alert");
  el.append(said);
  const show = () => {
    said.textContent = model.get("problem");
    said.hidden = !said.textContent;
  };
  show();
  model.on("change:problem", show);

  // Fields come and go after this is drawn, each in its own time.
  let form = null;
  let frame = 0;
  const watcher = new MutationObserver(() => tie(form));
  const begin = () => {
    form = el.closest(".zimg-form");
    if (!form) {
      frame = requestAnimationFrame(begin);
      return;
    }
    form.addEventListener("keydown", keep);
    watcher.observe(form, { childList: true, subtree: true });
    tie(form);
  };
  begin();
  return () => {
    cancelAnimationFrame(frame);
    watcher.disconnect();
    form?.removeEventListener("keydown", keep);
    model.off("change:problem", show);
  };
}

export default { render };
