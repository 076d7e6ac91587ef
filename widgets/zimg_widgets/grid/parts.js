// The elements of a grid, and of the window that shows one cell large.

import { fillIn, make } from "../_shared/dom.js";

/** The elements of the grid; nothing is wired yet. */
export const build = (model, words) => {
  const [rows, columns, layers] = ["rows", "columns", "layers"].map((name) => model.get(name));
  const [x, y, title] = ["x_label", "y_label", "title"].map((name) => model.get(name));
  const part = (tag, name, attributes, ...more) =>
    make(tag, `zimg-grid-${name}`, attributes, ...more);
  const button = () => part("button", "cell", { type: "button", tabindex: -1 });
  const cells = rows.map(() => columns.map(button));
  const heading = (scope, name) =>
    make("th", "", { scope, title: name }, part("span", "name", {}, name));
  const corner = part("td", "corner");
  if (x) corner.append(part("span", "x", {}, `${x} →`));
  if (y) corner.append(part("span", "y", {}, `${y} ↓`));
  const axes = fillIn(words.axes, { x: x || words.columns, y: y || words.rows });
  const table = make(
    "table", "", {},
    make("caption", "zimg-visually-hidden", {}, `${title || words.title}. ${axes} ${words.hint}`),
    make("thead", "", {}, make(
      "tr", "", {}, corner, ...columns.map((name) => heading("col", name)),
    )),
    make("tbody", "", {}, ...rows.map((name, row) => make(
      "tr", "", {}, heading("row", name),
      ...cells[row].map((cell) => make("td", "", {}, cell)),
    ))),
  );
  const scroller = part("div", "scroller", {}, table);
  const status = part("p", "status", { role: "status" });
  const total = rows.length * columns.length * layers.length;
  const bar = part("progress", "bar", { "aria-hidden": "true", max: total });
  const size = make("input", "", {
    type: "range", min: 48, max: 256, step: 8, title: words.size_title,
  });
  const options = layers.map((name, i) => make("option", "", { value: i }, name));
  const choice = make("select", "", {}, ...options);
  const z = model.get("z_label") || words.layer;
  const layer = make("label", "", { hidden: layers.length < 2 }, z, choice);
  const head = part(
    "div", "head", {}, part("p", "title", { "aria-hidden": "true" }, title), layer,
    make("label", "", {}, words.size, size), status,
  );
  const root = part("div", "root", { lang: model.get("language") }, head, bar, scroller);
  return { root, cells, scroller, table, corner, status, bar, size, choice };
};

/** The window over the page that shows one cell large. */
export const buildLarge = (words) => {
  const heading = make("h2", "", { "aria-live": "polite" });
  const image = make("img");
  const note = make("p", "zimg-grid-note", { role: "status" });
  const caption = make("p", "zimg-grid-remark");
  const details = make("dl");
  const signs = { before: "←", after: "→", close: "✕" };
  const buttons = Object.fromEntries(
    Object.entries(signs).map(([name, sign]) => [
      name,
      make("button", "", { type: "button", title: words[name], "aria-label": words[name] }, sign),
    ]),
  );
  const side = make("div", "zimg-grid-details", {}, note, caption, details);
  const bar = make("div", "zimg-grid-bar", {}, heading, ...Object.values(buttons));
  const body = make("div", "zimg-grid-body", {}, image, side);
  const dialog = make("dialog", "zimg-grid-large", {}, bar, body);
  return { dialog, heading, image, note, caption, details, buttons };
};
