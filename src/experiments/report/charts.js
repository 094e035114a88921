"use strict";
// What a page is drawn with: elements, scales, charts and tables that sort. Everything that comes from
// data is set as text.
const tip = document.getElementById("tip");

// Elements: el("p", {class: "x"}, "text", child, ...); the same for SVG.
const build = (node, attributes, children) => {
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
};
const el = (name, attributes, ...children) =>
  build(document.createElement(name), attributes, children);
const svg = (name, attributes, ...children) =>
  build(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);

const fixed = (value, digits = 4) => (Number.isFinite(value) ? value.toFixed(digits) : "–");
const short = (value) =>
  Math.abs(value) >= 10000 ? value.toExponential(0) : String(Number(value.toPrecision(3)));
const whole = (value) => value.toLocaleString("en");

const withTip = (node, text) => {
  const show = (event) => {
    tip.textContent = text;
    tip.style.visibility = "visible";
    const { width, height } = tip.getBoundingClientRect();
    const left = Math.min(event.clientX + 14, innerWidth - width - 6);
    const above = event.clientY - height - 12;
    tip.style.left = `${Math.max(6, left)}px`;
    tip.style.top = `${above > 4 ? above : event.clientY + 16}px`;
  };
  const hide = () => { tip.style.visibility = "hidden"; };
  node.addEventListener("pointermove", show);
  node.addEventListener("pointerleave", hide);
  node.addEventListener("focus", () => {
    const box = node.getBoundingClientRect();
    show({ clientX: box.left + box.width / 2, clientY: box.top });
  });
  node.addEventListener("blur", hide);
  return node;
};

// Scales: from values to places, with ticks.
const linear = (low, high, from, to) => {
  if (low === high) { low -= 0.5; high += 0.5; }
  const scale = (value) => from + ((value - low) / (high - low)) * (to - from);
  scale.ticks = (count) => {
    const rough = (high - low) / count;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].find((s) => s * power >= rough) * power;
    const ticks = [];
    for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9; ++n) {
      ticks.push(Number((n * step).toPrecision(12)));
    }
    return ticks;
  };
  return scale;
};
const logarithmic = (low, high, from, to) => {
  const inner = linear(Math.log(low), Math.log(high), from, to);
  const scale = (value) => inner(Math.log(value));
  scale.ticks = () => {
    const ticks = [];
    const decades = Math.log10(high / low);
    const steps = decades > 3 ? [1] : decades > 1.2 ? [1, 3] : [1, 2, 5];
    for (let p = Math.floor(Math.log10(low)); p <= Math.ceil(Math.log10(high)); ++p) {
      for (const s of steps) {
        const tick = Number((s * 10 ** p).toPrecision(6));
        if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
      }
    }
    return ticks.length > 1 ? ticks : [low, high];
  };
  return scale;
};
const padded = (values, share = 0.06) => {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const pad = (high - low) * share || Math.abs(high) * 0.01 || 1;
  return [low - pad, high + pad];
};
// Without the worst, which would leave no room for the others.
const withoutOutliers = (values, higherIsBetter) => {
  const sorted = [...values].sort((a, b) => (higherIsBetter ? b - a : a - b));
  const best = sorted[0];
  const reach = Math.abs(sorted[Math.floor(sorted.length * 0.8)] - best) * 2.5;
  return reach > 0 ? values.filter((v) => Math.abs(v - best) <= reach) : values;
};

// A chart that is drawn anew whenever its width changes: draw(svg, width, height). The label says in
// words what it shows. One whose parts can be focused is a group.
const chart = (height, label, draw, role = "img") => {
  const root = svg("svg", { role, "aria-label": label, height });
  const box = el("div", {}, root);
  let drawn = 0;
  const redraw = () => {
    const width = Math.max(160, box.clientWidth);
    if (width === drawn) return;
    drawn = width;
    root.setAttribute("viewBox", `0 0 ${width} ${height}`);
    root.replaceChildren();
    draw(root, width, height);
  };
  new ResizeObserver(redraw).observe(box);
  queueMicrotask(redraw);  // once it is on the page: a busy browser calls observers late
  return box;
};
const yAxis = (root, y, left, right, digits) => {
  const ticks = y.ticks(4);
  // Neighbours are never the same text.
  if (digits !== undefined && ticks.length > 1) {
    digits = Math.max(digits, Math.ceil(-Math.log10(ticks[1] - ticks[0]) - 1e-9));
  }
  for (const tick of ticks) {
    root.append(
      svg("line", { class: "grid", x1: left, x2: right, y1: y(tick), y2: y(tick) }),
      svg("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" },
        digits === undefined ? short(tick) : fixed(tick, digits)));
  }
};
const xAxis = (root, x, bottom, left, right, ticks, text = short) => {
  root.append(svg("line", { class: "axis", x1: left, x2: right, y1: bottom, y2: bottom }));
  let end = -Infinity;
  for (const tick of ticks) {
    const label = text(tick);
    const half = String(label).length * 3.4;
    if (x(tick) - half < end + 6) continue;
    end = x(tick) + half;
    root.append(svg("text", { x: x(tick), y: bottom + 16, "text-anchor": "middle" }, label));
  }
};
const legend = (...entries) =>
  el("div", { class: "legend" }, entries.map(([text, color, kind]) => {
    const mark = el("i", { class: kind || "" });
    mark.style[kind === "dot" ? "background" : "borderColor"] = `var(--${color})`;
    return el("span", {}, mark, text);
  }));

const section = (title, text, ...children) =>
  el("section", {}, el("h2", {}, title), text ? el("p", {}, text) : null, ...children);

// A box whose content may be larger than it. Its edges have a shadow where there is more.
const scrolling = (content) => {
  const box = el("div", { class: "scroll", tabindex: "0" }, content);
  const frame = el("div", { class: "frame" }, box);
  const edges = () => {
    frame.classList.toggle("more-left", box.scrollLeft > 1);
    frame.classList.toggle("more-right", box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
    frame.classList.toggle("more-below", box.scrollTop + box.clientHeight < box.scrollHeight - 1);
  };
  box.addEventListener("scroll", edges, { passive: true });
  const watch = new ResizeObserver(edges);
  watch.observe(box);
  watch.observe(content);
  queueMicrotask(edges);
  return frame;
};

// A table that sorts by any column. Columns: {title, text, value(row), show(row)}.
const table = (columns, rows, { name = () => "", most = 200 } = {}) => {
  const body = el("tbody");
  let all = rows.length <= most;
  let order = rows;
  const fill = () => body.replaceChildren(...(all ? order : order.slice(0, most)).map((row) =>
    el("tr", { class: name(row) },
      columns.map((c) => el("td", { class: c.text ? "text" : "" }, String(c.show(row)))))));
  let sorted = null;
  let falling = false;
  const sort = (column) => () => {
    falling = sorted === column ? !falling : false;
    sorted = column;
    const missing = (v) => v === null || v === undefined || Number.isNaN(v);
    order = [...rows].sort((a, b) => {
      const [u, v] = [column.value(a), column.value(b)];
      if (missing(u) || missing(v)) return missing(u) - missing(v);
      const less = typeof u === "number" && typeof v === "number" ? u - v
        : String(u).localeCompare(String(v), "en", { numeric: true });
      return falling ? -less : less;
    });
    for (const [c, head] of heads) {
      head.setAttribute("aria-sort", c !== column ? "none" : falling ? "descending" : "ascending");
    }
    fill();
  };
  const heads = columns.map((c) => [c, el("th", { class: c.text ? "text" : "", scope: "col" },
    el("button", { type: "button", onclick: sort(c) }, c.title))]);
  fill();
  const more = el("button", { type: "button", class: "more", onclick: () => {
    all = true;
    more.remove();
    fill();
  } }, `show all ${whole(rows.length)}`);
  return [scrolling(el("table", { class: "sorts" },
    el("thead", {}, el("tr", {}, heads.map(([, head]) => head))), body)),
  all ? null : more];
};

// The figures of a chart as a table of texts, for those who do not see it or want to copy them.
const figures = (heads, rows) => el("details", {}, el("summary", {}, "as a table"),
  scrolling(el("table", {},
    el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, el("span", {}, head))))),
    el("tbody", {}, rows.map((row) => el("tr", {}, row.map((text) => el("td", {}, String(text)))))))));
