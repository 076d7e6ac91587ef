// Takes a picture file by drop or by button and sends it to Python in pieces.

import { fillIn, listen, make, makeButton, newId } from "./dom.js";

const PIECE = 4_000_000; // bytes; a server closes the connection at a message of 10 MB

export function takeFiles({ model, zone, say, signal }) {
  const labels = model.get("labels");
  const input = make("input", "", {
    type: "file", accept: ".png,.jpg,.jpeg,.webp,.avif", hidden: "", tabindex: "-1",
    "aria-hidden": "true",
  });
  const button = makeButton("zimg-button", labels.choose, () => input.click(), {
    title: labels.choose_title,
  });
  const veil = make("div", "zimg-file-veil", { "aria-hidden": "true" }, labels.drop);
  zone.append(veil);

  async function send(file) {
    const { name, size } = file;
    const most = model.get("most");
    if (size > most) return say(fillIn(labels.too_big, { name, most: Math.floor(most / 1e6) }), true);
    say(fillIn(labels.reading, { name }));
    const id = newId();
    let at = 0;
    try {
      do {
        const piece = await file.slice(at, at + PIECE).arrayBuffer();
        model.send({ kind: "file", id, name, size, at }, undefined, [piece]);
        at += PIECE;
      } while (at < size);
    } catch (error) {
      // A folder cannot be read as a file; any other trouble is the connection's.
      say(error instanceof DOMException ? labels.no_file : labels.gone, true);
    }
  }

  input.addEventListener("change", () => {
    if (input.files.length) send(input.files[0]);
    input.value = ""; // so that the same file can be chosen again
  });

  const carriesFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  let depth = 0; // of dragenter without dragleave: they come for every element inside
  const veiled = (change) => {
    depth = Math.max(0, change);
    zone.classList.toggle("zimg-file-over", depth > 0);
  };
  const listeners = {
    dragenter: () => veiled(depth + 1),
    dragleave: () => veiled(depth - 1),
    dragover: (event) => (event.dataTransfer.dropEffect = "copy"),
    drop: (event) => {
      veiled(0);
      const file = event.dataTransfer.files[0];
      if (file) send(file);
      else say(labels.no_file, true);
    },
  };
  for (const [type, listener] of Object.entries(listeners)) {
    zone.addEventListener(
      type,
      (event) => {
        if (!carriesFile(event)) return;
        event.preventDefault(); // or the browser leaves the page to show the file
        event.stopPropagation();
        listener(event);
      },
      { signal },
    );
  }
  return { button, input };
}

// A sentence of Python's or of this page's, announced to screen readers.
export function makeNotice(model, signal) {
  const line = make("p", "zimg-notice", { role: "status" });
  const say = (text, error = false) => {
    line.textContent = text;
    line.classList.toggle("zimg-notice-error", error);
  };
  const show = () => {
    const { text = "", error } = model.get("notice") ?? {};
    say(text, error);
  };
  listen(model, signal, { "change:notice": show });
  show();
  return { line, say };
}
