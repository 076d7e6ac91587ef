// Makes elements; the first part of scripts that are joined from several files.

function make(tag, className = "", attributes = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function makeButton(className, text, onClick, attributes = {}) {
  const button = make("button", className, { type: "button", ...attributes }, text);
  button.addEventListener("click", onClick);
  return button;
}

const fillIn = (template, words) => template.replace(/\{(\w+)\}/g, (_, name) => words[name]);

// Keys that are typed inside root are its own: JupyterLab looks at the document for its shortcuts,
// so this is settled before, at the window. Ctrl+S and the like stay JupyterLab's.
function claimKeys(root, signal) {
  const claim = (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const undo = event.key.toLowerCase() === "z" && !event.altKey;
    const ours = root.contains(event.target) && (plain || undo);
    root.toggleAttribute("data-lm-suppress-shortcuts", ours);
  };
  window.addEventListener("keydown", claim, { capture: true, signal });
}
