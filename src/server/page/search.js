// The search of titles: a combobox, after the ARIA authoring practices.
import { api, Problem, Unreachable } from "./api.js";
import { details, openItem } from "./cards.js";
import { cover } from "./covers.js";
import { debounced, el, find } from "./dom.js";
import { catalogue, fullName, nameOf, noun } from "./words.js";

const kPause = 150;
const kShown = 8;

const box = find(".search");
const input = find("#search");
const panel = find(".found", box);
const list = find("#found");
const note = find(".note", panel);
let found = [];
let active = -1;
let outdated = null;

const activate = (place) => {
  active = place;
  [...list.children].forEach((option, n) => option.setAttribute("aria-selected", String(n === place)));
  const option = list.children[place];
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else {
    input.removeAttribute("aria-activedescendant");
  }
};

const close = () => {
  panel.hidden = true;
  input.setAttribute("aria-expanded", "false");
  activate(-1);
};

const choose = (item) => {
  close();
  input.value = "";
  openItem(item);
};

const show = (items, text) => {
  found = items;
  list.replaceChildren(...items.map((item, place) => el("li", { id: `found-${place}`, role: "option",
    class: "row", "aria-selected": "false", "aria-label": fullName(item),
    onpointerdown: (event) => event.preventDefault(),  // the focus stays in the field
    onclick: () => choose(item) },
  cover(item), el("span", { class: "text" }, el("span", { class: "name" }, nameOf(item)),
    el("span", { class: "details" }, details(item))))));
  note.textContent = text;
  note.hidden = text === "";
  panel.hidden = false;
  input.setAttribute("aria-expanded", "true");
  activate(-1);
};

const search = async () => {
  outdated?.abort();
  const query = input.value.trim();
  if (query === "") {
    close();
    return;
  }
  const request = outdated = new AbortController();
  try {
    const answer = catalogue.hasTitles ? await api.search(query, kShown, request.signal)
      : await api.items([query], request.signal);
    if (request.signal.aborted) return;
    show(answer.items, answer.items.length > 0 ? "" : `No ${noun()} found.`);
  } catch (error) {
    if (request.signal.aborted) return;
    if (!(error instanceof Problem) && !(error instanceof Unreachable)) throw error;
    show([], error.message);
  }
};

const keys = {
  ArrowDown: () => activate(active + 1 < found.length ? active + 1 : 0),
  ArrowUp: () => activate(active > 0 ? active - 1 : found.length - 1),
  Enter: () => { if (found.length > 0) choose(found[Math.max(active, 0)]); },
  Escape: () => { if (panel.hidden) input.value = ""; else close(); },
};

export const startSearch = () => {
  const text = catalogue.hasTitles ? `Search ${noun()}` : "Find an item by its id";
  input.placeholder = text;
  find("label[for=search]").textContent = text;
};

input.addEventListener("input", debounced(kPause, search));
input.addEventListener("keydown", (event) => {
  if (event.isComposing || !keys[event.key]) return;
  if (panel.hidden && event.key !== "Escape") {
    if (found.length === 0 || input.value.trim() === "" || event.key === "Enter") return;
    show(found, "");
  }
  keys[event.key]();
  event.preventDefault();
});
box.addEventListener("focusout", (event) => {
  if (!box.contains(event.relatedTarget)) close();
});
