// Names the Studio, or the Editor, for screen readers and keeps its keys from being commands of JupyterLab.

function keep(event) {
  // Escape goes through: it is how one leaves for the notebook.
  const command = event.ctrlKey || event.metaKey || event.altKey;
  if (event.key !== "Escape" && (!command || event.key === "Enter")) event.stopPropagation();
}

export default {
  render({ model, el }) {
    let panel = null;
    let frame = 0;
    const begin = () => {
      panel = el.closest(".zimg-studio, .zimg-editor");
      if (!panel) {
        frame = requestAnimationFrame(begin);
        return;
      }
      panel.setAttribute("role", "region");
      panel.setAttribute("aria-label", model.get("labels").title);
      panel.addEventListener("keydown", keep);
    };
    begin();
    return () => {
      cancelAnimationFrame(frame);
      panel?.removeEventListener("keydown", keep);
    };
  },
};
