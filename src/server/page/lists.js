// The visitor's list: made anew whenever a rating or a filter changes.
import { api, Problem, Unreachable } from "./api.js";
import { debounced } from "./dom.js";
import { asRatings, changes, countOpinions } from "./store.js";
import { catalogue } from "./words.js";

const kPause = 120;  // ms without another change
export const kStep = 20;  // entries more at a time
export const kMostEntries = 200;

export const noFilter = () => ({ genres: [], exclude_genres: [], from: null, to: null });
export const isFiltered = () => JSON.stringify(wanted.filter) !== JSON.stringify(noFilter());
export const wanted = { filter: noFilter(), k: kStep };

// Says "busy", "list" when `answer` is another one, and "failed" with an error as detail.
export const lists = new EventTarget();
export const made = { answer: null };

const say = (name, detail = null) => lists.dispatchEvent(new CustomEvent(name, { detail }));

const filterFields = () => Object.fromEntries(
  Object.entries(wanted.filter).filter(([, value]) => value !== null && value.length !== 0));

const ask = (signal) => {
  const filter = filterFields();
  if (catalogue.model.folds_in) {
    return api.list({ ...asRatings(), ...filter, k: wanted.k, explain: true }, signal);
  }
  const { genres, exclude_genres, ...years } = filter;
  return api.popular({ ...years, genre: genres ?? [], exclude_genre: exclude_genres ?? [], k: wanted.k }, signal);
};

let outdated = null;
export const makeList = async () => {
  outdated?.abort();
  const request = outdated = new AbortController();
  say("busy");
  try {
    const answer = await ask(request.signal);
    if (request.signal.aborted) return;
    made.answer = { kind: "popular", ...answer };
    const begin = performance.now();
    say("list", made.answer);
    performance.measure("tusk:list", { start: begin });
  } catch (error) {
    if (request.signal.aborted) return;
    if (!(error instanceof Problem) && !(error instanceof Unreachable)) throw error;
    say("failed", error);
  }
};

export const setFilter = (change) => {
  Object.assign(wanted.filter, change);
  wanted.k = kStep;
  makeList();
};

export const wantMore = () => {
  wanted.k = Math.min(wanted.k + kStep, kMostEntries);
  makeList();
};

const soon = debounced(kPause, makeList);
let counted = 0;
changes.addEventListener("change", () => {
  if (catalogue.model === null) return;
  // Popular items do not depend on opinions.
  if (catalogue.model.folds_in && (countOpinions() > 0 || counted > 0)) soon();
  counted = countOpinions();
});
