// A text field of several lines; Ctrl+Enter or Cmd+Enter sends its text to the kernel.

import { listen, make, newId } from "../_shared/dom.js";
import { claimKeys } from "../_shared/keys.js";
import { makeFindings, makeUnderlines } from "./findings.js";

const PAUSE = 150; // milliseconds without a key until the kernel hears what was typed

function render({ model, el }) {
  const id = `zimg-prompt-${newId()}`;
  const label = make("label", "", { for: id });
  const field = make("textarea", "", { id, "aria-describedby": `${id}-hint` });
  const hint = make("div", "zimg-hint", { id: `${id}-hint` });
  field.spellcheck = false;

  let timer = 0;
  const tell = () => {
    clearTimeout(timer);
    timer = 0;
    if (model.get("value") !== field.value) {
      // A message, not a change of state: those are held back while an earlier one is under
      // way, and would come after the click on a button that means what was typed.
      model.set("value", field.value);
      model.send({ kind: "typed", value: field.value });
    }
  };
  const mend = (text) => {
    field.focus();
    field.select();
    // As if it had been typed, so that Ctrl+Z takes it back.
    if (!document.execCommand("insertText", false, text)) field.value = text;
    tell();
  };
  const underlines = makeUnderlines(field);
  const findings = makeFindings(model, field, mend);
  const underline = () => {
    const shown = model.get("findings_shown") || {};
    underlines.draw(shown.findings || [], shown.prompt || "");
  };
  el.classList.add("zimg-prompt");
  const both = make("div", "zimg-prompt-field", {}, underlines.element, field);
  el.append(label, both, findings.element, hint);

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(tell, PAUSE);
    underline();
  });
  field.addEventListener("blur", tell);
  const gone = new AbortController();
  claimKeys(findings.element, gone.signal);
  field.addEventListener("keydown", (event) => {
    // JupyterLab would run the cell on Ctrl+Enter, and take single letters for commands.
    event.stopPropagation();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      event.preventDefault();
      tell();
      model.send({ kind: "submit", value: field.value });
    }
  });

  const show = {
    value: () => {
      // What is being typed is newer than what the kernel knows.
      if (!timer && field.value !== model.get("value")) field.value = model.get("value");
      underline();
    },
    label: () => (label.textContent = model.get("label")),
    placeholder: () => (field.placeholder = model.get("placeholder")),
    rows: () => (field.rows = model.get("rows")),
    disabled: () => (field.disabled = model.get("disabled")),
    hint: () => (hint.textContent = model.get("hint") || model.get("labels").send),
    findings_shown: () => {
      findings.draw();
      underline();
    },
  };
  for (const [name, change] of Object.entries(show)) {
    change();
    listen(model, gone.signal, { [`change:${name}`]: change });
  }
  return () => {
    tell();
    gone.abort();
    underlines.end();
    findings.end();
  };
}

export default { render };
