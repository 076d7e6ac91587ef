// Values that Python tells by messages, because the saved notebook shall not hold them.

import { listen } from "../_shared/dom.js";

/** The values by name, at first as given; draw is called after each change. */
export function liveState(model, signal, initial, draw) {
  const values = { ...initial };
  const onMessage = (message, buffers) => {
    if (message.kind !== "live") return;
    Object.assign(values, message.values);
    message.binary.forEach((name, i) => {
      values[name] = buffers[i];
    });
    draw(new Set([...Object.keys(message.values), ...message.binary]));
  };
  listen(model, signal, { "msg:custom": onMessage });
  try {
    model.send({ kind: "look" });
  } catch {
    // There is no kernel: what was given at first stays.
  }
  return values;
}
