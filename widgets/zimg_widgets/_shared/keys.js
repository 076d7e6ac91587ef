// Keys that are typed in a control and must not be commands of JupyterLab.

const isCommand = (event) => event.ctrlKey || event.metaKey || event.altKey;

/** Keep plain keys and Enter; Escape, the way out to the notebook, and commands go through. */
export function keepKeys(event) {
  if (event.key !== "Escape" && (!isCommand(event) || event.key === "Enter")) {
    event.stopPropagation();
  }
}

/**
 * Claim plain keys, and Ctrl+Z where undo is the control's own, that are typed inside root.
 * JupyterLab looks at the document for its shortcuts, so this is settled before, at the window.
 */
export function claimKeys(root, signal, undoes = true) {
  const claim = (event) => {
    const undo = undoes && event.key.toLowerCase() === "z" && !event.altKey;
    const ours = root.contains(event.target) && (!isCommand(event) || undo);
    root.toggleAttribute("data-lm-suppress-shortcuts", ours);
  };
  window.addEventListener("keydown", claim, { capture: true, signal });
}
