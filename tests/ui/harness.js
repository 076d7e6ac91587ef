// Front end of one test page: models that talk to Python as ipywidgets' do, views as anywidget's.

const models = new Map();
const views = new Map();
const leakedKeys = [];
const socket = new WebSocket(`ws://${location.host}/socket`);
socket.binaryType = "arraybuffer";
const connected = new Promise((resolve) => socket.addEventListener("open", () => resolve(true)));
let count = 0;

function isEqual(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
  if (ArrayBuffer.isView(a) || ArrayBuffer.isView(b)) {
    const [x, y] = [asBytes(a), asBytes(b)];
    return x.length === y.length && x.every((byte, i) => byte === y[i]);
  }
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => isEqual(a[key], b[key]));
}

function asBytes(buffer) {
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

// Takes binary values out of a state, as JSON cannot hold them: [state, paths, buffers].
function takeBuffers(state) {
  const [paths, buffers] = [[], []];
  const copy = (value, path) => {
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
      paths.push(path);
      buffers.push(value);
      return null;
    }
    if (Array.isArray(value)) return value.map((each, i) => copy(each, [...path, i]));
    if (!value || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, copy(v, [...path, k])]));
  };
  return [copy(state, []), paths, buffers];
}

function putBuffers(state, paths, buffers) {
  paths.forEach((path, i) => {
    const parent = path.slice(0, -1).reduce((at, key) => at[key], state);
    parent[path.at(-1)] = buffers[i];
  });
}

function post(header, buffers = []) {
  const parts = buffers.map(asBytes);
  const id = String(++count);
  const sizes = parts.map((part) => part.length);
  const text = new TextEncoder().encode(JSON.stringify({ ...header, id, sizes }));
  const length = new DataView(new ArrayBuffer(4));
  length.setUint32(0, text.length);
  const frame = new Blob([length, text, ...parts]);
  outgoing = outgoing.then(async () => socket.send(await frame.arrayBuffer()));
  return id;
}
let outgoing = connected; // in the order of the calls

socket.addEventListener("message", ({ data }) => {
  const start = 4 + new DataView(data).getUint32(0);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, start - 4)));
  let at = start;
  const buffers = header.sizes.map((size) => new DataView(data, (at += size) - size, size));
  models.get(header.comm)?.receive(header, buffers);
});

class Model {
  constructor(id) {
    this.id = id;
    this.state = null;
    this.listeners = new Map();
    this.unsaved = {};
    this.pending = null; // the update that Python has not yet handled: one at a time
    this.waiting = null; // what is to be sent after it
    this.expectedEchoes = new Map();
    this.ready = new Promise((resolve) => (this.opened = resolve));
    this.queue = this.ready;
    post({ comm: id, data: { method: "request_state" } });
  }

  get(name) {
    return this.state[name];
  }

  set(name, value) {
    const values = typeof name === "object" ? name : { [name]: value };
    Object.assign(this.unsaved, this.change(values));
  }

  save_changes() {
    const state = this.unsaved;
    this.unsaved = {};
    if (!Object.keys(state).length) return;
    if (this.pending === null) this.save(state);
    else this.waiting = { ...this.waiting, ...state };
  }

  send(content, _callbacks, buffers) {
    post({ comm: this.id, data: { method: "custom", content } }, buffers);
  }

  on(names, callback) {
    for (const name of names.split(" ")) {
      this.listeners.set(name, [...(this.listeners.get(name) ?? []), callback]);
    }
  }

  off(name, callback) {
    const kept = (this.listeners.get(name) ?? []).filter((each) => callback && each !== callback);
    this.listeners.set(name, kept);
  }

  emit(name, ...values) {
    for (const callback of this.listeners.get(name) ?? []) callback(...values);
  }

  // Sets values and tells listeners; returns those that are new.
  change(values) {
    const changed = Object.entries(values).filter(([k, v]) => !isEqual(this.state[k], v));
    for (const [name, value] of changed) this.state[name] = value;
    for (const [name, value] of changed) this.emit(`change:${name}`, this, value);
    if (changed.length) this.emit("change", this);
    return Object.fromEntries(changed);
  }

  save(state) {
    const [json, buffer_paths, buffers] = takeBuffers(state);
    const data = { method: "update", state: json, buffer_paths };
    this.pending = post({ comm: this.id, data }, buffers);
    for (const name of Object.keys(state)) this.expectedEchoes.set(name, this.pending);
  }

  receive({ data, parent, idle }, buffers) {
    if (idle) {
      if (idle !== this.pending) return;
      this.pending = null;
      if (this.waiting) this.save(this.waiting);
      this.waiting = null;
    } else if (data.method === "custom") {
      this.queue = this.queue.then(() => this.emit("msg:custom", data.content, buffers));
    } else if (data.method === "close") {
      for (const view of views.values()) if (view.model === this) view.remove();
      models.delete(this.id);
    } else {
      putBuffers(data.state, data.buffer_paths, buffers);
      if (this.state === null) {
        // A change that Python sent before the whole state is in that already.
        if ("_model_name" in data.state) this.open(data.state);
      } else this.queue = this.queue.then(() => this.change(this.current(data, parent)));
    }
  }

  // A state without echoes of what the page has changed again since.
  current({ method, state }, parent) {
    if (method !== "echo_update") return state;
    return Object.fromEntries(
      Object.entries(state).filter(([name]) => {
        if (!this.expectedEchoes.has(name)) return true;
        if (this.expectedEchoes.get(name) !== parent) return false;
        this.expectedEchoes.delete(name);
        return !(this.waiting && name in this.waiting);
      }),
    );
  }

  async open(state) {
    this.state = state;
    if (state._css && !document.getElementById(state._anywidget_id)) {
      const style = document.createElement("style");
      style.id = state._anywidget_id;
      style.textContent = state._css;
      document.head.append(style);
    }
    if (state._esm) {
      const url = URL.createObjectURL(new Blob([state._esm], { type: "text/javascript" }));
      const { default: module } = await import(url);
      URL.revokeObjectURL(url);
      this.module = typeof module === "function" ? await module() : module;
      await this.module.initialize?.({ model: this });
    }
    this.opened();
  }
}

function modelOf(id) {
  if (!models.has(id)) models.set(id, new Model(id));
  return models.get(id);
}

// A drawn control, or a box with its children one below the other.
async function draw(id, parent) {
  const model = modelOf(id);
  const el = document.createElement("div");
  parent.append(el);
  await model.ready;
  el.classList.add(...(model.get("_dom_classes") ?? []));
  const gone = new AbortController();
  const view = { model, remove };
  let cleanup;
  let children = [];

  function remove() {
    gone.abort();
    cleanup?.();
    for (const child of children) child.remove();
    el.remove();
  }

  async function drawChildren() {
    const old = children;
    const ids = (model.get("children") ?? []).map((child) => child.replace("IPY_MODEL_", ""));
    children = [];
    for (const childId of ids) {
      const kept = old.find((child) => child.model.id === childId);
      children.push(kept ?? (await draw(childId, el)));
    }
    for (const child of old) if (!children.includes(child)) child.remove();
  }

  if (model.module) cleanup = await model.module.render({ model, el, signal: gone.signal });
  else {
    model.on("change:children", drawChildren);
    await drawChildren();
  }
  return view;
}

async function show(number, id) {
  const area = document.createElement("div");
  area.className = "area jp-OutputArea-output";
  area.id = `area-${number}`;
  document.getElementById("areas").append(area);
  views.set(number, await draw(id, area));
}

function hide(number) {
  views.get(number).remove();
  views.delete(number);
  document.getElementById(`area-${number}`).remove();
}

async function useTheme(name) {
  const link = document.getElementById("theme");
  const address = `/themes/theme-${name}-extension/index.css`;
  if (link.getAttribute("href") === address) return;
  const loaded = new Promise((resolve) => link.addEventListener("load", resolve, { once: true }));
  link.href = address;
  await loaded;
  document.body.dataset.jpThemeLight = String(name === "light");
}

document.addEventListener("keydown", (event) => {
  if (!event.defaultPrevented) leakedKeys.push(event.key);
});

window.harness = { connected, show, hide, useTheme, leakedKeys };
