// Painting with the keyboard, and the keys of the tools.

const ARROWS = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};
// What a Chinese input method makes of the keys counts, too.
const BRUSH_KEYS = { "[": 1 / 1.15, "]": 1.15, "【": 1 / 1.15, "】": 1.15 };

/** resize: called with the size that the brush should have. */
export function followKeys(on, { root, surface, ring }, brush, history, resize) {
  const resizeBy = (factor) => {
    const { size } = brush;
    resize(factor > 1 ? Math.max(size * factor, size + 1) : Math.min(size * factor, size - 1));
    brush.showRing();
  };
  const move = ([dx, dy], far) => {
    const step = Math.max(1, Math.round(brush.size / 4)) * (far ? 4 : 1);
    brush.moveTo(brush.cursor.x + dx * step, brush.cursor.y + dy * step);
    ring.scrollIntoView({ block: "nearest" });
    if (brush.stroke?.by === "keyboard") brush.add({ ...brush.cursor, size: brush.size });
  };

  // JupyterLab listens on the document before any element hears of a key, and takes single
  // keys for commands: "x" would cut the cell. So this listens on the window, before it.
  on(window, "keydown", (event) => {
    if (!event.composedPath().includes(root)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const command = event.ctrlKey || event.metaKey;
    const take = () => {
      event.preventDefault();
      event.stopPropagation();
    };
    if (key in BRUSH_KEYS) {
      take();
      resizeBy(BRUSH_KEYS[key]);
    } else if (command && !event.altKey && (key === "z" || key === "y")) {
      take();
      history.go(key === "y" || event.shiftKey ? 1 : -1);
    } else if (command || event.altKey || key === "Tab" || (key === "Enter" && event.shiftKey)) {
      // The page's own: other commands, the way out, "run this cell".
    } else if (event.target !== surface || !(key in ARROWS || key === " " || key === "Enter")) {
      event.stopPropagation(); // but a button is still pressed and a slider moved
    } else {
      take();
      if (key in ARROWS) move(ARROWS[key], event.shiftKey);
      else if (!brush.stroke) {
        brush.showRing();
        brush.start("keyboard", brush.erasing, { ...brush.cursor, size: brush.size });
      }
    }
  });
  const endStroke = () => brush.stroke?.by === "keyboard" && brush.end();
  on(window, "keyup", (event) => (event.key === " " || event.key === "Enter") && endStroke());
  on(surface, "focus", () => surface.matches(":focus-visible") && brush.showRing());
  on(surface, "blur", () => {
    ring.hidden = true;
    endStroke();
  });
}
