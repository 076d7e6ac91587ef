// The grid: holds cells only for pictures in sight, and asks for what they show.

import { clamp, fillIn, make, urlOf } from "../_shared/dom.js";

const GAP = 8; // px between cells
const SMALLEST = 128; // px, the side of a cell at least
const OVERSCAN = 2; // rows above and below those in sight
const KEPT = 600; // thumbnails that the page keeps, near what is in sight
const ASK_PAUSE = 60; // milliseconds between two requests while one scrolls
const RETRY = 4000; // milliseconds until what has not come is asked for again

// on: { ask(number, places), open(place), remove(place) }
export function makeGrid(labels, on) {
  const list = make("div", "zimg-gallery-list", { role: "listbox", "aria-label": labels.grid });
  const scroller = make("div", "zimg-gallery-scroller", {}, list);
  let number = 0; // of the list that Python holds
  let count = 0;
  let active = 0; // the one cell that Tab reaches
  let columns = 1;
  let side = SMALLEST;
  let items = new Map(); // place -> { prompt, image, url }
  let cells = new Map(); // place -> element
  const pool = [];
  let frame = 0;
  let asking = 0;
  let asked = new Set();
  let askedAt = 0;
  let passed = 0; // where it was scrolled to at the last look at what is missing
  let settling = 0;
  let away = false; // taken out of the page, as long notebooks do with cells out of sight
  let scrolledTo = 0; // where it was scrolled to, which the browser forgets then

  const row = () => side + GAP;
  const placeAtTop = () => Math.floor(scroller.scrollTop / row()) * columns;

  function measure() {
    const width = scroller.clientWidth;
    if (!width) {
      away = true;
      return;
    }
    if (away) scroller.scrollTop = scrolledTo;
    away = false;
    const top = placeAtTop();
    const offset = scroller.scrollTop % row();
    const before = columns;
    columns = Math.max(2, Math.floor((width + GAP) / (SMALLEST + GAP)));
    side = (width - GAP * (columns - 1)) / columns;
    list.style.blockSize = `${Math.max(0, Math.ceil(count / columns) * row() - GAP)}px`;
    if (before !== columns) scroller.scrollTop = Math.floor(top / columns) * row() + offset;
    cells.forEach(position);
    draw();
  }

  function position(cell, place) {
    const x = (place % columns) * (side + GAP);
    const y = Math.floor(place / columns) * row();
    cell.style.transform = `translate(${x}px, ${y}px)`;
    cell.style.inlineSize = cell.style.blockSize = `${side}px`;
  }

  function fill(cell, place) {
    const item = items.get(place);
    const name = item?.prompt ?? fillIn(labels.loading, { n: place + 1 });
    cell.setAttribute("aria-label", name);
    cell.title = item ? name : "";
    if (item) {
      if (cell.firstChild !== item.image) cell.replaceChildren(item.image);
    } else cell.replaceChildren();
  }

  function setUp(cell, place) {
    cell.dataset.place = place;
    cell.setAttribute("aria-posinset", place + 1);
    cell.setAttribute("aria-setsize", count);
    mark(cell, place);
    position(cell, place);
    fill(cell, place);
  }

  function mark(cell, place) {
    cell.tabIndex = place === active ? 0 : -1;
    cell.setAttribute("aria-selected", String(place === active));
  }

  function inSight(overscan) {
    const first = Math.floor(scroller.scrollTop / row()) - overscan;
    const last = Math.ceil((scroller.scrollTop + scroller.clientHeight) / row()) + overscan;
    return [Math.max(0, first * columns), Math.min(count, last * columns)];
  }

  function draw() {
    frame = 0;
    const [from, to] = inSight(OVERSCAN);
    const needed = (place) => (place >= from && place < to) || place === active;
    for (const [place, cell] of cells) {
      if (needed(place)) continue;
      cells.delete(place);
      pool.push(cell);
    }
    for (let place = from; place < to; place++) if (!cells.has(place)) add(place);
    if (count && !cells.has(active)) add(active);
    for (const cell of pool.splice(2 * columns)) cell.remove();
    for (const cell of pool) cell.hidden = true;
    wish();
  }

  function add(place) {
    let cell = pool.pop();
    if (!cell) {
      cell = make("div", "zimg-gallery-cell", { role: "option" });
      list.append(cell);
    }
    cell.hidden = false;
    cells.set(place, cell);
    setUp(cell, place);
  }

  const redraw = () => (frame ||= requestAnimationFrame(draw));

  // What is missing, the rows in sight first. Python drops what it was asked for before.
  function wish() {
    if (asking || !number) return;
    // What flies past is not asked for: nobody sees it, and to make it takes the time of the rest.
    const flew = Math.abs(scroller.scrollTop - passed);
    passed = scroller.scrollTop;
    if (flew > scroller.clientHeight / 4) return later();
    const [from, to] = inSight(0);
    const missing = [...cells.keys()].filter((place) => !items.has(place));
    if (!missing.length) return;
    const late = performance.now() - askedAt;
    if (late < RETRY && missing.every((place) => asked.has(place))) return;
    const distance = (place) => (place < from ? from - place + to : place < to ? place - from : place);
    missing.sort((a, b) => distance(a) - distance(b));
    asked = new Set(missing);
    askedAt = performance.now();
    on.ask(number, missing);
    later();
  }
  function later() {
    asking = setTimeout(() => {
      asking = 0;
      wish();
    }, ASK_PAUSE);
  }
  const patience = setInterval(wish, RETRY);

  const drop = (item) => URL.revokeObjectURL(item.url);

  function put(of, arrived, buffers) {
    if (of !== number) return;
    arrived.forEach(({ at, prompt, broken }, i) => {
      if (at >= count || items.has(at)) return;
      const url = urlOf(buffers[i]);
      const image = make("img", "zimg-whole-picture", { src: url, alt: "", draggable: "false", decoding: "async" });
      const label = broken ? fillIn(labels.broken, { prompt }) : prompt;
      items.set(at, { prompt: label, image, url });
      const cell = cells.get(at);
      if (cell) fill(cell, at);
    });
    if (items.size <= KEPT) return;
    const middle = placeAtTop();
    const far = [...items.keys()].sort((a, b) => Math.abs(b - middle) - Math.abs(a - middle));
    for (const place of far.slice(0, items.size - 0.8 * KEPT)) {
      if (cells.has(place)) continue;
      drop(items.get(place));
      items.delete(place);
    }
  }

  // The list has changed: what stands behind the change moves along, with its thumbnails.
  function change(found) {
    const { at, removed, inserted } = found;
    const follows = found.number === number + 1;
    const shift = inserted - removed;
    const moved = (place) => (place < at ? place : place >= at + removed ? place + shift : -1);
    const focused = list.contains(document.activeElement);
    const top = placeAtTop();
    const kept = new Map();
    for (const [place, item] of items) {
      const to = follows ? moved(place) : -1;
      if (to < 0) drop(item);
      else kept.set(to, item);
    }
    items = kept;
    number = found.number;
    count = found.count;
    asked = new Set();
    pool.push(...cells.values());
    cells = new Map();
    if (found.fresh || !follows) active = 0;
    else if (moved(active) >= 0) active = moved(active);
    if (found.focus !== null && found.focus !== undefined) active = found.focus;
    active = Math.max(0, Math.min(count - 1, active));
    list.hidden = count === 0;
    measure();
    if (found.fresh) scroller.scrollTop = scrolledTo = 0;
    else if (scroller.scrollTop > 0 && shift && at + removed <= top) {
      scroller.scrollTop += Math.round(shift / columns) * row();
    }
    draw();
    if (found.focus !== null && found.focus !== undefined) show(active);
    if (focused && count) cells.get(active).focus({ preventScroll: true });
  }

  function show(place) {
    const top = Math.floor(place / columns) * row();
    const { scrollTop, clientHeight } = scroller;
    if (top < scrollTop) scroller.scrollTop = top;
    else if (top + side > scrollTop + clientHeight) scroller.scrollTop = top + side - clientHeight;
  }

  function activate(place, focus = true) {
    const before = active;
    active = Math.max(0, Math.min(count - 1, place));
    if (!count) return;
    show(active);
    draw();
    if (cells.has(before)) mark(cells.get(before), before);
    mark(cells.get(active), active);
    if (focus) cells.get(active).focus({ preventScroll: true });
  }

  // Screen readers follow the order in the page; cells are taken from anywhere while one scrolls.
  // What has the focus is not moved, for it would lose it.
  function tidy() {
    const sorted = [...cells.keys()].sort((a, b) => a - b).map((place) => cells.get(place));
    const focus = sorted.indexOf(document.activeElement);
    sorted.forEach((cell, i) => {
      if (focus < 0 || i > focus) list.append(cell);
      else if (i < focus) list.insertBefore(cell, sorted[focus]);
    });
  }

  scroller.addEventListener(
    "scroll",
    () => {
      if (!away) scrolledTo = scroller.scrollTop;
      redraw();
      clearTimeout(settling);
      settling = setTimeout(tidy, 300);
    },
    { passive: true },
  );
  list.addEventListener("click", (event) => {
    const cell = event.target.closest("[role=option]");
    if (!cell) return;
    activate(Number(cell.dataset.place));
    on.open(active);
  });
  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(scroller.clientHeight / row())) * columns;
    const steps = {
      ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns,
      PageUp: -page, PageDown: page, Home: -active, End: count - 1 - active,
    };
    if (event.key in steps) {
      const to = active + steps[event.key];
      const vertical = Math.abs(steps[event.key]) >= columns && !/Home|End|Page/.test(event.key);
      // Up and down keep the column; at the ends they stay, and the last row may be short.
      if (!vertical || to >= 0) activate(vertical && to >= count ? lastBelow(active) : to);
    } else if (event.key === "Enter" || event.key === " ") on.open(active);
    else if (event.key === "Delete") event.repeat || on.remove(active); // held down: one picture
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const lastBelow = (place) =>
    Math.floor(place / columns) < Math.floor((count - 1) / columns) ? count - 1 : place;

  const resized = new ResizeObserver(measure);
  resized.observe(scroller);

  return {
    root: scroller,
    change,
    put,
    activate,
    get count() {
      return count;
    },
    get number() {
      return number;
    },
    get active() {
      return active;
    },
    item: (place) => items.get(place),
    stop() {
      resized.disconnect();
      cancelAnimationFrame(frame);
      clearInterval(patience);
      clearTimeout(asking);
      clearTimeout(settling);
      items.forEach(drop);
    },
  };
}
