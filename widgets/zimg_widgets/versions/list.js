// A family of pictures as a tree of rows: thumbnails joined by lines, moved through by keys.

import { make, urlOf } from "../_shared/dom.js";

// on: { ask(ids), activate(id), chosen?(id), clicked?(id) }
export function makeVersions(labels, on) {
  const root = make("div", "zimg-versions-list", { role: "tree", "aria-label": labels.tree });
  const urls = new Map(); // of small pictures by id
  let rows = [];
  let items = new Map();
  let chosen = "";
  let wanted = new Set();
  let asking = 0;

  const sight = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      const { id } = target.dataset;
      if (isIntersecting && !urls.has(id)) wanted.add(id);
      else wanted.delete(id);
    }
    clearTimeout(asking);
    if (wanted.size) asking = setTimeout(() => on.ask([...wanted]), 60);
  });

  function drawRow(row, marked) {
    const item = make("div", "zimg-versions-row", {
      role: "treeitem", tabindex: "-1", "aria-level": row.level, "aria-posinset": row.place,
      "aria-setsize": row.places, "aria-selected": "false",
    });
    item.dataset.id = row.id;
    row.rails.forEach((goesOn, lane) => {
      const rail = make("span", "zimg-versions-rail");
      rail.classList.toggle("zimg-versions-on", goesOn);
      const own = row.joint === "branch" && lane === row.lane - 1;
      rail.classList.toggle("zimg-versions-elbow", own);
      item.append(rail);
    });
    const cell = make("span", "zimg-versions-cell");
    cell.classList.toggle("zimg-versions-above", row.joint === "chain");
    cell.classList.toggle("zimg-versions-under", Boolean(row.leads));
    const frame = make("span", "zimg-versions-frame");
    if (row.there) frame.append(make("img", "zimg-whole-picture", { alt: "", draggable: "false" }));
    else frame.append(make("span", "zimg-versions-missing", { "aria-hidden": "true" }, "?"));
    cell.append(frame);
    const badges = [];
    if (row.current) badges.push(labels.this);
    if (row.id === marked) badges.push(labels.marked);
    if (!row.there) badges.push(labels.gone);
    const words = make("span", "zimg-versions-words", {},
      make("span", "zimg-versions-label", {}, row.label),
      make("span", "zimg-versions-detail", {}, row.detail),
      ...badges.map((text) => make("span", "zimg-versions-badge", {}, text)),
    );
    item.append(cell, words);
    item.setAttribute("aria-label", [row.label, ...badges, row.detail].join(", "));
    if (row.current) item.setAttribute("aria-current", "true");
    const url = urls.get(row.id);
    if (url && row.there) item.querySelector("img").src = url;
    item.addEventListener("click", () => {
      choose(row.id, true);
      on.clicked?.(row.id);
    });
    item.addEventListener("dblclick", () => on.activate(row.id));
    return item;
  }

  function draw(newRows, marked = "") {
    const held = root.contains(document.activeElement);
    sight.disconnect();
    wanted = new Set();
    rows = newRows;
    items = new Map(rows.map((row) => [row.id, drawRow(row, marked)]));
    const scrolled = root.scrollTop;
    root.replaceChildren(...items.values());
    root.scrollTop = scrolled;
    for (const [id, url] of urls) {
      if (items.has(id)) continue;
      URL.revokeObjectURL(url);
      urls.delete(id);
    }
    for (const item of items.values()) if (!urls.has(item.dataset.id)) sight.observe(item);
    choose(items.has(chosen) ? chosen : rows.find((row) => row.current)?.id ?? rows[0]?.id, held);
  }

  /** Makes one version the chosen one; tells nobody. */
  function select(id) {
    if (!items.has(id)) return;
    chosen = id;
    for (const [name, item] of items) {
      item.tabIndex = name === id ? 0 : -1;
      item.setAttribute("aria-selected", String(name === id));
    }
  }

  function choose(id, focus = false) {
    if (!items.has(id)) return;
    const changed = id !== chosen;
    select(id);
    if (focus) items.get(id).focus();
    if (changed) on.chosen?.(id);
  }

  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const at = rows.findIndex((row) => row.id === chosen);
    const row = rows[at];
    if (!row) return;
    const child = rows[at + 1]?.parent === row.id ? rows[at + 1] : null;
    const to = {
      ArrowUp: rows[at - 1], ArrowDown: rows[at + 1], Home: rows[0], End: rows.at(-1),
      ArrowLeft: rows.find(({ id }) => id === row.parent), ArrowRight: child,
    };
    if (event.key in to) {
      if (to[event.key]) choose(to[event.key].id, true);
    } else if (event.key === "Enter" || event.key === " ") on.activate(row.id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  return {
    root,
    draw,
    select,
    put(id, buffer) {
      const item = items.get(id);
      if (!item) return;
      if (urls.has(id)) URL.revokeObjectURL(urls.get(id));
      urls.set(id, urlOf(buffer));
      sight.unobserve(item);
      wanted.delete(id);
      const image = item.querySelector("img");
      if (image) image.src = urls.get(id);
    },
    row: (id) => rows.find((row) => row.id === id),
    get chosen() {
      return chosen;
    },
    stop() {
      clearTimeout(asking);
      sight.disconnect();
      for (const url of urls.values()) URL.revokeObjectURL(url);
      urls.clear();
    },
  };
}
