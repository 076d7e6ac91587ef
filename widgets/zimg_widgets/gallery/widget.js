// The whole gallery: search and filters, the grid, one picture large, and the bar to undo.

import { fillIn, listen, make, makeButton, newId } from "../_shared/dom.js";
import { makeNotice, takeFiles } from "../_shared/file_drop.js";
import { claimKeys } from "../_shared/keys.js";
import { liveState } from "../_shared/live_state.js";
import { tellWatching } from "../_shared/watching.js";
import { makeLarge } from "./lightbox.js";
import { makeGrid } from "./thumbnail_grid.js";

const TYPING = 250; // milliseconds without a key until the search begins

function render({ model, el }) {
  const labels = model.get("labels");
  const page = newId();
  const id = `zimg-gallery-${page}`;
  const gone = new AbortController();
  const { signal } = gone;
  const root = make("div", "zimg-gallery zimg-card", {
    role: "group", "aria-label": labels.title, lang: model.get("language"),
  });
  const { line, say } = makeNotice(model, signal);
  const send = (content) => {
    try {
      model.send(content);
    } catch {
      say(labels.gone, true);
    }
  };

  // Search and filters
  const field = make("input", "", {
    type: "search", id: `${id}-text`, placeholder: labels.search_hint, autocomplete: "off",
  });
  const models = make("select", "", { id: `${id}-model` });
  const days = make("select", "", { id: `${id}-day` });
  const named = (text, control) =>
    make("div", "zimg-gallery-field", {}, make("label", "", { for: control.id }, text), control);
  const { button, input } = takeFiles({ model, zone: root, say, signal });
  const head = make(
    "div", "zimg-gallery-head", {},
    named(labels.search, field), named(labels.model, models), named(labels.day, days),
    button, input,
  );
  const status = make("span", "zimg-gallery-status", { role: "status" });
  const clear = makeButton("zimg-gallery-clear", labels.clear, () => {
    field.value = "";
    models.value = days.value = "all";
    search();
    field.focus();
  });
  const summary = make("div", "zimg-gallery-summary", {}, status, clear);

  let typing = 0;
  const search = () => {
    clearTimeout(typing);
    typing = 0;
    const chosen = (select) => (select.value === "all" ? null : select.value.slice(1));
    const query = { text: field.value.trim(), model: chosen(models), day: chosen(days) };
    if (JSON.stringify(query) === JSON.stringify(live.query)) return;
    live.query = sent = query;
    send({ kind: "query", query });
    drawQuery();
  };
  field.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(search, TYPING);
  });
  field.addEventListener("keydown", (event) => event.key === "Enter" && search());
  for (const select of [models, days]) {
    select.addEventListener("change", search);
    select.addEventListener("blur", () => drawQuery());
  }

  // "all" is no value; the others stand behind "=", because another tool's model is empty.
  function choose(select, all, pairs, chosen) {
    const value = chosen === null ? "all" : `=${chosen}`;
    // A list that somebody has open is left alone until the focus goes elsewhere.
    if (document.activeElement === select && select.value === value) return;
    const options = [make("option", "", { value: "all" }, all)];
    for (const [value, n] of pairs) {
      const text = `${value || labels.other_tools} (${n.toLocaleString(model.get("language"))})`;
      options.push(make("option", "", { value: `=${value}` }, text));
    }
    const known = chosen === null || pairs.some(([value]) => value === chosen);
    if (!known) options.push(make("option", "", { value: `=${chosen}` }, `${chosen} (0)`));
    select.replaceChildren(...options);
    select.value = value;
  }
  function drawQuery() {
    const { query: { text, model: name, day }, choices } = live;
    if (!typing && field.value.trim() !== text) field.value = text;
    choose(models, labels.all_models, choices.models ?? [], name);
    choose(days, labels.all_days, choices.days ?? [], day);
    clear.hidden = !text && name === null && day === null;
  }

  // The bar to undo, above the grid whose end may be out of sight; while a picture is open it
  // lies in the dialog, for all else is out of reach.
  const undone = make("span", "", { role: "status" });
  const undo = makeButton("zimg-button", labels.undo, () => takeBack(), { title: `${labels.undo} (Ctrl+Z)` });
  const dismiss = makeButton("zimg-button", "×", () => send({ kind: "dismiss" }), {
    "aria-label": labels.dismiss,
  });
  const bar = make("div", "zimg-gallery-undo", {}, undone, undo, dismiss);
  function drawUndo() {
    const { text } = live.undo_bar;
    const held = bar.contains(document.activeElement);
    bar.classList.toggle("zimg-gallery-undo-shown", Boolean(text));
    undone.textContent = text ?? "";
    if (!text && held && !large.open) grid.activate(grid.active);
  }
  const takeBack = () => send({ kind: "undo" });

  // The pictures
  const grid = makeGrid(labels, {
    ask: (number, want) => send({ kind: "range", page, number, want }),
    open: (place) => large.show(place, grid.number, grid.count, grid.item(place)),
    remove: (place) => send({ kind: "delete", number: grid.number, at: place }),
  });
  const large = makeLarge(labels, {
    send: (content) => send({ page, ...content }),
    step(by) {
      const to = grid.active + by;
      if (to < 0 || to >= grid.count) return;
      grid.activate(to, false);
      large.show(to, grid.number, grid.count, grid.item(to));
    },
    at(place) {
      if (place === null || place === grid.active) return;
      grid.activate(place, false);
      large.locate(place, grid.count);
    },
    remove: () => large.name && send({ kind: "delete", name: large.name }),
    closed() {
      summary.append(bar);
      if (root.isConnected) grid.activate(grid.active);
    },
  });
  const nothing = make("p", "zimg-gallery-nothing");

  let number = 0;
  function drawFound() {
    const { found } = live;
    if (!found.number) return; // not told yet
    const format = (n) => n.toLocaleString(model.get("language"));
    const { count, total } = found;
    const word = count === total ? (count === 1 ? "one" : "many") : "some";
    status.textContent = fillIn(labels[word], { n: format(count), total: format(total) });
    nothing.textContent = count ? "" : total ? labels.none : labels.empty;
    nothing.hidden = Boolean(count);
    grid.root.hidden = !count;
    if (found.number === number) return;
    number = found.number;
    grid.change(found);
    if (!large.open) return;
    // The open picture may have gone, and another stands in its place.
    const to = grid.active;
    if (!count) large.stop();
    else if (found.removed || large.waiting || found.focus !== null) {
      large.show(to, number, count, grid.item(to));
    } else large.locate(to, count);
  }

  listen(model, signal, {
    "change:actions": () => large.enable(model.get("actions")),
    "msg:custom": (message, buffers) => {
      if (message.kind === "thumbs") grid.put(message.number, message.items, buffers);
      else if (message.kind === "opened") large.take(message, buffers);
      else if (message.kind === "versions") large.versions.take(message);
      else if (message.kind === "version") large.versions.put(message.id, buffers[0]);
    },
  });

  // Words of other pictures are told by messages: a saved notebook does not hold them.
  let sent = null; // the query that Python has not yet answered
  const initial = {
    query: { text: "", model: null, day: null }, choices: {}, found: {}, undo_bar: {}, notice: {},
  };
  const live = liveState(model, signal, initial, (changed) => {
    if (changed.has("query") && sent) {
      const answered = JSON.stringify(sent) === JSON.stringify(live.query);
      live.query = sent;
      if (answered) sent = null;
    }
    if (changed.has("query") || changed.has("choices")) drawQuery();
    if (changed.has("found")) drawFound();
    if (changed.has("undo_bar")) drawUndo();
    if (changed.has("notice")) {
      const { text = "", error } = live.notice;
      say(text, error);
      if (large.open) large.say(text, error);
    }
  });

  root.addEventListener("keydown", (event) => {
    const ctrlZ = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
    const writes = event.target.matches("input, textarea");
    if (!ctrlZ || event.shiftKey || event.altKey || writes) return;
    event.preventDefault();
    event.stopPropagation();
    takeBack();
  });
  claimKeys(root, signal);

  // Python looks for new pictures as long as somebody can see this.
  tellWatching(root, signal, (watching) => send({ kind: "watching", page, watching }));

  root.prepend(head, summary, line, nothing, grid.root, large.root);
  summary.append(bar);
  el.append(root);
  new MutationObserver(() => {
    if (large.open && bar.parentElement !== large.root) large.root.append(bar);
  }).observe(large.root, { attributeFilter: ["open"] });
  large.enable(model.get("actions"));
  drawQuery();
  drawFound();
  drawUndo();

  return () => {
    clearTimeout(typing);
    large.stop();
    grid.stop();
    gone.abort();
  };
}

export default { render };
