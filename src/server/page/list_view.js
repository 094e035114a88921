// "For you": the list with its reasons, and what it is made from.
import { makeEntry, mineRow, updateEntry } from "./cards.js";
import { announce, el, find, replaceByKey } from "./dom.js";
import { drawFilters, resetFilters } from "./filters.js";
import { kMostEntries, lists, made, makeList, wantMore, wanted } from "./lists.js";
import { allOpinions, changes, forgetAll } from "./store.js";
import { catalogue, counted, fullName, given, listed, noun, opinionNoun, takesStars } from "./words.js";

const view = find("#list");
const lead = find(".lead", view);
const entries = find("#entries");
const more = find("#more-entries");
const mine = find("#mine");

const orders = { rating: "predicted rating", sum: "the sum of contributions", score: "the model's score" };

const rateLink = (text) => el("a", { href: "#/rate" }, text);

const leadOf = (answer) => {
  const ignored = answer.ignored?.length ?? 0;
  const unknown = ignored === 0 ? ""
    : ` The model does not know ${ignored === 1 ? "one" : ignored} of the ${noun()} that you ${given()}.`;
  if (answer.kind === "personal") {
    return [`From ${counted(answer.folded_from, opinionNoun())} of yours, ordered by ` +
      `${orders[answer.ordered_by] ?? answer.ordered_by}.${unknown}`];
  }
  const popular = `What most people like.${unknown} `;
  if (!catalogue.model.folds_in) return [popular, "This model cannot make lists from new ratings."];
  return [popular, rateLink(`${takesStars() ? "Rate" : "Choose"} five ${noun()}`), " to make this list yours."];
};

let drawn = null;  // the answer that the view shows

// Shows the list, unless the view itself is not shown: then once it is.
export const drawList = () => {
  const answer = made.answer;
  view.classList.remove("busy");
  if (view.hidden || answer === null || answer === drawn) return;
  drawn = answer;
  find("#list-heading").textContent = answer.kind === "personal" ? "For you" : "Popular";
  lead.replaceChildren(...leadOf(answer));
  replaceByKey(entries, answer.items, (entry) => entry.id, (entry) => makeEntry(entry), updateEntry);
  find(".nothing", view)?.remove();
  if (answer.items.length === 0) {
    entries.after(el("p", { class: "nothing panel" }, `No ${noun()} meet these filters. `,
      el("button", { type: "button", onclick: resetFilters }, "Reset filters")));
  }
  more.hidden = answer.items.length < wanted.k || wanted.k >= kMostEntries;
  const first = answer.items.slice(0, 3).map(fullName);
  announce(first.length > 0 ? `List updated: ${listed(first)}` : "The list is empty");
};

const drawMine = () => {
  const opinions = allOpinions();
  mine.hidden = opinions.length === 0;
  // An opinion of another kind needs another control.
  replaceByKey(find(".rows", mine), opinions, (one) => `${one.stars ? "stars" : "like"} ${one.id}`, mineRow);
};

const fail = (error) => {
  view.classList.remove("busy");
  lead.replaceChildren(error.message, " ",
    el("button", { type: "button", onclick: makeList }, "Try again"));
};

export const startListView = () => {
  drawn = null;
  find("#mine-heading").textContent = `Your ${opinionNoun()}s`;
  entries.replaceChildren();
  drawFilters();
  drawMine();
};

lists.addEventListener("busy", () => view.classList.add("busy"));
lists.addEventListener("list", drawList);
lists.addEventListener("failed", (event) => fail(event.detail));
changes.addEventListener("change", () => catalogue.model && drawMine());
more.addEventListener("click", () => {
  const next = entries.childElementCount;
  lists.addEventListener("list", () => entries.children[next]?.querySelector("button.title").focus(),
    { once: true });
  wantMore();
});
find("#forget").addEventListener("click", () => {
  forgetAll();
  find("#list-heading").focus();
  announce("All ratings deleted");
});
