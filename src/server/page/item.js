// The dialog of an item: the visitor's opinion of it, and what is like it.
import { api, Problem, Unreachable } from "./api.js";
import { details, ratingBadge, row } from "./cards.js";
import { cover } from "./covers.js";
import { el, find, icon } from "./dom.js";
import { likeControl, starControl } from "./stars.js";
import { changes, onlyRatings } from "./store.js";
import { catalogue, fullName, nameOf, takesStars, whole } from "./words.js";

const kSimilar = 12;

const dialog = find("#item");
const path = [];  // the items that led here, the shown one last
let outdated = null;

const link = (address, text) =>
  el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, text);

const links = ({ imdb, tmdb }) => [
  /^tt\d+$/.test(imdb ?? "") ? link(`https://www.imdb.com/title/${imdb}/`, "IMDb") : null,
  Number.isInteger(tmdb) ? link(`https://www.themoviedb.org/movie/${tmdb}`, "TMDB") : null,
].filter((part) => part);

const isExpected = (error) => error instanceof Problem || error instanceof Unreachable;

const similarPart = (item, signal) => {
  const part = el("section", { class: "similar", "aria-labelledby": "similar-heading" },
    el("h3", { id: "similar-heading", tabindex: "-1" }, "More like this"),
    el("p", { class: "note" }, "Loading ..."));
  const note = part.lastElementChild;
  api.similar(item.id, kSimilar, signal).then(({ items }) => {
    note.textContent = items.length > 0 ? "" : "Nothing is like it.";
    part.append(el("ol", { class: "rows" }, items.map((one) => {
      const percent = `${Math.round(100 * one.similarity)}%`;
      return el("li", {}, row(one, { note: percent, noteLabel: `, similarity ${percent}` }));
    })));
  }).catch((error) => {
    if (signal.aborted) return;
    if (!isExpected(error)) throw error;
    note.textContent = error.message;
  });
  return part;
};

const paintPrediction = async (item, place, signal) => {
  const ratings = catalogue.model.predicts_ratings && catalogue.model.folds_in ? onlyRatings() : [];
  if (ratings.length === 0 || ratings.some((one) => one.item === item.id)) {
    place.replaceChildren();
    return;
  }
  try {
    const { predictions } = await api.predict(ratings, [item.id], signal);
    const rating = predictions[0]?.rating;
    if (!signal.aborted && typeof rating === "number") place.replaceChildren(ratingBadge(rating), " predicted for you");
  } catch (error) {
    if (!signal.aborted && !isExpected(error)) throw error;
  }
};

// What a list that came from elsewhere has not told of the item.
const complete = async (item, signal) => {
  if (item.genres && item.ratings !== undefined) return item;
  try {
    return (await api.items([item.id], signal)).items[0] ?? item;
  } catch (error) {
    if (signal.aborted || isExpected(error)) return item;
    throw error;
  }
};

const draw = async (similar = false) => {
  outdated?.abort();
  const { signal } = outdated = new AbortController();
  const item = await complete(path.at(-1), signal);
  if (signal.aborted) return;
  path[path.length - 1] = item;
  const prediction = el("span");
  const button = (name, label, onclick) =>
    el("button", { type: "button", class: "icon-only", "aria-label": label, onclick }, icon(name));
  dialog.replaceChildren(
    el("div", { class: "bar" },
      path.length > 1 ? button("back", `Back to ${fullName(path.at(-2))}`, () => {
        path.pop();
        draw();
      }) : el("span"),
      button("close", "Close", () => dialog.close())),
    el("div", { class: "about" },
      cover(item, true),
      el("div", { class: "text" },
        el("h2", { id: "item-heading", tabindex: "-1" }, nameOf(item)),
        el("p", { class: "details" }, details(item)),
        el("p", { class: "details" }, item.ratings === undefined ? ""
          : `${whole(item.ratings)} ${item.ratings === 1 ? "rating" : "ratings"} in training `,
        links(item).flatMap((one) => [" · ", one])),
        el("p", { class: "predicted" }, prediction),
        takesStars() ? starControl(item) : null,
        likeControl(item))),
    catalogue.model.compares_items ? similarPart(item, signal) : "");
  paintPrediction(item, prediction, signal);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  const target = find(similar ? "#similar-heading" : "#item-heading", dialog) ?? find("#item-heading");
  target.focus({ preventScroll: !similar });
};

document.addEventListener("open-item", ({ detail }) => {
  if (!dialog.open) path.length = 0;
  path.push(detail.item);
  draw(detail.similar);
});
changes.addEventListener("change", () => {
  if (dialog.open && outdated) {
    const place = dialog.querySelector(".about p > span");
    if (place) paintPrediction(path.at(-1), place, outdated.signal);
  }
});
dialog.addEventListener("close", () => outdated?.abort());
// A click beside the dialog closes it.
dialog.addEventListener("click", (event) => {
  if (event.target !== dialog) return;
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right &&
    event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside) dialog.close();
});
