// Which items the list may have: genres, excluded genres, years.
import { el, find, icon } from "./dom.js";
import { isFiltered, noFilter, setFilter, wanted } from "./lists.js";
import { catalogue } from "./words.js";

const form = find("#filters");

const chosen = (field, text) => el("ul", { class: "chips" }, wanted.filter[field].map((genre) =>
  el("li", {}, el("button", { type: "button", class: "chip", "aria-label": `${text} ${genre}: remove`,
    onclick: () => choose(field, wanted.filter[field].filter((other) => other !== genre), `#${field}`) },
  `${text} ${genre}`, icon("close")))));

// Draws the filters again and keeps the focus where it was, or on what replaces it.
const choose = (field, genres, focus) => {
  setFilter({ [field]: genres });
  drawFilters();
  find(focus)?.focus();
};

const genreSelect = (field, label, first) => {
  const taken = new Set([...wanted.filter.genres, ...wanted.filter.exclude_genres]);
  const options = catalogue.model.genres.filter((genre) => !taken.has(genre));
  const select = el("select", { id: field, onchange: () => {
    if (select.value) choose(field, [...wanted.filter[field], select.value], `#${field}`);
  } }, el("option", { value: "" }, first), options.map((genre) => el("option", { value: genre }, genre)));
  return el("div", { class: "field" }, el("label", { for: field }, label), select);
};

const yearInput = (field, label) => {
  const { from, to } = catalogue.model.years;
  const other = field === "from" ? "to" : "from";
  const note = el("span", { class: "bad", id: `${field}-note`, role: "alert" });
  const check = () => {
    const year = input.value.trim() === "" ? null : Number(input.value);
    const limit = wanted.filter[other];
    const crossed = year !== null && limit !== null && (field === "from" ? year > limit : year < limit);
    note.textContent = year !== null && (!Number.isInteger(year) || year < 1 || year > 9999) ? "Not a year."
      : crossed ? `It must be ${limit} or ${field === "from" ? "earlier" : "later"}.` : "";
    input.setAttribute("aria-invalid", String(note.textContent !== ""));
    if (note.textContent === "" && year !== wanted.filter[field]) {
      setFilter({ [field]: year });
      find("#reset").hidden = !isFiltered();
    }
  };
  const input = el("input", { id: field, type: "number", inputmode: "numeric", min: from, max: to,
    placeholder: field === "from" ? from : to, value: wanted.filter[field], "aria-describedby": `${field}-note`,
    onchange: check });
  return el("div", { class: "field year" }, el("label", { for: field }, label), input, note);
};

export const resetFilters = () => {
  setFilter(noFilter());
  drawFilters();
};

export const drawFilters = () => {
  const { genres, years } = catalogue.model;
  form.hidden = genres.length === 0 && years === null;
  form.replaceChildren(
    ...(genres.length > 0 ? [genreSelect("genres", "Only", "Any genre"),
      genreSelect("exclude_genres", "Without", "No genre")] : []),
    ...(years ? [yearInput("from", "From year"), yearInput("to", "To year")] : []),
    el("button", { type: "button", id: "reset", hidden: !isFiltered(), onclick: () => {
      resetFilters();
      form.querySelector("select, input")?.focus();
    } }, "Reset filters"),
    el("div", { class: "all-chips" }, chosen("genres", "Only"), chosen("exclude_genres", "Without")));
};

form.addEventListener("submit", (event) => event.preventDefault());
