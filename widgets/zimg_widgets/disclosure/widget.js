// A button that says whether what follows it is shown; the style sheet does the hiding.

function render({ model, el }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "zimg-disclosure";
  el.append(button);

  const show = () => {
    button.textContent = model.get("label");
    button.setAttribute("aria-expanded", String(model.get("expanded")));
  };
  const toggle = () => {
    model.set("expanded", !model.get("expanded"));
    model.save_changes();
  };
  const keep = (event) => {
    if (event.key === "Enter" || event.key === " ") event.stopPropagation();
  };
  button.addEventListener("click", toggle);
  button.addEventListener("keydown", keep);
  show();
  model.on("change:label", show);
  model.on("change:expanded", show);
  return () => {
    model.off("change:label", show);
    model.off("change:expanded", show);
  };
}

export default { render };
