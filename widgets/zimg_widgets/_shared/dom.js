// Elements, and small things that all controls need.

export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** A text with its {names} filled in. */
export const fillIn = (template, words) =>
  template.replace(/\{(\w+)\}/g, (_, name) => words[name]);

/** A name that no other view has, also in another page. */
export const newId = () => Math.random().toString(36).slice(2);

/** An element with attributes (true: there without a value; false: absent) and children. */
export function make(tag, className = "", attributes = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

export function makeButton(className, text, onClick, attributes = {}) {
  const button = make("button", className, { type: "button", ...attributes }, text);
  button.addEventListener("click", onClick);
  return button;
}

/** The bytes of a binary trait, which arrives as a DataView. */
export const bytesOf = (view) =>
  view ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array();

/** An address of picture bytes, to be revoked when they are not shown any more. */
export const urlOf = (bytes, type = "image/jpeg") =>
  URL.createObjectURL(new Blob([bytes], { type }));

/** Call listeners on events of a model until the signal aborts. */
export function listen(model, signal, listeners) {
  for (const [event, listener] of Object.entries(listeners)) {
    model.on(event, listener);
    signal.addEventListener("abort", () => model.off(event, listener));
  }
}

/** Call with the element around el that fits, which may be there only some frames later. */
export function whenInside(el, selector, signal, begin) {
  let frame = 0;
  const look = () => {
    const found = el.closest(selector);
    if (found) begin(found);
    else frame = requestAnimationFrame(look);
  };
  look();
  signal.addEventListener("abort", () => cancelAnimationFrame(frame));
}
