// Draws the rows that Python reads, and tells it whether anybody can see them.

import { listen, make, newId } from "../_shared/dom.js";
import { tellWatching } from "../_shared/watching.js";

const PARTS = ["own", "others", "free"];

function makeRow() {
  const root = make("div", "zimg-memory-row");
  const label = make("span", "zimg-memory-label");
  const own = make("span", "zimg-memory-own");
  const others = make("span", "zimg-memory-others");
  const meter = { role: "meter", "aria-valuemin": "0" };
  const bar = make("div", "zimg-memory-bar", meter, own, others);
  const parts = PARTS.map((part) => make("li", `zimg-memory-part zimg-memory-part-${part}`));
  root.append(label, bar, make("ul", "zimg-memory-parts zimg-list", {}, ...parts));
  return { root, label, bar, own, others, parts };
}

function fillRow(row, data) {
  const gigabytes = (bytes) => (bytes / 1e9).toFixed(2);
  row.label.textContent = data.label;
  row.own.style.inlineSize = `${(100 * data.own) / data.total}%`;
  row.others.style.inlineSize = `${(100 * (data.used - data.own)) / data.total}%`;
  row.parts.forEach((part, i) => (part.textContent = data.parts[i]));
  row.bar.setAttribute("aria-label", data.name);
  row.bar.setAttribute("aria-valuemax", gigabytes(data.total));
  row.bar.setAttribute("aria-valuenow", gigabytes(data.used));
  row.bar.setAttribute("aria-valuetext", [data.label, ...data.parts].join(", "));
}

function render({ model, el }) {
  const labels = model.get("labels");
  const view = newId();
  const gone = new AbortController();
  const root = make("div", "zimg-memory", { role: "group", "aria-label": labels.title });
  const stale = make("span", "zimg-memory-stale", { role: "status" });
  let rows = [];
  let watching = false;
  let silence = 0;

  const expect = () => {
    clearTimeout(silence);
    root.classList.remove("zimg-memory-old");
    stale.textContent = "";
    if (!watching) return;
    const patience = Math.max(5, 4 * model.get("reading").every);
    silence = setTimeout(() => {
      root.classList.add("zimg-memory-old");
      stale.textContent = labels.stale;
    }, 1000 * patience);
  };

  const draw = () => {
    const data = model.get("reading").rows;
    if (data.length !== rows.length) {
      rows = data.map(makeRow);
      root.replaceChildren(...rows.map((row) => row.root), stale);
    }
    rows.forEach((row, i) => fillRow(row, data[i]));
    expect();
  };

  draw();
  el.append(root);
  listen(model, gone.signal, { "change:reading": draw });
  tellWatching(root, gone.signal, (now) => {
    try {
      model.send({ view, watching: now });
    } catch {
      // The kernel is gone; the bar soon says so.
    }
    if (now === watching) return;
    watching = now;
    expect();
  });
  return () => gone.abort();
}

export default { render };
