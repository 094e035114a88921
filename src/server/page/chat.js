// The conversation.
import { api, Problem, Unreachable } from "./api.js";
import { row } from "./cards.js";
import { el, find } from "./dom.js";
import { onlyRatings, rate } from "./store.js";
import { catalogue, noun, ofScale, ratingText } from "./words.js";

const view = find("#chat");
const log = find(".log", view);
const form = find("form", view);
const input = find("#say");
const button = find("button[type=submit]", form);
let state = null;  // of the conversation, as the server gave it

const examplesOf = () => {
  const genre = catalogue.model.genres.find((name) => /comedy/i.test(name)) ?? catalogue.model.genres[0];
  return [genre ? `Recommend 5 ${genre.toLowerCase()} ${noun()}` : "Recommend something",
    `What are the most popular ${noun()}?`, ...(catalogue.model.years ? ["Something from the nineties"] : []),
    "Help"];
};

const add = (who, ...parts) => {
  const message = el("div", { class: `message ${who}` },
    el("span", { class: "unseen" }, who === "you" ? "You: " : "Tusk: "), ...parts);
  log.append(message);
  return message;
};

// A question on top, so that the beginning of its answer is seen.
const showFrom = (question) => {
  log.scrollTop = question.offsetTop - log.firstElementChild.offsetTop;
  if (log.scrollHeight <= log.clientHeight) question.scrollIntoView({ block: "nearest" });
};

const itemRow = (item) => {
  const rated = typeof item.rating === "number";
  const reason = typeof item.match === "number" ? `match ${item.match.toFixed(2)}` : item.reason;
  return el("li", {}, row(item, {
    place: item.rank, reason, note: rated ? ratingText(item.rating) : null,
    noteLabel: rated ? `, predicted rating ${ratingText(item.rating)} ${ofScale()}` : null,
  }));
};

// Ratings that the visitor gave in words. None of them is no rating, which 0 would be.
const keepRatings = (rated) => {
  for (const { item, stars } of rated ?? []) rate(item, Math.max(0.5, stars));
};

const send = async (text) => {
  try {
    return await api.chat({ text, ratings: onlyRatings(), ...(state ? { state } : {}) });
  } catch (error) {
    // The server has loaded a model with other items: the conversation begins anew.
    if (error.type !== "bad-state" || state === null) throw error;
    state = null;
    return send(text);
  }
};

const ask = async (text) => {
  find(".examples", view).hidden = true;
  const question = add("you", el("p", {}, text));
  const waiting = add("tusk", el("p", { class: "waiting" }, "..."));
  button.disabled = true;
  try {
    const answer = await send(text);
    state = answer.state;
    waiting.remove();
    const { items } = answer;
    add("tusk", el("p", {}, answer.text),
      answer.notice ? el("p", { class: "waiting" }, answer.notice) : null,
      items.length > 0 ? el("ol", { class: "rows" }, items.map(itemRow)) : null);
    keepRatings(answer.rated);
  } catch (error) {
    waiting.remove();
    if (!(error instanceof Problem) && !(error instanceof Unreachable)) throw error;
    add("tusk bad", el("p", {}, error.message),
      el("button", { type: "button", onclick: (event) => {
        event.target.remove();
        ask(text);
      } }, "Try again"));
  } finally {
    showFrom(question);
    button.disabled = false;
  }
};

export const startChat = () => {
  find(".lead", view).textContent =
    `Ask for ${noun()} by genre, years or a title that you like, rate them in words, or ask why.`;
  input.placeholder = "What do you recommend?";
  state = null;
  log.replaceChildren();
  add("tusk", el("p", {}, `What are you in the mood for? You can also name ${noun()} that you liked.`));
  find(".examples", view).replaceChildren(...examplesOf().map((text) =>
    el("button", { type: "button", onclick: () => {
      ask(text);
      input.focus();
    } }, text)));
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (text === "" || button.disabled) return;
  input.value = "";
  ask(text);
});
