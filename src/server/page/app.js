// Starts the page, goes from view to view, and says when the server cannot be reached.
import { api, connection, Problem, tryAgain, Unreachable, useToken } from "./api.js";
import { startChat } from "./chat.js";
import { announce, el, find, icon } from "./dom.js";
import "./item.js";
import { makeList } from "./lists.js";
import { drawList, startListView } from "./list_view.js";
import { startModelView } from "./model_view.js";
import { drawSoFar, startRateView } from "./rate_view.js";
import { startSearch } from "./search.js";
import { countOpinions, openStore } from "./store.js";
import { catalogue } from "./words.js";

const kToRate = 50;
const views = ["list", "rate", "chat", "model"];
const trouble = find("#trouble");

const showTrouble = (...parts) => trouble.replaceChildren(el("div", { class: "trouble" }, ...parts));
const endTrouble = () => trouble.replaceChildren();

const retryButton = (call) => el("button", { type: "button", onclick: call }, "Try now");

const linkTo = (name) => find(`nav a[href='#/${name}']`);

const showView = (focus) => {
  const named = location.hash.replace(/^#\//, "");
  const isOffered = (name) => views.includes(name) && !linkTo(name).hidden;
  const usual = countOpinions() === 0 && isOffered("rate") ? "rate" : "list";
  const name = isOffered(named) ? named : usual;
  for (const view of views) {
    find(`#${view}`).hidden = view !== name;
    if (view === name) linkTo(view).setAttribute("aria-current", "page");
    else linkTo(view).removeAttribute("aria-current");
  }
  document.title = `${linkTo(name).textContent} · Tusk`;
  drawList();
  drawSoFar();
  if (focus) {
    scrollTo(0, 0);
    find(`#${name}-heading`).focus({ preventScroll: true });
  }
};

let isStarted = false;
const start = async () => {
  isStarted = false;
  const [model, { items }] = await Promise.all([api.model(), api.toRate(kToRate)]);
  catalogue.model = model;
  catalogue.hasTitles = items.some((item) => item.title);
  openStore(model.name);
  linkTo("rate").hidden = !model.folds_in;
  linkTo("chat").hidden = !model.chat;
  startRateView(items);
  startListView();
  startSearch();
  startChat();
  startModelView();
  isStarted = true;
  endTrouble();
  showView(false);
  makeList();
};

const startOrSay = async () => {
  try {
    await start();
  } catch (error) {
    if (!(error instanceof Problem) && !(error instanceof Unreachable)) throw error;
    if (error.status === 401) return;  // the token is being asked for
    if (error instanceof Problem) showTrouble(el("p", {}, error.message), retryButton(startOrSay));
  }
};

connection.addEventListener("lost", () => {
  showTrouble(el("p", {}, "The server does not answer. The page tries again by itself."), retryButton(tryAgain));
});
connection.addEventListener("restored", () => {
  endTrouble();
  announce("The server answers again");
  if (isStarted) makeList();
  else startOrSay();
});
connection.addEventListener("model", () => {
  announce("The server has loaded another model");
  startOrSay();
});
connection.addEventListener("token", () => {
  if (find("#token")) return;
  const input = el("input", { id: "token", type: "password", autocomplete: "off", required: true });
  showTrouble(el("form", { class: "one-line", onsubmit: (event) => {
    event.preventDefault();
    endTrouble();
    useToken(input.value.trim());
    startOrSay();
  } }, el("label", { for: "token" }, "This server wants a token"), input,
  el("button", { type: "submit" }, "Continue")));
  input.focus();
});

find("#theme").append(icon("sun"), icon("moon"));
find("#skip").addEventListener("click", (event) => {
  event.preventDefault();
  find("#main").focus();
});
addEventListener("hashchange", () => {
  find("#item").close();
  showView(true);
});
startOrSay();
