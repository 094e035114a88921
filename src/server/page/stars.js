// What a visitor gives an opinion with: five stars, or like and dislike.
import { announce, el, icon } from "./dom.js";
import { changes, like, opinionOf, rate } from "./store.js";
import { fullName, starsText, takesStars } from "./words.js";

const kMost = 5;

const paintStars = (group) => {
  const given = Math.round(opinionOf(group.dataset.item)?.stars ?? 0);
  const stars = [...group.children];
  const reached = stars.includes(document.activeElement) ? stars.indexOf(document.activeElement) + 1 : 0;
  stars.forEach((star, place) => {
    star.classList.toggle("full", place < given);
    star.setAttribute("aria-checked", String(place + 1 === given));
    star.tabIndex = group.dataset.roving === "off" || place + 1 !== (reached || given || 1) ? -1 : 0;
  });
  group.classList.toggle("given", given > 0);
};

const paintLikes = (group) => {
  const liked = opinionOf(group.dataset.item)?.like;
  for (const button of group.children) {
    button.setAttribute("aria-pressed", String(liked === (button.dataset.like === "true")));
  }
};

const paintAll = (id) => {
  for (const group of document.querySelectorAll(".stars, .likes")) {
    if (id === null || group.dataset.item === id) {
      (group.classList.contains("stars") ? paintStars : paintLikes)(group);
    }
  }
};
changes.addEventListener("change", (event) => paintAll(event.detail));

const give = (item, stars) => {
  rate(item, stars);
  announce(stars ? `${fullName(item)}: ${starsText(stars)}` : `${fullName(item)}: rating removed`);
};

// The focus on a group's checked star, or its first.
export const focusStars = (group) => {
  for (const star of group.children) star.tabIndex = -1;
  const star = group.querySelector("[aria-checked=true]") ?? group.firstElementChild;
  star.tabIndex = 0;
  star.focus();
};

// Five stars. Digits rate, 0 removes the rating, and so does the star that is already given. Arrows
// go from star to star, unless `onArrow(group, key)` makes something else of them.
export const starControl = (item, onArrow = null) => {
  const group = el("div", { class: "stars", role: "radiogroup", "data-item": item.id,
    "aria-label": `Your rating of ${fullName(item)}` });
  for (let stars = 1; stars <= kMost; ++stars) {
    group.append(el("button", { type: "button", role: "radio", "aria-label": starsText(stars),
      onclick: () => give(item, opinionOf(item.id)?.stars === stars ? 0 : stars) }, icon("star")));
  }
  group.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (/^[0-5]$/.test(event.key)) give(item, Number(event.key));
    else if (event.key === "Backspace" || event.key === "Delete") give(item, 0);
    else if (!event.key.startsWith("Arrow")) return;
    else if (onArrow) onArrow(group, event.key);
    else {
      const step = ["ArrowRight", "ArrowUp"].includes(event.key) ? 1 : -1;
      const stars = [...group.children];
      const next = stars[stars.indexOf(document.activeElement) + step];
      if (next) {
        for (const star of stars) star.tabIndex = star === next ? 0 : -1;
        next.focus();
      }
    }
    event.preventDefault();
  });
  paintStars(group);
  return group;
};

// Like and dislike; only like where nothing can be disliked.
export const likeControl = (item) => {
  const group = el("div", { class: "likes", role: "group", "data-item": item.id,
    "aria-label": `Your opinion of ${fullName(item)}` });
  const button = (liked, sign, text) => el("button", { type: "button", "data-like": String(liked),
    onclick: () => {
      const is = opinionOf(item.id)?.like === liked;
      like(item, is ? null : liked);
      announce(is ? `${fullName(item)}: opinion removed` : `${fullName(item)}: ${text}`);
    } }, icon(sign), text);
  group.append(button(true, "heart", "Like"));
  if (takesStars()) group.append(button(false, "no", "Not for me"));
  paintLikes(group);
  return group;
};
