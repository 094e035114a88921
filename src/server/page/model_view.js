// "Model": what is served, how well it did when it was tested, and what it gives its users.
import { api, Problem, Unreachable } from "./api.js";
import { makeEntry } from "./cards.js";
import { el, find } from "./dom.js";
import { catalogue, counted, decimal, noun, whole } from "./words.js";

const view = find("#model");
const kListed = 10;

const names = {
  rmse: ["RMSE", "root mean squared error; lower is better"],
  mae: ["MAE", "mean absolute error; lower is better"],
  ndcg: ["NDCG", "order of the list against the test ratings"],
  precision: ["Precision", "share of the list that is relevant"],
  recall: ["Recall", "share of what is relevant that is listed"],
  capped_recall: ["Capped recall", "recall, at most one for lists of this length"],
  r_precision: ["R-precision", "precision at the number of relevant items"],
  map: ["MAP", "mean average precision"],
  mrr: ["MRR", "mean reciprocal rank of the first relevant item"],
  hit_rate: ["Hit rate", "share of lists with a relevant item"],
  coverage: ["Coverage", "share of all items that is in some list"],
  diversity: ["Diversity", "difference between the items of a list"],
  novelty: ["Novelty", "how little known the listed items are"],
  popularity: ["Popularity", "mean number of ratings of the listed items"],
};

// Which figures stand first; the others follow in a table.
const kFirst = ["rmse", "mae", "ndcg", "hit_rate", "recall", "coverage"];

const figureText = (text) => {
  const value = Number(text);
  if (text === "" || !Number.isFinite(value)) return text;
  return Number.isInteger(value) ? whole(value) : decimal(value, Math.abs(value) < 10 ? 4 : 1);
};

const measured = (metadata, name) => metadata[`test_${name}`];

const figures = (metadata) => {
  const cards = kFirst.filter((name) => measured(metadata, name) !== undefined).map((name) =>
    el("div", { class: "figure panel" }, el("span", {}, names[name][0]),
      el("b", {}, figureText(measured(metadata, name))), el("small", {}, names[name][1])));
  const rest = Object.keys(names).filter((name) => !kFirst.includes(name) && measured(metadata, name) !== undefined);
  return [
    el("h2", {}, "Measured on the test part"),
    cards.length > 0 ? el("div", { class: "figures" }, cards)
      : el("p", {}, "The model was trained on all ratings: no part of them was kept for a test."),
    rest.length > 0 ? table("Further measures", rest.map((name) =>
      [names[name][0], figureText(measured(metadata, name)), names[name][1]])) : null,
    metadata.test_ranking ? el("p", { class: "note" }, `Lists: ${metadata.test_ranking}.`) : null,
  ];
};

const table = (caption, rows) => el("div",
  { class: "panel scroll", tabindex: "0", role: "region", "aria-label": caption },
  el("table", {}, el("caption", {}, caption), el("tbody", {}, rows.map(([head, ...cells]) =>
    el("tr", {}, el("th", { scope: "row" }, head), cells.map((cell) => el("td", {}, cell)))))));

const yes = (is) => (is ? "yes" : "no");

const facts = (model) => [
  ["Algorithm", model.algorithm], ["Users", whole(model.users)],
  [catalogue.hasTitles ? "Films" : "Items", whole(model.items)],
  ["Training ratings", whole(model.training_ratings)],
  ["Rating scale", model.implicit ? "implicit: weights"
    : `${model.scale.low} to ${model.scale.high}, step ${model.scale.step}`],
  ["Predicts ratings", yes(model.predicts_ratings)], ["Compares items", yes(model.compares_items)],
  ["Makes lists from new ratings", yes(model.folds_in)], ["Keeps feedback", yes(model.feedback)],
  ["Genres", String(model.genres.length)],
  ...(model.years ? [["Years", `${model.years.from} to ${model.years.to}`]] : []),
  ["Loaded", new Date(model.loaded).toLocaleString("en-GB")], ["Version of the file", model.version],
  ["Tusk", model.tusk],
];

const userPart = () => {
  const result = el("div", { "aria-live": "polite" });
  const input = el("input", { id: "user", type: "text", autocomplete: "off", required: true });
  const show = async (event) => {
    event.preventDefault();
    const id = input.value.trim();
    if (id === "") return;
    try {
      const answer = await api.user(id, kListed);
      result.replaceChildren(el("p", { class: "note" }, answer.kind === "personal" ? `The list of user ${id}.`
        : "The popular list: the same for everybody."),
      el("ol", { class: "entries" }, answer.items.map((entry) => makeEntry(entry, false))));
    } catch (error) {
      if (!(error instanceof Problem) && !(error instanceof Unreachable)) throw error;
      result.replaceChildren(el("p", { class: "bad" }, error.message));
    }
  };
  return [el("h2", {}, "The list of a user in training"),
    el("form", { class: "panel one-line", onsubmit: show }, el("label", { for: "user" }, "User id"), input,
      el("button", { type: "submit" }, "Show list")), result];
};

export const startModelView = () => {
  const { model } = catalogue;
  const { metadata = {} } = model;
  const settings = Object.entries(metadata).filter(([name]) => !name.startsWith("test_"));
  find(".lead", view).textContent = `${model.name}: ${model.algorithm}, trained on ` +
    `${counted(model.training_ratings, "rating")} of ${counted(model.items)} by ${counted(model.users, "user")}.`;
  find(".body", view).replaceChildren(...[
    ...figures(metadata),
    el("h2", {}, "Facts and settings"),
    el("div", { class: "tables" }, table("Facts", facts(model)),
      settings.length > 0 ? table("Written by training", settings.map(([name, text]) =>
        [name.replaceAll("_", " "), text])) : null),
    ...userPart(),
    el("h2", {}, "For programs"),
    el("p", { class: "note" }, `All ${noun()} and lists of this page come from a JSON API: `,
      el("a", { href: "openapi.json" }, "its description in OpenAPI 3.1"), "."),
  ].filter((part) => part));
};
