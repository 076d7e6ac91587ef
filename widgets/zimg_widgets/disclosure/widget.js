// A button that says whether what follows it is shown; the style sheet does the hiding.

import { listen, makeButton } from "../_shared/dom.js";

function render({ model, el }) {
  const gone = new AbortController();
  const button = makeButton("zimg-disclosure", "", () => {
    model.set("expanded", !model.get("expanded"));
    model.save_changes();
  });
  button.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") event.stopPropagation();
  });
  el.append(button);
  const show = () => {
    button.textContent = model.get("label");
    button.setAttribute("aria-expanded", String(model.get("expanded")));
  };
  show();
  listen(model, gone.signal, { "change:label": show, "change:expanded": show });
  return () => gone.abort();
}

export default { render };
