// The tree of versions with what can be done with one of them, and one picture large.

const HEARTBEAT = 10_000; // milliseconds; Python forgets a page after 30 s of silence

function render({ model, el }) {
  const labels = model.get("labels");
  const page = Math.random().toString(36).slice(2);
  const gone = new AbortController();
  const { signal } = gone;
  const root = make("div", "zimg-versions", {
    role: "group", "aria-label": labels.title, lang: model.get("language"),
  });
  const said = make("p", "zimg-versions-notice", { role: "status" });
  const say = (text, error = false) => {
    said.textContent = text;
    said.classList.toggle("zimg-versions-error", error);
  };
  const send = (content) => {
    try {
      model.send({ page, ...content });
    } catch {
      say(labels.kernel_gone, true);
    }
  };
  const put = (name, value) => {
    if (model.get(name) === value) return;
    model.set(name, value);
    model.save_changes();
  };
  const onModel = (event, listener) => {
    model.on(event, listener);
    signal.addEventListener("abort", () => model.off(event, listener));
  };

  const list = makeVersions(labels, {
    ask: (ids) => send({ kind: "small", ids }),
    chosen: (id) => put("chosen", id),
    activate: (id) => send({ kind: "open", id }),
  });

  const act = (kind) => (event) => {
    if (event.currentTarget.getAttribute("aria-disabled") === "true") return;
    send({ kind, id: list.chosen });
  };
  const open = makeButton("", labels.open, act("open"));
  const compare = makeButton("", labels.compare, act("compare"));
  const mark = makeButton("", labels.mark, () => {
    if (mark.getAttribute("aria-disabled") === "true") return;
    put("marked", model.get("marked") === list.chosen ? "" : list.chosen);
  });
  const goOn = makeButton("zimg-versions-main", labels.continue, act("continue"));
  const hide = makeButton("", labels.hide, () => {
    send({ kind: "hide" });
    open.focus();
  });
  const buttons = make(
    "div", "zimg-versions-buttons", { role: "group", "aria-label": labels.actions },
    open, compare, mark, goOn, hide,
  );

  const image = make("img", "", { alt: "" });
  const large = make("div", "zimg-versions-large", { hidden: "" }, image);
  let url = "";

  const count = make("p", "zimg-versions-count");
  function drawCount() {
    const format = (n) => n.toLocaleString(model.get("language"));
    const n = model.get("total");
    const shown = model.get("rows").length;
    const word = n === 1 ? "one" : shown < n ? "some" : "many";
    count.textContent = fillIn(labels[word], { n: format(n), shown: format(shown) });
  }

  function drawButtons() {
    const row = list.row(list.chosen);
    const marked = model.get("marked");
    const other = marked && marked !== list.chosen;
    const there = Boolean(row?.there);
    const able = (button, can) => button.setAttribute("aria-disabled", String(!can));
    able(open, there);
    able(goOn, there);
    able(compare, there && Boolean(other ? list.row(marked)?.there : list.row(row.parent)?.there));
    compare.textContent = other ? labels.compare_marked : labels.compare;
    mark.setAttribute("aria-pressed", String(Boolean(marked) && marked === list.chosen));
    able(mark, there);
    goOn.hidden = !model.get("offers").continue;
    hide.hidden = !model.get("below");
    large.hidden = model.get("below") !== "large" || !url;
  }

  function draw() {
    list.draw(model.get("rows"), model.get("marked"));
    list.select(model.get("chosen"));
    drawCount();
    drawButtons();
  }

  onModel("change:rows", draw);
  onModel("change:marked", draw);
  onModel("change:total", drawCount);
  onModel("change:chosen", () => {
    list.select(model.get("chosen"));
    drawButtons();
  });
  onModel("change:offers", drawButtons);
  onModel("change:below", drawButtons);
  onModel("change:notice", () => say(model.get("notice").text ?? "", model.get("notice").error));
  onModel("msg:custom", (message, buffers) => {
    if (message.kind === "small") list.put(message.id, buffers[0]);
    else if (message.kind === "large") {
      if (url) URL.revokeObjectURL(url);
      url = URL.createObjectURL(new Blob([buffers[0]], { type: message.mime }));
      image.src = url;
      image.alt = message.said;
      drawButtons();
    }
  });
  claimKeys(root, signal);

  // Python looks for new versions as long as somebody can see this.
  let inSight = false;
  let watching = false;
  let heartbeat = 0;
  const tell = () => send({ kind: "watching", watching });
  const look = (now) => {
    if (now === watching) return;
    watching = now;
    clearInterval(heartbeat);
    tell();
    if (watching) heartbeat = setInterval(tell, HEARTBEAT);
  };
  const changed = () => look(inSight && document.visibilityState === "visible");
  const observer = new IntersectionObserver((entries) => {
    inSight = entries.at(-1).isIntersecting;
    changed();
  });
  observer.observe(root);
  document.addEventListener("visibilitychange", changed, { signal });
  window.addEventListener("pagehide", () => look(false), { signal });

  root.append(count, list.root, buttons, said, large);
  el.append(root);
  draw();

  return () => {
    look(false);
    observer.disconnect();
    list.stop();
    if (url) URL.revokeObjectURL(url);
    gone.abort();
  };
}

export default { render };
