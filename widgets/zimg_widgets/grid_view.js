// Draws a grid of pictures: cells come one by one, and one of them can be seen large.

const BATCH = 100; // cells that are asked for at once
const PATIENCE = 8000; // ms until the small picture is said to be all there is
const TELL_EVERY = 500; // ms between two texts about progress, which are read aloud
const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

const fill = (text, words) => text.replace(/\{(\w+)\}/g, (_, name) => words[name]);
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const jpegUrl = (bytes) => URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));

/** An element with properties, attributes ("aria-…", "role", …) and children. */
const make = (tag, settings = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(settings)) {
    if (name in element && !name.includes("-")) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
};

/** What a page knows of one grid, in however many outputs it is shown. */
class Store {
  cells = new Map(); // "layer,row,column" to what Python has sent
  known = new Set(); // the cells that Python has
  failed = new Set();
  asked = new Set();
  wanted = new Set(); // to be asked for with the next message
  views = new Set();
  place = { scroll: [0, 0], at: [0, 0], open: false, focused: false }; // for a view drawn anew

  constructor(model) {
    this.model = model;
    this.heard = this.heard.bind(this);
    model.on("msg:custom", this.heard);
    this.send({ kind: "hello" });
  }

  send(message) {
    try {
      this.model.send(message);
    } catch {
      // The kernel is gone; what has arrived is still shown.
    }
  }

  heard(message, buffers) {
    if (message.kind === "known") {
      const failed = new Set(message.failed.map(String));
      for (const key of message.cells.map(String)) this.learn(key, failed.has(key));
      for (const view of this.views) view.drawAll();
    } else if (message.kind === "cell") {
      const key = String(message.at);
      const old = this.cells.get(key);
      if (old?.serial >= message.serial) return;
      if (old?.url) URL.revokeObjectURL(old.url);
      const url = buffers[0]?.byteLength ? jpegUrl(buffers[0]) : "";
      this.cells.set(key, { ...message, url });
      this.learn(key, Boolean(message.failure));
      for (const view of this.views) view.drawCell(key);
    } else if (message.kind === "large") {
      for (const view of this.views) view.drawLarge(message, buffers[0]);
    }
  }

  learn(key, failed) {
    this.known.add(key);
    if (failed) this.failed.add(key);
    else this.failed.delete(key);
  }

  /** Ask for a cell that Python has and that has not come; many together. */
  want(key) {
    if (!this.known.has(key) || this.cells.has(key) || this.asked.has(key)) return;
    this.asked.add(key);
    this.wanted.add(key);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const cells = [...this.wanted].map((wanted) => wanted.split(",").map(Number));
      this.wanted.clear();
      for (let i = 0; i < cells.length; i += BATCH) {
        this.send({ kind: "ask", cells: cells.slice(i, i + BATCH) });
      }
    }, 50);
  }

  end() {
    clearTimeout(this.timer);
    this.model.off("msg:custom", this.heard);
    for (const { url } of this.cells.values()) if (url) URL.revokeObjectURL(url);
  }
}

/** The elements of the grid; nothing is wired yet. */
const build = (model, words) => {
  const [rows, columns, layers] = ["rows", "columns", "layers"].map((name) => model.get(name));
  const [x, y, title] = ["x_label", "y_label", "title"].map((name) => model.get(name));
  const part = (tag, name, settings, ...more) =>
    make(tag, { className: `zimg-grid-${name}`, ...settings }, ...more);
  const button = () => part("button", "cell", { type: "button", tabIndex: -1 });
  const cells = rows.map(() => columns.map(button));
  const heading = (scope, name) =>
    make("th", { scope, title: name }, part("span", "name", {}, name));
  const corner = part("td", "corner");
  if (x) corner.append(part("span", "x", {}, `${x} →`));
  if (y) corner.append(part("span", "y", {}, `${y} ↓`));
  const axes = fill(words.axes, { x: x || words.columns, y: y || words.rows });
  const table = make(
    "table", {},
    part("caption", "hidden", {}, `${title || words.title}. ${axes} ${words.hint}`),
    make("thead", {}, make(
      "tr", {}, corner, ...columns.map((name) => heading("col", name)),
    )),
    make("tbody", {}, ...rows.map((name, row) => make(
      "tr", {}, heading("row", name),
      ...cells[row].map((cell) => make("td", {}, cell)),
    ))),
  );
  const scroller = part("div", "scroller", {}, table);
  const status = part("p", "status", { role: "status" });
  const total = rows.length * columns.length * layers.length;
  const bar = part("progress", "bar", { "aria-hidden": "true", max: total });
  const size = make("input", { type: "range", min: 48, max: 256, step: 8, title: words.size_title });
  const choice = make("select", {}, ...layers.map((name, i) => make("option", { value: i }, name)));
  const layer = make("label", { hidden: layers.length < 2 }, model.get("z_label") || words.layer, choice);
  const head = part(
    "div", "head", {}, part("p", "title", { "aria-hidden": "true" }, title), layer,
    make("label", {}, words.size, size), status,
  );
  const root = part("div", "root", { lang: model.get("language") }, head, bar, scroller);
  return { root, cells, scroller, table, corner, status, bar, size, choice };
};

/** The window over the page that shows one cell large. */
const buildLarge = (words) => {
  const button = (name, sign) =>
    make("button", { type: "button", title: words[name], "aria-label": words[name] }, sign);
  const heading = make("h2", { "aria-live": "polite" });
  const image = make("img", {});
  const note = make("p", { className: "zimg-grid-note", role: "status" });
  const caption = make("p", { className: "zimg-grid-remark" });
  const details = make("dl");
  const signs = { before: "←", after: "→", close: "✕" };
  const buttons = Object.fromEntries(
    Object.entries(signs).map(([name, sign]) => [name, button(name, sign)]),
  );
  const side = make("div", { className: "zimg-grid-details" }, note, caption, details);
  const bar = make("div", { className: "zimg-grid-bar" }, heading, ...Object.values(buttons));
  const body = make("div", { className: "zimg-grid-body" }, image, side);
  const dialog = make("dialog", { className: "zimg-grid-large" }, bar, body);
  return { dialog, heading, image, note, caption, details, buttons };
};

const render = (store, model, el) => {
  const words = model.get("labels");
  const [rows, columns, layers] = ["rows", "columns", "layers"].map((name) => model.get(name));
  const parts = build(model, words);
  const { root, cells, scroller, table } = parts;
  const large = buildLarge(words);
  const { dialog } = large;
  const { place } = store;
  const end = new AbortController();
  const on = (target, type, handler) =>
    target.addEventListener(type, handler, { signal: end.signal, capture: target === window });

  let at = place.at; // row and column that the keyboard is at
  let largeUrl = "";
  let [telling, patience] = [0, 0];
  const keyOf = (row, column) => [model.get("layer"), row, column].join();
  const whereIs = (row, column) => {
    const named = (label, name) => [label, name].filter(Boolean).join(" ");
    const z = named(model.get("z_label"), layers[model.get("layer")]);
    const [y, x] = [named(model.get("y_label"), rows[row]), named(model.get("x_label"), columns[column])];
    return [y, x, z].filter(Boolean).join(", ");
  };

  // --- the table ---

  const seen = new Set(); // buttons that are in sight
  const watcher = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) seen.add(target);
      else seen.delete(target);
      if (isIntersecting) drawButton(target);
    }
  }, { root: scroller, rootMargin: "256px" });

  const drawButton = (button) => {
    const [row, column] = button.zimgAt;
    const key = keyOf(row, column);
    const cell = store.cells.get(key);
    const where = whereIs(row, column);
    store.want(key);
    button.setAttribute("aria-disabled", !cell);
    button.dataset.state = !cell ? "waiting" : cell.failure ? "failed" : "there";
    if (!cell) {
      button.setAttribute("aria-label", `${where}: ${words.waiting}`);
      button.replaceChildren();
      return;
    }
    const said = cell.failure ? `${words.failure}: ${cell.failure}` : cell.caption || cell.title;
    button.setAttribute("aria-label", [where, said].filter(Boolean).join(": "));
    button.title = cell.failure || [cell.caption, cell.title].filter(Boolean).join("\n");
    const image = cell.url && make("img", { src: cell.url, alt: cell.title || where, draggable: false });
    const note = cell.failure || cell.caption;
    const sign = cell.failure ? [make("span", { className: "zimg-grid-sign" }, "⚠")] : [];
    const text = note ? [make("span", { className: "zimg-grid-caption" }, note)] : [];
    button.replaceChildren(...sign, ...(image ? [image] : []), ...text);
  };

  const drawProgress = () => {
    telling ||= setTimeout(() => {
      telling = 0;
      const counts = { done: store.known.size, total: parts.bar.max, n: store.failed.size };
      const failed = store.failed.size ? ` · ${fill(words.failed, counts)}` : "";
      const text = fill(words.progress, counts) + failed;
      if (parts.status.textContent !== text) parts.status.textContent = text;
      parts.bar.value = store.known.size;
    }, parts.status.textContent ? TELL_EVERY : 0);
  };

  const drawCell = (key) => {
    const [layer, row, column] = key.split(",").map(Number);
    drawProgress();
    if (layer !== model.get("layer")) return;
    const button = cells[row][column];
    if (seen.has(button)) drawButton(button);
    if (dialog.open && at.join() === [row, column].join()) show();
  };
  const drawAll = () => {
    drawProgress();
    parts.choice.value = model.get("layer");
    for (const button of cells.flat()) {
      if (seen.has(button)) drawButton(button);
      else button.replaceChildren(); // it may be of another layer
    }
  };
  const drawSize = () => {
    parts.size.value = model.get("cell_size");
    root.style.setProperty("--zimg-cell", `${model.get("cell_size")}px`);
  };

  // --- moving about ---

  const go = (row, column) => {
    cells[at[0]][at[1]].tabIndex = -1;
    at = place.at = [clamp(row, 0, rows.length - 1), clamp(column, 0, columns.length - 1)];
    cells[at[0]][at[1]].tabIndex = 0;
  };
  const focus = () => {
    // Not under the headings, which stay in place.
    scroller.style.scrollPaddingTop = `${parts.corner.offsetHeight + 4}px`;
    scroller.style.scrollPaddingLeft = `${parts.corner.offsetWidth + 4}px`;
    cells[at[0]][at[1]].focus();
  };
  const targetOf = (event) => {
    const [row, column] = at;
    if (event.key in MOVES) return [row + MOVES[event.key][0], column + MOVES[event.key][1]];
    const far = event.ctrlKey || event.metaKey;
    if (event.key === "Home") return [far ? 0 : row, 0];
    if (event.key === "End") return [far ? rows.length - 1 : row, columns.length - 1];
    return null;
  };

  // --- one cell large ---

  const show = () => {
    const key = keyOf(...at);
    const cell = store.cells.get(key);
    large.heading.textContent = whereIs(...at);
    if (largeUrl) URL.revokeObjectURL(largeUrl);
    largeUrl = "";
    clearTimeout(patience);
    large.details.replaceChildren();
    large.caption.textContent = cell?.caption ?? "";
    large.image.hidden = !cell?.url;
    large.note.textContent = cell ? cell.failure || words.loading : words.waiting;
    if (cell?.url) {
      large.image.src = cell.url;
      large.image.alt = cell.title || cell.caption || whereIs(...at);
    } else large.image.removeAttribute("src");
    if (!cell) store.want(key);
    if (!cell || cell.failure) return;
    store.send({ kind: "open", at: key.split(",").map(Number) });
    patience = setTimeout(() => (large.note.textContent = words.gone), PATIENCE);
  };
  const drawLarge = ({ at: which, problem, details }, picture) => {
    if (!dialog.open || String(which) !== keyOf(...at)) return;
    clearTimeout(patience);
    if (largeUrl) URL.revokeObjectURL(largeUrl);
    large.image.src = largeUrl = jpegUrl(picture);
    large.note.textContent = problem;
    large.details.replaceChildren(
      ...details.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]),
    );
  };
  const open = () => {
    if (!store.cells.has(keyOf(...at))) return;
    place.open = true;
    dialog.showModal();
    large.buttons.close.focus();
    show();
  };
  /** To the next cell in reading order. */
  const step = (by) => {
    const next = clamp(at[0] * columns.length + at[1] + by, 0, rows.length * columns.length - 1);
    go(Math.floor(next / columns.length), next % columns.length);
    show();
  };

  on(dialog, "close", () => {
    if (!dialog.isConnected) return; // the output is drawn anew, and opens it again
    clearTimeout(patience);
    place.open = false;
    focus();
  });
  on(dialog, "click", (event) => event.target === dialog && dialog.close());
  on(large.buttons.close, "click", () => dialog.close());
  on(large.buttons.before, "click", () => step(-1));
  on(large.buttons.after, "click", () => step(1));

  // --- keys, mouse, controls ---

  // JupyterLab listens on the document before any element hears of a key, and takes arrows and
  // single keys for commands: "x" would cut the cell. So this listens on the window, before it.
  on(window, "keydown", (event) => {
    const path = event.composedPath();
    if (!path.includes(root)) return;
    const command = event.ctrlKey || event.metaKey || event.altKey;
    const runs = event.key === "Enter" && event.shiftKey;
    const to = dialog.open || table.contains(event.target) ? targetOf(event) : null;
    if (to && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      go(...to);
      if (dialog.open) show();
      else focus();
    } else if (dialog.open && event.key === "Escape") {
      event.preventDefault();
      dialog.close();
    } else if (!dialog.open && (command || ["Tab", "Escape"].includes(event.key) || runs)) {
      return; // the page's own: other commands, the way out, "run this cell"
    }
    event.stopPropagation(); // but a button is still pressed and a slider moved
  });
  on(table, "click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    go(...button.zimgAt);
    open();
  });
  on(root, "focusin", () => (place.focused = true));
  on(root, "focusout", () => (place.focused = !root.isConnected));
  on(scroller, "scroll", () => (place.scroll = [scroller.scrollLeft, scroller.scrollTop]));
  on(parts.size, "input", () => model.set("cell_size", Number(parts.size.value)));
  on(parts.size, "change", () => model.save_changes());
  on(parts.choice, "change", () => {
    model.set("layer", Number(parts.choice.value));
    model.save_changes();
  });

  // --- begin and end ---

  const view = { drawCell, drawAll, drawLarge };
  store.views.add(view);
  model.on("change:layer", drawAll);
  model.on("change:cell_size", drawSize);
  cells.forEach((line, row) =>
    line.forEach((button, column) => {
      button.zimgAt = [row, column];
      drawButton(button);
      watcher.observe(button);
    }),
  );
  root.append(dialog);
  el.append(root);
  drawSize();
  drawAll();
  go(...at);
  // Drawn anew, as when the notebook takes a newer still form: as it was left.
  requestAnimationFrame(() => {
    [scroller.scrollLeft, scroller.scrollTop] = place.scroll;
    if (place.open && store.views.size === 1) open();
    else if (place.focused && document.activeElement === document.body) focus();
  });

  return () => {
    end.abort();
    watcher.disconnect();
    clearTimeout(telling);
    clearTimeout(patience);
    store.views.delete(view);
    model.off("change:layer", drawAll);
    model.off("change:cell_size", drawSize);
    if (largeUrl) URL.revokeObjectURL(largeUrl);
  };
};

/** Called once for each grid in a page, whose outputs share what has arrived. */
export default () => {
  let store;
  return {
    initialize: ({ model }) => {
      store = new Store(model);
      return () => store.end();
    },
    render: ({ model, el }) => render(store, model, el),
  };
};
