// Draws the rows that Python lists; a row keeps its element, so that the focus stays on it.

import { fillIn, make, makeButton } from "../../_shared/dom.js";
import { keepKeys } from "../../_shared/keys.js";
import { liveState } from "../../_shared/live_state.js";

/** A titled list with buttons of these kinds in each row; returns its box and how to fill it. */
function makeList(model, title, kinds) {
  const labels = model.get("labels");
  const list = make("ul", "zimg-queue-list zimg-list");
  const box = make("div", "zimg-queue-box", {}, make("p", "zimg-queue-title", {}, title), list);
  const known = new Map();

  const makeRow = (id) => {
    const prompt = make("span", "zimg-queue-prompt");
    const detail = make("span", "zimg-queue-detail");
    const fill = make("span", "zimg-queue-fill zimg-progress-line");
    const buttons = kinds.map((kind) =>
      makeButton("zimg-flat-button zimg-queue-button", labels[kind], ({ currentTarget }) => {
        currentTarget.disabled = true; // pressed once is enough
        model.send({ kind, id });
      }),
    );
    const item = make("li", "zimg-queue-row", {}, prompt, detail, ...buttons, fill);
    return { item, prompt, detail, fill, buttons };
  };

  const draw = (rows) => {
    box.hidden = !rows.length;
    const left = new Set(rows.map((row) => row.id));
    for (const [id, row] of known) {
      if (left.has(id)) continue;
      const next = row.item.nextElementSibling ?? row.item.previousElementSibling;
      if (row.item.contains(document.activeElement)) next?.querySelector("button")?.focus();
      row.item.remove();
      known.delete(id);
    }
    rows.forEach((data, place) => {
      const row = known.get(data.id) ?? makeRow(data.id);
      known.set(data.id, row);
      const there = list.children[place];
      if (there !== row.item) list.insertBefore(row.item, there ?? null);
      row.prompt.textContent = data.prompt;
      row.prompt.title = data.prompt;
      row.detail.textContent = data.detail;
      row.fill.style.inlineSize = `${100 * (data.fraction ?? 0)}%`;
      kinds.forEach((kind, i) => {
        const name = fillIn(labels[`${kind}_this`], { prompt: data.prompt });
        row.buttons[i].setAttribute("aria-label", name);
        row.buttons[i].hidden = data.status === "more";
        if (data.status === "cancelling") row.buttons[i].disabled = true;
      });
    });
  };
  return { box, draw };
}

function render({ model, el }) {
  const labels = model.get("labels");
  const gone = new AbortController();
  const queued = makeList(model, labels.title, ["cancel"]);
  const interrupted = makeList(model, labels.interrupted, ["again", "dismiss"]);
  const root = make(
    "section", "zimg-queue", { "aria-label": labels.title }, queued.box, interrupted.box,
  );
  root.addEventListener("keydown", keepKeys);
  el.append(root);
  const draw = () => {
    queued.draw(live.rows);
    interrupted.draw(live.interrupted);
    root.hidden = !live.rows.length && !live.interrupted.length;
  };
  const live = liveState(model, gone.signal, { rows: [], interrupted: [] }, draw);
  draw();
  return () => gone.abort();
}

export default { render };
