// Making elements. Texts become text nodes, never HTML.

const make = (node, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
};

export const el = (tag, attributes = {}, ...children) =>
  make(document.createElement(tag), attributes, children);

export const svg = (tag, attributes = {}, ...children) =>
  make(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

export const find = (selector, root = document) => root.querySelector(selector);

const paths = {
  star: "M12 2.6l2.9 6 6.5.9-4.7 4.6 1.1 6.5-5.8-3.1-5.8 3.1 1.1-6.5L2.6 9.5l6.5-.9z",
  heart: "M12 20.5C6.5 16.7 3 13.4 3 9.3 3 6.5 5.1 4.5 7.6 4.5c1.8 0 3.4 1 4.4 2.7 1-1.7 2.6-2.7 4.4-2.7 2.5 0 4.6 2 4.6 4.8 0 4.1-3.5 7.4-9 11.2z",
  no: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM6 6l12 12",
  close: "M6 6l12 12M18 6L6 18",
  back: "M14.5 5.5L8 12l6.5 6.5",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  moon: "M20 14.5A8.3 8.3 0 0 1 9.5 4a8.3 8.3 0 1 0 10.5 10.5z",
};

// An icon that says nothing to a screen reader.
export const icon = (name) =>
  svg("svg", { class: `icon ${name}`, viewBox: "0 0 24 24", "aria-hidden": "true" },
    svg("path", { d: paths[name] }));

// Tells a screen reader what has changed, once changes have come to rest.
let announcing = 0;
export const announce = (text) => {
  clearTimeout(announcing);
  const status = find("#status");
  status.textContent = "";
  announcing = setTimeout(() => { status.textContent = text; }, 400);
};

// Calls a function once its calls have paused for some milliseconds.
export const debounced = (pause, call) => {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(call, pause, ...values);
  };
};

// Replaces children by others, and keeps those whose key is still there: they keep their focus and
// what is open in them. `make(thing)` makes the node of a new key, `update(node, thing)` changes one.
export const replaceByKey = (parent, things, keyOf, make, update) => {
  const active = document.activeElement;
  const old = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  const nodes = things.map((thing) => {
    const key = keyOf(thing);
    let node = old.get(key);
    if (node) old.delete(key);
    else (node = make(thing)).dataset.key = key;
    update?.(node, thing);
    return node;
  });
  for (const node of old.values()) node.remove();
  nodes.forEach((node, place) => {
    if (parent.children[place] !== node) parent.insertBefore(node, parent.children[place] ?? null);
  });
  if (active !== document.activeElement && parent.contains(active)) active.focus();
};
