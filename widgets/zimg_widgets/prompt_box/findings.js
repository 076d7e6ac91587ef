// Findings on a prompt: underlined in the field, and a list below it.

import { fillIn, make, makeButton } from "../_shared/dom.js";

const MOST = 5; // findings in the list; more would push the form away
const QUIET = 1500; // milliseconds without a change until a screen reader is told how many
const RANK = { error: 0, warning: 1, hint: 2 };

// Python counts characters, a browser UTF-16 units: an emoji is one and two.
export function unitsOf(text) {
  const units = [0];
  for (const character of text) units.push(units[units.length - 1] + character.length);
  return (position) => units[Math.min(position, units.length - 1)];
}

export function sharedStart(a, b) {
  let n = 0;
  while (n < a.length && n < b.length && a[n] === b[n]) n += 1;
  return n;
}

// The field's text once more behind it, invisible but for its underlines. It wraps as the field
// does because it has the same style and the same inner width.
export function makeUnderlines(field) {
  const text = make("div", "zimg-underlines-text");
  const back = make("div", "zimg-underlines", { "aria-hidden": "true" }, text);
  const follow = () => {
    back.style.height = `${field.offsetHeight}px`;
    text.style.width = `${field.clientWidth}px`;
    text.style.transform = `translateY(${-field.scrollTop}px)`;
  };
  const draw = (findings, checked) => {
    const value = field.value;
    const known = value === checked ? value.length : sharedStart(value, checked);
    const at = unitsOf(checked);
    const parts = [];
    let end = 0;
    const marks = findings
      .filter((finding) => finding.rule !== "vague" && finding.end > finding.start)
      .map((finding) => ({ ...finding, start: at(finding.start), end: at(finding.end) }))
      .sort((a, b) => a.start - b.start || RANK[a.severity] - RANK[b.severity]);
    for (const mark of marks) {
      if (mark.start < end || mark.end > known) continue;
      parts.push(value.slice(end, mark.start));
      const words = value.slice(mark.start, mark.end);
      parts.push(make("span", "zimg-mark", { "data-severity": mark.severity }, words));
      end = mark.end;
    }
    // The last line of a field is there also when it is empty, that of a block is not.
    text.replaceChildren(...parts, `${value.slice(end)}\u200b`);
    follow();
  };
  const watch = new ResizeObserver(follow);
  watch.observe(field);
  field.addEventListener("scroll", follow);
  return { element: back, draw, end: () => watch.disconnect() };
}

// `mend` is called with the text that the field shall hold instead.
export function makeFindings(model, field, mend) {
  const list = make("ul", "zimg-findings zimg-list");
  const count = make("span", "zimg-findings-count zimg-visually-hidden", { role: "status", "aria-live": "polite" });
  const element = make("div", "zimg-findings-box", {}, list, count);
  let timer = 0;
  let told = 0;

  const row = (finding, text, at, labels) => {
    const place = text.slice(at(finding.start), at(finding.end));
    const { rule, severity } = finding;
    const item = make("li", "zimg-finding", { "data-rule": rule, "data-severity": severity });
    const says = make("span", "zimg-finding-says");
    says.append(
      make("strong", "", {}, `${labels[finding.severity]}${labels.colon}`),
      finding.why,
      " ",
      make("span", "zimg-finding-todo", {}, finding.suggestion || ""),
    );
    item.append(says);
    if (finding.rule !== "vague" && place.trim()) {
      const show = makeButton("zimg-flat-button zimg-finding-show", labels.show, () => {
        if (field.value !== text) return;
        field.focus();
        field.setSelectionRange(at(finding.start), at(finding.end));
      });
      show.setAttribute("aria-label", `${labels.show}${labels.colon}${place.slice(0, 40)}`);
      item.append(show);
    }
    if (typeof finding.fix === "string") {
      const fix = makeButton("zimg-flat-button zimg-finding-fix", labels.fix, () => {
        if (field.value === text && !field.disabled) mend(finding.fix);
      });
      fix.setAttribute("aria-label", `${labels.fix}${labels.colon}${place.slice(0, 40)}`);
      item.append(fix);
    }
    return item;
  };

  const draw = () => {
    const { findings = [], prompt: text = "" } = model.get("findings_shown") || {};
    const labels = model.get("labels");
    const at = unitsOf(text);
    // A button that has the focus is taken away with its list: the field is next to it.
    const focused = list.contains(document.activeElement);
    const first = [...findings].sort((a, b) => RANK[a.severity] - RANK[b.severity]).slice(0, MOST);
    const items = first.map((finding) => row(finding, text, at, labels));
    if (findings.length > MOST) {
      const more = fillIn(labels.more, { n: findings.length - MOST });
      items.push(make("li", "zimg-finding-more", {}, more));
    }
    list.replaceChildren(...items);
    list.hidden = !items.length;
    if (focused) field.focus();
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (findings.length === told) return;
      told = findings.length;
      count.textContent = told ? fillIn(labels[told === 1 ? "remark" : "remarks"], { n: told }) : "";
    }, QUIET);
  };
  return { element, draw, end: () => clearTimeout(timer) };
}
