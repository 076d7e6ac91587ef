// The page: asks for pictures, shows them as they are drawn, and searches the gallery.
import { WORDS } from "./words.js";

const PAGE = 40;
const SIDES = [[1, 1], [4, 3], [3, 4], [16, 9], [9, 16]];
const FIELDS = ["prompt", "negative_prompt", "steps", "guidance", "seed", "count"];
const $ = (id) => document.getElementById(id);

let language = localStorage.getItem("zimg-language")
  || (navigator.language.startsWith("zh") ? "zh" : "en");
let models = [];
let job = null;
let source = null;
let shown = 0;

function say(word, values = {}) {
  return WORDS[language][word].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function translate() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = say(element.dataset.word);
  }
  $("language").textContent = say("other");
  $("prompt").placeholder = say("prompt_example");
  $("search").placeholder = say("search");
  $("search").ariaLabel = say("search");
  for (const name of ["steps", "guidance"]) $(name).placeholder = say("automatic");
  fillModels();
}

async function ask(path, options = {}) {
  const answer = await fetch(path, options);
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.error?.message || `HTTP ${answer.status}`);
  return told;
}

function fillModels() {
  const chosen = $("model").value || models.find((one) => one.default)?.id;
  $("model").replaceChildren(...models.map((one) => {
    const option = new Option(one.ready ? one.title : `${one.title} (${say("absent")})`, one.id);
    option.disabled = !one.ready;
    option.selected = one.id === chosen;
    return option;
  }));
  fillSizes();
}

function fillSizes() {
  const model = models.find((one) => one.id === $("model").value);
  const chosen = $("size").value;
  const options = [new Option(say("own_size"), "")];
  if (model) {
    const area = model.width * model.height;
    for (const [across, down] of SIDES) {
      const scale = Math.sqrt(area / (across * down));
      const sides = [across, down].map((side) => Math.round((side * scale) / 32) * 32);
      if (sides.some((side) => side < model.min_side || side > model.max_side)) continue;
      options.push(new Option(`${sides[0]} × ${sides[1]}  (${across}:${down})`, sides.join("x")));
    }
  }
  $("size").replaceChildren(...options);
  if ([...$("size").options].some((one) => one.value === chosen)) $("size").value = chosen;
}

function wanted() {
  const fields = { model: $("model").value || null };
  for (const name of FIELDS) {
    const value = $(name).value;
    if (value !== "") fields[name] = $(name).type === "number" ? Number(value) : value;
  }
  if ($("size").value) [fields.width, fields.height] = $("size").value.split("x").map(Number);
  return fields;
}

function working(on) {
  $("draw").disabled = on;
  $("cancel").hidden = !on;
  $("progress").hidden = !on;
  if (!on) $("progress").value = 0;
}

function show(url, alt) {
  $("picture").src = url;
  $("picture").alt = alt;
  $("picture").hidden = false;
  $("hint").hidden = true;
}

async function draw(event) {
  event.preventDefault();
  working(true);
  $("facts").textContent = "";
  $("said").className = "";
  try {
    job = await ask("v1/jobs", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(wanted()),
    });
    follow(job);
  } catch (error) {
    end("failed", { why: error.message });
  }
}

function end(word, values) {
  source?.close();
  source = null;
  job = null;
  working(false);
  $("said").textContent = say(word, values);
  $("said").className = word === "failed" ? "wrong" : "";
}

function follow(started) {
  const prompt = started.parameters.prompt;
  // On a narrow page the picture is below the form.
  if ($("result").getBoundingClientRect().top > innerHeight * 0.8) {
    $("result").scrollIntoView({ block: "end", behavior: "smooth" });
  }
  $("said").textContent = [...started.warnings, ...started.notes].join(" ");
  source = new EventSource(`v1/jobs/${started.id}/events`);
  const on = (name, handle) => source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
  on("queued", ({ ahead }) => {
    if (ahead) $("said").textContent = say("waiting", { n: ahead });
  });
  on("started", () => { $("said").textContent = say("started"); });
  on("step", ({ step, steps, index, count, preview }) => {
    $("progress").value = (index + step / steps) / count;
    $("said").textContent = say("step", { picture: index + 1, count, step, steps });
    if (preview) show(preview, prompt);
  });
  on("picture", (told) => {
    show(told.url, prompt);
    const seconds = told.seconds === null ? "–" : told.seconds.toFixed(1);
    $("facts").textContent = say("facts", { ...told, seconds });
    search();
  });
  on("done", (told) => {
    end("done");
    $("said").textContent = [say("done"), ...told.warnings].join(" ");
  });
  on("cancelled", () => end("cancelled"));
  on("failed", (told) => end("failed", { why: told.error.message }));
  source.onerror = () => {
    if (source) $("said").textContent = say("lost");
  };
}

async function search(more = false) {
  const text = $("search").value;
  const offset = more ? shown : 0;
  let found;
  try {
    found = await ask(`v1/gallery?limit=${PAGE}&offset=${offset}&text=${encodeURIComponent(text)}`);
  } catch {
    return;
  }
  const items = found.pictures.map((one) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    const image = document.createElement("img");
    image.src = one.thumbnail;
    image.alt = one.prompt;
    image.loading = "lazy";
    button.title = one.prompt;
    button.type = "button";
    button.onclick = () => open(one);
    button.append(image);
    item.append(button);
    return item;
  });
  if (more) $("pictures").append(...items);
  else $("pictures").replaceChildren(...items);
  shown = offset + items.length;
  $("older").hidden = shown >= found.total;
  const empty = text ? "none_found" : "none";
  $("total").textContent = found.total ? say("total", { n: found.total }) : say(empty);
}

async function open(one) {
  $("large-picture").src = one.url;
  $("large-picture").alt = one.prompt;
  $("download").href = one.url;
  $("download").download = one.name.split("/").pop();
  const record = await ask(`v1/gallery/parameters/${one.name.split("/").map(encodeURIComponent).join("/")}`);
  const params = record.params;
  const rows = [
    ["prompt", params.prompt], ["negative", params.negative_prompt], ["model", params.model],
    ["size", record.size?.join(" × ")], ["steps", params.steps], ["guidance", params.guidance],
    ["seed", params.seed],
  ];
  $("parameters").replaceChildren(...rows.filter(([, value]) => value !== "" && value != null)
    .flatMap(([word, value]) => {
      const name = document.createElement("dt");
      const told = document.createElement("dd");
      name.textContent = say(word).replace(/ ?[(（].*/, "");
      told.textContent = value;
      return [name, told];
    }));
  $("reuse").onclick = () => {
    for (const name of FIELDS) if (name !== "count") $(name).value = params[name] ?? "";
    if (models.some((model) => model.id === params.model && model.ready)) {
      $("model").value = params.model;
      fillSizes();
    }
    const size = `${params.width}x${params.height}`;
    if (![...$("size").options].some((option) => option.value === size)) {
      $("size").append(new Option(`${params.width} × ${params.height}`, size));
    }
    $("size").value = size;
    $("large").close();
    scrollTo({ top: 0, behavior: "smooth" });
  };
  $("large").showModal();
}

$("form").addEventListener("submit", draw);
$("cancel").addEventListener("click", () => {
  if (job) ask(`v1/jobs/${job.id}/cancel`, { method: "POST" }).catch(() => {});
});
$("model").addEventListener("change", fillSizes);
$("older").addEventListener("click", () => search(true));
let typing = 0;
$("search").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(search, 250);
});
$("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("zimg-language", language);
  translate();
  search();
  if (!job) $("said").textContent = $("facts").textContent = "";
});

translate();
search();
ask("v1/models").then((told) => {
  models = told.data;
  fillModels();
}).catch((error) => end("failed", { why: error.message }));
