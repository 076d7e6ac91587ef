// One picture large, in a dialog: its parameters, and what can be done with it.

import { fillIn, make, makeButton } from "../_shared/dom.js";
import { makeLargeVersions } from "./versions.js";

// on: { send(content), step(by), at(place), remove(), undo(), closed() }
export function makeLarge(labels, on) {
  const place = make("h2", "zimg-large-place", { "aria-live": "polite" });
  const previous = makeButton("zimg-button", "‹", () => on.step(-1), {
    "aria-label": labels.previous, title: `${labels.previous} (←)`,
  });
  const next = makeButton("zimg-button", "›", () => on.step(1), {
    "aria-label": labels.next, title: `${labels.next} (→)`,
  });
  const close = makeButton("zimg-button", "×", () => dialog.close(), {
    "aria-label": labels.close, title: `${labels.close} (Esc)`,
  });
  const head = make("div", "zimg-large-head", {}, place, previous, next, close);
  const image = make("img", "", { alt: "" });
  const stage = make("div", "zimg-large-stage", {}, image);

  // The dialog closes first: the outcome shows elsewhere, a problem above the grid.
  const act = (kind) => () => {
    pressed = opened ? "" : kind;
    if (!opened) return;
    const { name } = opened;
    dialog.close();
    on.send({ kind, name });
  };
  const use = makeButton("zimg-button zimg-large-main", labels.use, act("use"));
  const edit = makeButton("zimg-button", labels.edit, act("edit"));
  const download = makeButton("zimg-button", labels.download, save);
  const copy = makeButton("zimg-button", labels.copy, copyParameters);
  const remove = makeButton("zimg-button", labels.delete, () => on.remove(), { title: labels.delete_title });
  const versions = makeLargeVersions(labels, {
    send: on.send,
    open: (id) => on.send({ kind: "open_version", ask: ++asked, id }),
  });
  const buttons = make(
    "div", "zimg-large-buttons", {}, use, edit, download, copy, versions.button, remove,
  );
  const notice = make("p", "zimg-notice", { role: "status" });
  const json = make("textarea", "zimg-large-json", {
    readonly: "", rows: "8", "aria-label": labels.parameters, hidden: "",
  });
  const facts = make("dl", "zimg-large-facts");
  // It scrolls when there is much to say, so the keyboard must be able to reach it.
  const words = make("div", "zimg-large-words", { tabindex: "0", role: "group" }, facts);
  const panel = make("div", "zimg-large-panel", {}, buttons, notice, versions.box, json, words);
  const body = make("div", "zimg-large-body", {}, stage, panel);
  const dialog = make("dialog", "zimg-large", { "aria-label": labels.title }, head, body);
  words.setAttribute("aria-label", labels.parameters);

  let asked = 0;
  let opened = null; // Python's answer on the picture shown
  let pressed = ""; // the action that waits for this answer
  let url = "";

  function forget() {
    if (url) URL.revokeObjectURL(url);
    url = "";
    opened = null;
    pressed = "";
    notice.textContent = "";
    notice.classList.remove("zimg-notice-error");
    json.hidden = true;
    facts.replaceChildren();
  }

  /** Show the picture's number in the list, whose length may change. */
  function locate(at, count) {
    const text = fillIn(labels.place, { n: at + 1, total: count });
    if (place.textContent !== text) place.textContent = text;
    previous.setAttribute("aria-disabled", String(at === 0));
    next.setAttribute("aria-disabled", String(at >= count - 1));
  }

  function show(at, number, count, item) {
    forget();
    locate(at, count);
    // The thumbnail stands in until the whole file is there.
    if (item) image.src = item.url;
    else image.removeAttribute("src");
    image.alt = item?.prompt ?? "";
    stage.setAttribute("aria-busy", "true");
    on.send({ kind: "open", ask: ++asked, number, at });
    if (!dialog.open) {
      dialog.showModal();
      (use.hidden ? close : use).focus();
    }
  }

  function take(answer, buffers) {
    if (answer.ask !== asked || !dialog.open) return;
    stage.removeAttribute("aria-busy");
    if (answer.error) {
      pressed = "";
      say(answer.error, true);
      return;
    }
    if (url) URL.revokeObjectURL(url); // of the version before
    json.hidden = true;
    on.at(answer.at);
    if (answer.at === null) place.textContent = labels.versions;
    opened = { ...answer, blob: new Blob([buffers[0]], { type: answer.mime }) };
    url = URL.createObjectURL(opened.blob);
    image.src = url;
    image.alt = answer.prompt;
    versions.of(answer.name, answer.family);
    facts.replaceChildren(
      ...answer.facts.map(([name, value]) =>
        make("div", "", {}, make("dt", "", {}, name), make("dd", "", {}, value)),
      ),
    );
    if (pressed) act(pressed)();
  }

  function say(text, error = false) {
    notice.textContent = text;
    notice.classList.toggle("zimg-notice-error", error);
  }

  function save() {
    if (opened) make("a", "", { href: url, download: opened.file }).click();
  }

  async function copyParameters() {
    if (!opened) return;
    const text = opened.json;
    try {
      await navigator.clipboard.writeText(text);
      say(labels.copied);
    } catch {
      // Not allowed, or a page without TLS: the old way, and failing that by hand.
      json.value = text;
      json.hidden = false;
      json.select();
      const done = document.execCommand("copy");
      json.hidden = done;
      if (done) copy.focus();
      say(done ? labels.copied : labels.copy_yourself);
    }
  }

  dialog.addEventListener("keydown", (event) => {
    if (event.target === json && event.key !== "Escape") return event.stopPropagation();
    if (event.altKey || event.metaKey || event.ctrlKey) return;
    if (event.key === "ArrowLeft") on.step(-1);
    else if (event.key === "ArrowRight") on.step(1);
    else if (event.key === "Delete") event.repeat || on.remove(); // held down: one picture
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // the backdrop: the content fills the dialog's box
  });
  dialog.addEventListener("close", () => {
    asked++;
    versions.of("", false);
    forget();
    image.removeAttribute("src");
    on.closed();
  });

  return {
    root: dialog,
    show,
    locate,
    take,
    say,
    enable(actions) {
      use.hidden = !actions.use;
      edit.hidden = !actions.edit;
    },
    get open() {
      return dialog.open;
    },
    get name() {
      return opened?.name;
    },
    /** True until Python has answered. */
    get waiting() {
      return !opened;
    },
    versions,
    stop() {
      if (dialog.open) dialog.close();
      versions.stop();
    },
  };
}
