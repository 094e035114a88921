// "Rate": well-known items with five stars each, and the list as it forms.
import { api } from "./api.js";
import { row } from "./cards.js";
import { cover } from "./covers.js";
import { el, find, replaceByKey } from "./dom.js";
import { isFiltered, lists, made } from "./lists.js";
import { focusStars, likeControl, starControl } from "./stars.js";
import { changes, countOpinions } from "./store.js";
import { given, noun, ofScale, opinionNoun, ratingText, takesStars } from "./words.js";

const kEnough = 5;
const kStep = 50;
const kMost = 200;
const kShown = 10;  // of the list, beside the tiles

const view = find("#rate");
const tiles = find("#tiles");
const more = find("#more-tiles");
const soFar = find(".so-far", view);
let wanted = kStep;  // tiles

// The tile that an arrow leads to: left and right in reading order, up and down in the grid.
const neighbour = (tile, key) => {
  const all = [...tiles.children];
  const at = all.indexOf(tile);
  if (key === "ArrowLeft" || key === "ArrowRight") return all[at + (key === "ArrowRight" ? 1 : -1)];
  const columns = all.findIndex((other) => other.offsetTop > all[0].offsetTop);
  return columns < 0 ? null : all[at + (key === "ArrowDown" ? columns : -columns)];
};

const moveFrom = (group, key) => {
  const next = neighbour(group.closest("li"), key)?.querySelector(".stars");
  if (!next) return;
  setEntry(next);
  focusStars(next);
  next.closest("li").scrollIntoView({ block: "nearest" });
};

// Only one tile is a stop of the Tab key; arrows lead to the others.
const setEntry = (group) => {
  for (const other of tiles.querySelectorAll(".stars")) {
    other.dataset.roving = other === group ? "on" : "off";
    if (other !== group) for (const star of other.children) star.tabIndex = -1;
  }
};

const makeTile = (item) => {
  const control = takesStars() ? starControl(item, moveFrom) : likeControl(item);
  return el("li", { class: "tile" }, cover(item, true), control);
};

tiles.addEventListener("focusin", (event) => {
  const group = event.target.closest(".stars");
  if (group && group.dataset.roving !== "on") setEntry(group);
});

const drawTiles = (items) => {
  replaceByKey(tiles, items, (item) => item.id, makeTile);
  const first = tiles.querySelector(".stars[data-roving=on]") ?? tiles.querySelector(".stars");
  if (first) {
    setEntry(first);
    first.querySelector("[aria-checked=true], button").tabIndex = 0;
  }
  more.hidden = items.length < wanted || wanted >= kMost;
};

const drawProgress = () => {
  const count = countOpinions();
  find("#rated").value = Math.min(count, kEnough);
  find(".count", view).textContent = count < kEnough ? `${count} of ${kEnough} ${given()}` : `${count} ${given()}`;
  find(".progress", view).classList.toggle("enough", count >= kEnough);
};

// The list beside the tiles, once both are there to be seen.
export const drawSoFar = () => {
  if (view.hidden || made.answer === null) return;
  const { kind, items } = made.answer;
  find(".note", soFar).textContent = kind === "personal"
    ? `Made from your ${opinionNoun()}s${isFiltered() ? " and filters" : ""}.`
    : `Popular ${noun()}, until ${takesStars() ? "you rate some" : "you like some"}.`;
  replaceByKey(find(".rows", soFar), items.slice(0, kShown).map((item, place) => ({ item, place })),
    ({ item, place }) => `${place} ${item.id} ${item.rating}`,
    ({ item, place }) => el("li", {}, row(item, {
      place: place + 1, note: item.rating === null ? null : ratingText(item.rating),
      noteLabel: item.rating === null ? null : `, predicted rating ${ratingText(item.rating)} ${ofScale()}`,
    })));
};

export const startRateView = (items) => {
  find("#rate-heading").textContent = takesStars() ? "Rate what you know" : "Choose what you like";
  find(".lead", view).textContent = `Five ${noun()} are enough for a first list; ` +
    `every further ${opinionNoun()} improves it. Skip the ${noun()} that you do not know.`;
  find("#rate-keys").textContent = takesStars()
    ? `Keyboard: arrow keys move between ${noun()}, 1 to 5 rate, 0 removes a rating.` : "";
  tiles.replaceChildren();
  drawTiles(items);
  drawProgress();
};

more.addEventListener("click", async () => {
  wanted = Math.min(wanted + kStep, kMost);
  const before = tiles.childElementCount;
  drawTiles((await api.toRate(wanted)).items);
  const next = tiles.children[before]?.querySelector(".stars");
  if (next) focusStars(next);
});
changes.addEventListener("change", drawProgress);
lists.addEventListener("list", drawSoFar);
