// Makes elements from properties; the first part of scripts that are joined from several files.

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** An element with properties, attributes ("aria-…", "role", …) and children. */
const make = (tag, settings = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(settings)) {
    if (name in element && !name.includes("-")) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
};
