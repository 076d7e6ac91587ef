// Names the Studio for screen readers and keeps its keys from being commands of JupyterLab.

function keep(event) {
  // Escape goes through: it is how one leaves for the notebook.
  const command = event.ctrlKey || event.metaKey || event.altKey;
  if (event.key !== "Escape" && (!command || event.key === "Enter")) event.stopPropagation();
}

export default {
  render({ model, el }) {
    let studio = null;
    let frame = 0;
    const begin = () => {
      studio = el.closest(".zimg-studio");
      if (!studio) {
        frame = requestAnimationFrame(begin);
        return;
      }
      studio.setAttribute("role", "region");
      studio.setAttribute("aria-label", model.get("labels").title);
      studio.addEventListener("keydown", keep);
    };
    begin();
    return () => {
      cancelAnimationFrame(frame);
      studio?.removeEventListener("keydown", keep);
    };
  },
};
