// The tree of versions with what can be done with one of them, and one picture large.

import { fillIn, listen, make, makeButton, newId, urlOf } from "../_shared/dom.js";
import { claimKeys } from "../_shared/keys.js";
import { liveState } from "../_shared/live_state.js";
import { tellWatching } from "../_shared/watching.js";
import { makeVersions } from "./list.js";

function render({ model, el }) {
  const labels = model.get("labels");
  const page = newId();
  const gone = new AbortController();
  const { signal } = gone;
  const root = make("div", "zimg-versions zimg-card", {
    role: "group", "aria-label": labels.title, lang: model.get("language"),
  });
  const notice = make("p", "zimg-versions-notice", { role: "status" });
  const say = (text, error = false) => {
    notice.textContent = text;
    notice.classList.toggle("zimg-versions-error", error);
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

  const list = makeVersions(labels, {
    ask: (ids) => send({ kind: "small", ids }),
    chosen: (id) => put("chosen", id),
    activate: (id) => send({ kind: "open", id }),
  });

  const act = (kind) => (event) => {
    if (event.currentTarget.getAttribute("aria-disabled") === "true") return;
    send({ kind, id: list.chosen });
  };
  const open = makeButton("zimg-button", labels.open, act("open"));
  const compare = makeButton("zimg-button", labels.compare, act("compare"));
  const mark = makeButton("zimg-button", labels.mark, () => {
    if (mark.getAttribute("aria-disabled") === "true") return;
    put("marked", model.get("marked") === list.chosen ? "" : list.chosen);
  });
  const goOn = makeButton("zimg-button zimg-versions-main", labels.continue, act("continue"));
  const hide = makeButton("zimg-button", labels.hide, () => {
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
    const n = live.total;
    const shown = live.rows.length;
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
    goOn.hidden = !model.get("actions").continue;
    hide.hidden = !model.get("below");
    large.hidden = model.get("below") !== "large" || !url;
  }

  function draw() {
    list.draw(live.rows, model.get("marked"));
    list.select(model.get("chosen"));
    drawCount();
    drawButtons();
  }

  listen(model, signal, {
    "change:marked": draw,
    "change:chosen": () => {
      list.select(model.get("chosen"));
      drawButtons();
    },
    "change:actions": drawButtons,
    "change:below": drawButtons,
    "msg:custom": (message, buffers) => {
      if (message.kind === "small") list.put(message.id, buffers[0]);
      else if (message.kind === "large") {
        if (url) URL.revokeObjectURL(url);
        url = urlOf(buffers[0], message.mime);
        image.src = url;
        image.alt = message.label;
        drawButtons();
      }
    },
  });
  claimKeys(root, signal);

  // Python looks for new versions as long as somebody can see this.
  tellWatching(root, signal, (watching) => send({ kind: "watching", watching }));

  // Words of other pictures are told by messages: a saved notebook does not hold them.
  const live = liveState(model, signal, { rows: [], total: 0, notice: {} }, (changed) => {
    if (changed.has("rows")) draw();
    if (changed.has("notice")) say(live.notice.text ?? "", live.notice.error);
  });

  root.append(count, list.root, buttons, notice, large);
  el.append(root);
  draw();

  return () => {
    gone.abort();
    list.stop();
    if (url) URL.revokeObjectURL(url);
  };
}

export default { render };
