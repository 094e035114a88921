// Covers drawn from an item's title and genre: the same item always gets the same cover.
import { el, svg } from "./dom.js";
import { genresOf, nameOf, yearOf } from "./words.js";

const kContrast = 4.8;  // of white text on a cover, at least

const hues = {
  action: 12, adventure: 30, animation: 188, children: 52, comedy: 42, crime: 268, documentary: 150,
  drama: 214, fantasy: 286, "film-noir": 228, horror: 352, musical: 316, mystery: 246, romance: 336,
  "sci-fi": 200, thriller: 4, war: 88, western: 24,
};

// FNV-1a.
const hashOf = (text) => {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ letter.codePointAt(0), 0x01000193) >>> 0;
  return hash;
};

// Numbers from 0 to 1, always the same of one seed (mulberry32).
const numbersOf = (seed) => () => {
  seed = (seed + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
};

const rgbOf = (hue, saturation, lightness) => [0, 8, 4].map((n) => {
  const k = (n + hue / 30) % 12;
  return lightness - saturation * Math.min(lightness, 1 - lightness) * Math.max(-1, Math.min(k - 3, 9 - k, 1));
});

// Relative luminance, as WCAG 2 defines it.
const luminance = (rgb) => {
  const [r, g, b] = rgb.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

// The colours of a cover. White text on `base` has the contrast above.
const colorsOf = (genre, random) => {
  const start = hues[genre.toLowerCase()] ?? hashOf(genre) % 360;
  const hue = (start + random() * 30 - 15 + 360) % 360;
  const saturation = genre === "Film-Noir" ? 0.08 : 0.38 + random() * 0.25;
  let lightness = 0.36;
  while (1.05 / (luminance(rgbOf(hue, saturation, lightness)) + 0.05) < kContrast) lightness -= 0.01;
  const percent = (part) => `${(part * 100).toFixed(0)}%`;
  const color = (turn, s, l) => `hsl(${((hue + turn + 360) % 360).toFixed(0)} ${percent(s)} ${percent(l)})`;
  return {
    base: color(0, saturation, lightness),
    deep: color(-12, saturation, lightness * 0.6),
    mid: color(10, saturation * 0.9, lightness + 0.14),
    bright: color(24 + random() * 16, Math.max(0.1, saturation + 0.15), 0.66),
    pale: color(40, Math.max(0.1, saturation * 0.8), 0.86),
  };
};

const circle = (cx, cy, r, fill) => svg("circle", { cx, cy, r, fill });
const ring = (cx, cy, r, stroke, width) => svg("circle", { cx, cy, r, stroke, "stroke-width": width, fill: "none" });
const shape = (d, fill) => svg("path", { d, fill });
const bar = (x, y, width, height, fill) => svg("rect", { x, y, width, height, fill });
const upTo = (count) => [...Array(count).keys()];

// Each fills a square of 120 by 120.
const drawings = {
  burst: (c, random) => {
    const turn = random() * 30;
    const rays = upTo(12).map((n) => {
      const [a, b] = [n * 30 + turn, n * 30 + 14 + turn].map((angle) => angle * Math.PI / 180);
      const at = (angle) => `${(60 + 110 * Math.cos(angle)).toFixed(1)} ${(66 + 110 * Math.sin(angle)).toFixed(1)}`;
      return shape(`M60 66L${at(a)}L${at(b)}z`, c.mid);
    });
    return [...rays, circle(60, 66, 26 + random() * 8, c.bright), circle(60, 66, 14, c.pale)];
  },
  orbits: (c, random) => {
    const x = 30 + random() * 60;
    return [...[56, 42, 28].map((r) => ring(x, 62, r, c.mid, 1.5)), circle(x, 62, 15, c.bright),
      ...[56, 42, 28].map((r) => {
        const angle = random() * 6.28;
        return circle(x + r * Math.cos(angle), 62 + r * Math.sin(angle), 2.5 + random() * 3, c.pale);
      })];
  },
  teeth: (c, random) => {
    const row = (y, way, fill) => shape(upTo(7).reduce((d, n) =>
      `${d}L${n * 20 + 10} ${y + way * (22 + random() * 22)}L${n * 20 + 20} ${y}`, `M0 ${y}`) +
      `L140 ${y - way * 60}L0 ${y - way * 60}z`, fill);
    return [circle(60, 62, 24, c.bright), row(24, 1, c.deep), row(104, -1, c.deep)];
  },
  stripes: (c, random) => {
    const lean = 20 + random() * 40;
    return [c.mid, c.bright, c.pale, c.deep].map((fill, n) => {
      const x = n * 24 + random() * 14;
      return shape(`M${x} 120L${x + lean} 0h${10 + random() * 8}L${x + 14} 120z`, fill);
    });
  },
  hills: (c, random) => {
    const hill = (y, fill) => {
      const [a, b] = [random() * 40 - 20, random() * 40 - 20];
      return shape(`M0 ${y}C30 ${y - 24 + a} 50 ${y + 22 + b} 78 ${y - 4}S110 ${y - 14 + a} 120 ${y}V120H0z`, fill);
    };
    return [circle(30 + random() * 60, 44, 19, c.bright), hill(70, c.mid), hill(88, c.deep)];
  },
  blinds: (c, random) => {
    const x = 35 + random() * 50;
    return [circle(x, 58, 34, c.bright), circle(x + 10, 52, 28, c.pale),
      ...upTo(9).map((n) => bar(0, n * 14 + 2, 120, 7, c.deep))];
  },
  rings: (c, random) => {
    const apart = 12 + random() * 10;
    return [circle(60 - apart, 60, 32, c.bright), circle(60 + apart, 60, 32, c.mid),
      ring(60 - apart, 60, 32, c.pale, 2), ring(60 + apart, 60, 32, c.pale, 2)];
  },
  confetti: (c, random) => upTo(16).map((n) => {
    const [x, y, size] = [random() * 112, random() * 100, 6 + random() * 12];
    const fill = [c.bright, c.pale, c.mid, c.deep][n % 4];
    return n % 3 ? circle(x + 4, y + 8, size / 1.6, fill) : bar(x, y, size, size, fill);
  }),
  bars: (c, random) => upTo(8).map((n) => {
    const height = 20 + random() * 76;
    return bar(8 + n * 13.5, 108 - height, 9, height, [c.bright, c.mid, c.pale][n % 3]);
  }),
  frames: (c, random) => upTo(12).map((n) => bar(10 + (n % 4) * 26, 14 + Math.floor(n / 4) * 32, 20, 24,
    [c.mid, c.deep, c.bright, c.pale][Math.floor(random() * 4)])),
  peaks: (c, random) => {
    const peak = (x, y, fill) => shape(`M${x - 60} 120L${x} ${y}L${x + 60} 120z`, fill);
    return [circle(88 - random() * 60, 30, 12, c.pale), peak(28 + random() * 20, 42 + random() * 14, c.mid),
      peak(82 + random() * 16, 54 + random() * 12, c.deep), peak(56, 84, c.bright)];
  },
  target: (c, random) => {
    const [x, y] = [40 + random() * 40, 48 + random() * 20];
    return [58, 44, 31, 19, 8].map((r, n) => circle(x, y, r, [c.deep, c.mid, c.deep, c.bright, c.pale][n]));
  },
  split: (c, random) => {
    const y = 56 + random() * 16;
    const r = 24 + random() * 8;
    return [bar(0, y, 120, 120, c.mid), shape(`M${60 - r} ${y}a${r} ${r} 0 0 1 ${2 * r} 0z`, c.bright),
      shape(`M${60 - r} ${y}a${r} ${r} 0 0 0 ${2 * r} 0z`, c.deep)];
  },
  waves: (c, random) => {
    const [start, tall] = [20 + random() * 20, 10 + random() * 12];
    return [c.mid, c.bright, c.pale, c.deep].map((fill, n) => {
      const y = start + n * 24;
      return shape(`M0 ${y}Q15 ${y - tall} 30 ${y}T60 ${y}T90 ${y}T120 ${y}v12Q105 ${y + 12 + tall} 90 ${y + 12}` +
        `T60 ${y + 12}T30 ${y + 12}T0 ${y + 12}z`, fill);
    });
  },
  steps: (c, random) => {
    const turn = random() < 0.5;
    return upTo(6).map((n) => {
      const size = 96 - n * 16;
      return bar(turn ? 12 + n * 12 : 12, turn ? 12 + n * 4 : 108 - size, size, size,
        [c.deep, c.mid, c.bright, c.base, c.pale, c.deep][n]);
    });
  },
  chevrons: (c, random) => {
    const first = random() * 12;
    return [c.pale, c.bright, c.mid, c.deep].map((fill, n) => {
      const y = first + n * 26;
      return shape(`M0 ${y + 30}L60 ${y}L120 ${y + 30}v12L60 ${y + 12}L0 ${y + 42}z`, fill);
    });
  },
};

const ofGenres = {
  action: ["stripes", "chevrons", "burst"], adventure: ["hills", "peaks", "stripes"],
  animation: ["confetti", "waves", "burst"], children: ["confetti", "waves"], comedy: ["burst", "waves", "confetti"],
  crime: ["blinds", "steps", "frames"], documentary: ["frames", "steps"], drama: ["split", "steps", "waves"],
  fantasy: ["peaks", "orbits"], "film-noir": ["blinds", "steps"], horror: ["teeth", "target"],
  musical: ["bars", "waves"], mystery: ["target", "steps", "blinds"], romance: ["rings", "waves", "split"],
  "sci-fi": ["orbits", "target", "frames"], thriller: ["target", "stripes", "steps"], war: ["chevrons", "stripes"],
  western: ["hills", "split"],
};
const names = Object.keys(drawings);

// Any of the drawings that suit a genre; any at all for a genre of other catalogues.
const drawingOf = (genre, random) => {
  const suited = ofGenres[genre.toLowerCase()] ?? names;
  return drawings[suited[Math.floor(random() * suited.length)]];
};

// Genres that many items have say less about one of them.
const common = new Set(["drama", "comedy", "action", "adventure", "thriller", "imax"]);
const mainGenre = (genres) => genres.find((genre) => !common.has(genre.toLowerCase())) ?? genres[0] ?? "";

// A cover; with its text for large ones. It says nothing to a screen reader: the name stands beside it.
export const cover = (item, withText = false) => {
  const genres = genresOf(item);
  const genre = mainGenre(genres);
  const seed = hashOf(item.title || String(item.id));
  const random = numbersOf(seed);
  const colors = colorsOf(genres[Math.floor(random() * genres.length)] ?? String(seed), random);
  const picture = svg("svg", { viewBox: "0 0 120 120", preserveAspectRatio: "xMidYMid slice" },
    bar(0, 0, 120, 120, colors.base), ...drawingOf(genre, random)(colors, random));
  const node = el("div", { class: withText ? "cover" : "cover small", "aria-hidden": "true" }, picture);
  node.style.setProperty("--base", colors.base);
  if (withText) {
    const name = nameOf(item);
    const size = name.length > 40 ? "long" : name.length > 18 ? "medium" : "short";
    node.append(el("div", { class: "on-cover" },
      el("strong", { class: size }, name),
      el("span", {}, [yearOf(item), genre].filter((part) => part).join(" · "))));
  }
  return node;
};
