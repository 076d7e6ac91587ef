// Draws a grid of pictures: cells come one by one, and one of them can be seen large.

import { clamp, fillIn, listen, make, urlOf } from "../_shared/dom.js";
import { build, buildLarge } from "./parts.js";
import { Store } from "./store.js";

const PATIENCE = 8000; // ms until the small picture is said to be all there is
const TELL_EVERY = 500; // ms between two texts about progress, which are read aloud
const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

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
    if (seen.has(button)) store.want(key);
    button.setAttribute("aria-disabled", !cell);
    button.dataset.state = !cell ? "waiting" : cell.failure ? "failed" : "there";
    if (!cell) {
      button.setAttribute("aria-label", `${where}: ${words.waiting}`);
      button.replaceChildren();
      return;
    }
    const label = cell.failure ? `${words.failure}: ${cell.failure}` : cell.caption || cell.title;
    button.setAttribute("aria-label", [where, label].filter(Boolean).join(": "));
    button.title = cell.failure || [cell.caption, cell.title].filter(Boolean).join("\n");
    const image = cell.url && make("img", "", {
      src: cell.url, alt: cell.title || where, draggable: "false",
    });
    const note = cell.failure || cell.caption;
    const sign = cell.failure ? [make("span", "zimg-grid-sign", {}, "⚠")] : [];
    const text = note ? [make("span", "zimg-grid-caption", {}, note)] : [];
    button.replaceChildren(...sign, ...(image ? [image] : []), ...text);
  };

  const drawProgress = () => {
    telling ||= setTimeout(() => {
      telling = 0;
      const counts = { done: store.known.size, total: parts.bar.max, n: store.failed.size };
      const failed = store.failed.size ? ` · ${fillIn(words.failed, counts)}` : "";
      const text = fillIn(words.progress, counts) + failed;
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
    large.image.src = largeUrl = urlOf(picture);
    large.note.textContent = problem;
    large.details.replaceChildren(
      ...details.flatMap(([name, value]) => [make("dt", "", {}, name), make("dd", "", {}, value)]),
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
  listen(model, end.signal, { "change:layer": drawAll, "change:cell_size": drawSize });
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
