// Items in lists: short rows, and entries with all that is known of a recommendation.
import { cover } from "./covers.js";
import { el, icon } from "./dom.js";
import { likeControl, starControl } from "./stars.js";
import { opinionOf } from "./store.js";
import { catalogue, decimal, fullName, genresOf, nameOf, ofScale, ratingText, starsText, takesStars, whole,
  yearOf } from "./words.js";

// item.js shows the item; `similar` goes to what is like it.
export const openItem = (item, similar = false) =>
  document.dispatchEvent(new CustomEvent("open-item", { detail: { item, similar } }));

export const details = (item) => [yearOf(item), ...genresOf(item).slice(0, 4)].filter((part) => part).join(" · ");

// One line that opens the item: a cover, the name, a note on the right, and what a screen reader says
// in place of the note.
export const row = (item, { note = null, noteLabel = null, place = null, reason = null } = {}) =>
  el("button", { type: "button", class: "row", onclick: () => openItem(item) },
    place === null ? null : el("span", { class: "place", "aria-hidden": "true" }, String(place)),
    cover(item),
    el("span", { class: "text" }, el("span", { class: "name" }, nameOf(item)),
      el("span", { class: "details" }, details(item)), reason ? el("span", { class: "reason" }, reason) : null),
    note === null ? null : el("span", { class: "value" },
      noteLabel ? el("span", { class: "unseen" }, noteLabel) : null,
      el("span", { "aria-hidden": noteLabel ? "true" : null }, note)));

const evidences = {
  full: "From this user's ratings and the item's ratings.",
  "user-only": "The model knows the user's ratings, and none of the item.",
  "item-only": "The model knows the item's ratings, and none of yours.",
  global: "From overall averages.",
  "folded-in": "From the ratings that you gave here.",
  content: "From genre, year and words of the title.",
};

// "you gave Heat (1995) 5 stars".
const saidOf = ({ item, rating }, yours) => {
  const opinion = yours ? opinionOf(item.id) : null;
  if (opinion?.stars) return `you gave ${fullName(item)} ${starsText(opinion.stars)}`;
  if (opinion) return `you ${opinion.like ? "liked" : "did not like"} ${fullName(item)}`;
  if (rating === null || !takesStars()) return fullName(item);
  return `${fullName(item)} was rated ${ratingText(rating)}`;
};

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

const because = (entry, yours) => {
  const first = entry.reasons?.find((reason) => reason.adds > 0);
  if (first) return `Because ${saidOf(first, yours)}`;
  return `${whole(entry.ratings)} ${entry.ratings === 1 ? "rating" : "ratings"}`;
};

const whyLines = (entry, yours) => {
  const reasons = entry.reasons ?? [];
  const most = Math.max(...reasons.map((reason) => Math.abs(reason.adds)), 1e-9);
  const line = (reason) => {
    const meter = el("span", { class: "adds", "aria-hidden": "true" });
    meter.style.setProperty("--part", Math.abs(reason.adds) / most);
    return el("li", {}, meter, el("span", {}, capital(saidOf(reason, yours))),
      el("b", { title: "what it adds to the score" },
        `${reason.adds < 0 ? "−" : "+"}${decimal(Math.abs(reason.adds), 2)}`));
  };
  return [
    reasons.length > 0 ? el("ul", { class: "reasons" }, reasons.map(line)) : null,
    el("p", {}, evidences[entry.evidence] ?? "",
      ` It has ${whole(entry.ratings)} ${entry.ratings === 1 ? "rating" : "ratings"} in training.`),
    entry.parts?.length ? el("p", {}, "Places in the model's parts: ",
      entry.parts.map((part) => `${part.part} ${part.rank}`).join(", ")) : null,
  ];
};

export const ratingBadge = (rating) => el("span", { class: "badge" },
  el("span", { class: "unseen" }, `Predicted rating ${ratingText(rating)} ${ofScale()}`),
  el("span", { "aria-hidden": "true" }, icon("star"), ratingText(rating)));

const painters = new WeakMap();
export const updateEntry = (node, entry) => painters.get(node)(entry);

// An entry of a list. `yours`: its reasons are the visitor's ratings, not another user's.
export const makeEntry = (entry, yours = true) => {
  const place = el("span", { class: "place", "aria-hidden": "true" });
  const badge = el("span");
  const reason = el("p", { class: "because" });
  const why = el("div", { class: "why" });
  // What is behind "Why this?" is made once it is asked for.
  const paintWhy = () => {
    if (fold.open) why.replaceChildren(...whyLines(entry, yours).filter((part) => part));
  };
  const fold = el("details", { ontoggle: paintWhy }, el("summary", {}, "Why this?",
    el("span", { class: "unseen" }, ` ${fullName(entry)}`)), why);
  const similar = el("button", { type: "button", class: "link",
    "aria-label": `More like this: ${fullName(entry)}`, onclick: () => openItem(entry, true) }, "More like this");
  const node = el("li", { class: "entry panel" },
    el("div", { class: "picture" }, cover(entry), place),
    el("div", { class: "text" },
      el("div", { class: "bar" },
        el("h2", {}, el("button", { type: "button", class: "title", onclick: () => openItem(entry) },
          nameOf(entry))),
        badge),
      el("p", { class: "details" }, details(entry)),
      reason,
      el("div", { class: "actions" }, likeControl(entry)),
      el("div", { class: "links" },
        catalogue.model.compares_items ? similar : null, fold)));
  let shown = null;
  painters.set(node, (now) => {
    entry = now;
    place.textContent = String(now.rank);
    const text = JSON.stringify([now.rating, now.reasons, now.evidence, now.parts,
      now.reasons?.map((one) => opinionOf(one.item.id) ?? null)]);
    if (text === shown) return;
    shown = text;
    badge.replaceChildren(...(now.rating === null || now.rating === undefined ? [] : [ratingBadge(now.rating)]));
    reason.textContent = because(now, yours);
    paintWhy();
  });
  updateEntry(node, entry);
  return node;
};

// An item that the visitor has rated.
export const mineRow = (item) => el("li", {}, row(item),
  item.stars ? starControl(item) : likeControl(item));
