// Names the Studio, or the Editor, for screen readers and keeps its keys from JupyterLab.

import { whenInside } from "./dom.js";
import { keepKeys } from "./keys.js";

export default {
  render({ model, el }) {
    const gone = new AbortController();
    whenInside(el, ".zimg-studio, .zimg-editor", gone.signal, (panel) => {
      panel.setAttribute("role", "region");
      panel.setAttribute("aria-label", model.get("labels").title);
      panel.addEventListener("keydown", keepKeys, { signal: gone.signal });
    });
    return () => gone.abort();
  },
};
