// The versions of the picture that is shown large: a button that opens their tree.

import { make, makeButton } from "../_shared/dom.js";
import { makeVersions } from "../versions/list.js";

// on: { send(content), open(id) }
export function makeLargeVersions(labels, on) {
  const list = makeVersions(labels, {
    ask: (ids) => on.send({ kind: "version_small", ids }),
    activate: (id) => on.open(id),
    clicked: (id) => on.open(id),
  });
  const box = make("div", "zimg-large-versions", { hidden: "" }, list.root);
  const button = makeButton("zimg-button", labels.versions, () => toggle(box.hidden), {
    "aria-expanded": "false", hidden: "",
  });
  let name = "";

  function toggle(shown) {
    box.hidden = !shown;
    button.setAttribute("aria-expanded", String(shown));
    if (shown) on.send({ kind: "versions", name });
  }

  return {
    box,
    button,
    /** Another picture is shown; the tree stays open as long as there is one. */
    of(picture, any) {
      name = picture;
      button.hidden = !any;
      if (!any) toggle(false);
      else if (!box.hidden) toggle(true);
    },
    take({ name: answered, rows }) {
      if (answered !== name || box.hidden) return;
      list.draw(rows);
      const current = rows.find((row) => row.current)?.id;
      list.select(current);
      const held = list.root.contains(document.activeElement);
      const item = list.root.querySelector("[aria-current]");
      if (held) item?.focus();
      else item?.scrollIntoView({ block: "nearest" });
    },
    put: list.put,
    stop: list.stop,
  };
}
