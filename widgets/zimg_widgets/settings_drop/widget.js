// The small area alone: a button, a hint, and a sentence about what became of the file.

import { make } from "../_shared/dom.js";
import { makeNotice, takeFiles } from "../_shared/file_drop.js";
import { claimKeys } from "../_shared/keys.js";

function render({ model, el }) {
  const gone = new AbortController();
  const labels = model.get("labels");
  const root = make("div", "zimg-restore", { role: "group", "aria-label": labels.drop });
  const { line, say } = makeNotice(model, gone.signal);
  const { button, input } = takeFiles({ model, zone: root, say, signal: gone.signal });
  const hint = make("span", "zimg-restore-hint", { "aria-hidden": "true" }, labels.or_drop);
  root.prepend(button, hint, input, line);
  claimKeys(root, gone.signal);
  el.append(root);
  return () => gone.abort();
}

export default { render };
