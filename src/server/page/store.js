// What the visitor thinks of items. It is kept in this browser only.
import { catalogue, genresOf, ratingOfStars, takesStars } from "./words.js";

// Says "change", with the item's id as detail, or null if it may be any.
export const changes = new EventTarget();

// By id: {title, year, genres} and either stars, above 0 and at most 5, or like, true or false.
let opinions = new Map();
let key = null;

const isOpinion = (one) => one !== null && typeof one === "object" &&
  (typeof one.like === "boolean" || (typeof one.stars === "number" && one.stars > 0 && one.stars <= 5));

const read = () => {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "[]");
    opinions = new Map(kept.filter(([id, one]) => typeof id === "string" && isOpinion(one)));
  } catch {
    opinions = new Map();
  }
};

const changed = (id) => changes.dispatchEvent(new CustomEvent("change", { detail: id }));

const write = (id) => {
  try {
    localStorage.setItem(key, JSON.stringify([...opinions]));
  } catch {
    // No storage, or no room in it: the ratings last as long as the page.
  }
  changed(id);
};

// Models of other names have other items, and so opinions of their own.
export const openStore = (name) => {
  key = `tusk:ratings:${name}`;
  read();
  changed(null);
};

addEventListener("storage", (event) => {  // another tab
  if (key === null || (event.key !== key && event.key !== null)) return;
  read();
  changed(null);
});

export const opinionOf = (id) => opinions.get(id);
export const countOpinions = () => opinions.size;
export const allOpinions = () =>
  [...opinions].map(([id, one]) => ({ id, title: "", genres: [], ...one })).reverse();

const put = (item, opinion) => {
  opinions.delete(item.id);
  if (opinion) {
    const { title = "", year = null } = item;
    opinions.set(item.id, { title, year, genres: genresOf(item), ...opinion });
  }
  write(item.id);
};

export const rate = (item, stars) => put(item, stars ? { stars } : null);
export const like = (item, liked) => put(item, liked === null ? null : { like: liked });
export const forgetAll = () => {
  opinions.clear();
  write(null);
};

// The opinions as the server takes them.
export const asRatings = () => {
  const body = { ratings: [], likes: [], dislikes: [] };
  for (const [item, { stars, like: liked }] of opinions) {
    if (!takesStars()) {
      if (liked === true || stars >= 4) body.likes.push(item);
    } else if (stars) body.ratings.push({ item, rating: ratingOfStars(stars) });
    else (liked ? body.likes : body.dislikes).push(item);
  }
  return body;
};

// The same with nothing but ratings.
export const onlyRatings = () => {
  const { ratings, likes, dislikes } = asRatings();
  const { low, high } = catalogue.model.scale;
  return [...ratings, ...likes.map((item) => ({ item, rating: high })),
    ...dislikes.map((item) => ({ item, rating: low }))];
};
