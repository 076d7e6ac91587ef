// Draws the rows that Python reads, and tells it whether anybody can see them.
const HEARTBEAT = 10_000; // Python forgets a page after 30 s of silence
const PARTS = ["own", "others", "free"];

function make(tag, className, attributes = {}) {
  const element = document.createElement(tag);
  element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function makeRow() {
  const root = make("div", "zimg-memory-row");
  const said = make("span", "zimg-memory-said");
  const bar = make("div", "zimg-memory-bar", { role: "meter", "aria-valuemin": "0" });
  const own = make("span", "zimg-memory-own");
  const others = make("span", "zimg-memory-others");
  const list = make("ul", "zimg-memory-parts");
  const parts = PARTS.map((part) => make("li", `zimg-memory-part zimg-memory-part-${part}`));
  bar.append(own, others);
  list.append(...parts);
  root.append(said, bar, list);
  return { root, said, bar, own, others, parts };
}

function fillRow(row, data) {
  const gigabytes = (bytes) => (bytes / 1e9).toFixed(2);
  row.said.textContent = data.said;
  row.own.style.inlineSize = `${(100 * data.own) / data.total}%`;
  row.others.style.inlineSize = `${(100 * (data.used - data.own)) / data.total}%`;
  row.parts.forEach((part, i) => (part.textContent = data.parts[i]));
  row.bar.setAttribute("aria-label", data.name);
  row.bar.setAttribute("aria-valuemax", gigabytes(data.total));
  row.bar.setAttribute("aria-valuenow", gigabytes(data.used));
  row.bar.setAttribute("aria-valuetext", [data.said, ...data.parts].join(", "));
}

export default {
  render({ model, el }) {
    const labels = model.get("labels");
    const view = Math.random().toString(36).slice(2);
    const root = make("div", "zimg-memory", { role: "group", "aria-label": labels.title });
    const stale = make("span", "zimg-memory-stale", { role: "status" });
    let rows = [];
    let inSight = false;
    let watching = false;
    let heartbeat, silence;

    const listen = () => {
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
      listen();
    };

    const tell = () => {
      try {
        model.send({ view, watching });
      } catch {
        clearInterval(heartbeat); // the kernel is gone; the bar soon says so
      }
    };

    const look = (visible) => {
      if (visible === watching) return;
      watching = visible;
      clearInterval(heartbeat);
      tell();
      if (watching) heartbeat = setInterval(tell, HEARTBEAT);
      listen();
    };
    const changed = () => look(inSight && document.visibilityState === "visible");
    const leave = () => look(false);

    const observer = new IntersectionObserver((entries) => {
      inSight = entries.at(-1).isIntersecting;
      changed();
    });

    draw();
    el.append(root);
    observer.observe(root);
    model.on("change:reading", draw);
    document.addEventListener("visibilitychange", changed);
    window.addEventListener("pagehide", leave);

    return () => {
      look(false);
      clearTimeout(silence);
      observer.disconnect();
      model.off("change:reading", draw);
      document.removeEventListener("visibilitychange", changed);
      window.removeEventListener("pagehide", leave);
    };
  },
};
