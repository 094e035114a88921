#include "chat/wording.hpp"

#include <utility>

#include <fmt/format.h>

#include <tusk/figures.hpp>

#include "support/suggest.hpp"
#include "support/text.hpp"

namespace tusk::chat {
namespace {

std::string titles_text(const Model& model, std::span<const Index> items) {
  std::vector<std::string> titles;
  for (const Index item : items) titles.push_back(title_of(model, item));
  return list_text(titles);
}

std::string years_text(const ChatQuestion& question) {
  if (question.from_year && question.to_year) {
    return *question.from_year == *question.to_year
               ? std::to_string(*question.from_year)
               : fmt::format("{} to {}", *question.from_year, *question.to_year);
  }
  if (question.from_year) return fmt::format("{} or later", *question.from_year);
  return fmt::format("{} or earlier", *question.to_year);
}

std::string heading_of(const Model& model, const ChatState& state, const MadeList& made,
                       const std::string& count) {
  switch (made.source) {
    case ChatSource::similar:
    case ChatSource::content:
      return fmt::format("{} like {}", count, titles_text(model, state.question->seeds));
    case ChatSource::user:
      return fmt::format("{} for you", count);
    case ChatSource::folded_in:
      return fmt::format("{} for you, by {}{}", count,
                         count_text(std::ssize(state.ratings), "rating"),
                         state.user ? " and those that the model knows" : "");
    case ChatSource::popular:
    case ChatSource::answer:
    case ChatSource::none:
      break;
  }
  return fmt::format("{} that people like best", count);
}

}  // namespace

std::string conditions_text(const ChatState& state) {
  const ChatQuestion& question = *state.question;
  std::vector<std::string> conditions;
  if (!question.genres.empty()) {
    conditions.push_back(list_text(question.genres, question.all_genres ? "and" : "or"));
  }
  if (!state.excluded_genres.empty()) {
    conditions.push_back("no " + list_text(state.excluded_genres, "or"));
  }
  if (question.from_year || question.to_year) conditions.push_back(years_text(question));
  if (question.tone) conditions.emplace_back(to_string(*question.tone));
  std::string text;
  for (const std::string& condition : conditions) {
    text += (text.empty() ? "" : "; ") + condition;
  }
  return text;
}

std::string list_heading(const Model& model, const ChatState& state, const MadeList& made,
                         bool continued, char end) {
  const auto size = std::ssize(made.items);
  std::string conditions = conditions_text(state);
  if (!conditions.empty()) conditions = " (" + conditions + ")";
  if (size == 0) {
    return continued ? fmt::format("That is all{}.", conditions)
                     : fmt::format("Nothing is left to recommend{}.", conditions);
  }
  const std::string count =
      fmt::format("{} {}title{}", size, continued ? "more " : "", size == 1 ? "" : "s");
  const std::string text = heading_of(model, state, made, count) + conditions + end;
  const bool asked_for_person = state.question->intent == ChatIntent::recommend_genre;
  if (made.source != ChatSource::popular || !asked_for_person || continued) return text;
  if (model.algorithm().capabilities.one_list_for_all) return text;
  return "Nothing is known of your taste yet: say what you like, such as \"I loved " +
         title_of(model, made.items.front().item) + "\". " + text;
}

std::string ratings_noted(const Model& model,
                          std::span<const std::pair<Index, std::optional<float>>> ratings) {
  std::string text;
  std::vector<Index> without_ratings;
  for (const auto& [item, rating] : ratings) {
    if (!model.knows_item(item)) {
      without_ratings.push_back(item);
      continue;
    }
    const std::string said = !rating              ? "will not be listed"
                             : model.of_weights() ? "liked"
                                                  : exact_text(*rating);
    text += fmt::format("{}{} {}", text.empty() ? "Noted: " : "; ", title_of(model, item), said);
  }
  if (!text.empty()) text += ".";
  if (without_ratings.empty()) return text;
  return fmt::format("{}{}{} cannot be used yet, because the model has no ratings of {}.", text,
                     text.empty() ? "" : " ", titles_text(model, without_ratings),
                     without_ratings.size() == 1 ? "it" : "them");
}

std::string help_text(bool knows_person) {
  return fmt::format(
      "Ask for a list (\"7 thrillers from the 90s\", \"something scary\"), for what is like a "
      "title (\"three films like Heat\", \"like Heat but lighter\") or for what is popular (\"best "
      "comedies\"). Say what you think of titles (\"loved Alien, hated Cats\"){}. Then change the "
      "list (\"no horror\", \"before 1980\", \"just three\", \"start over\"), ask \"why?\", say "
      "\"more\" or \"help me choose\".",
      knows_person ? "" : " to get lists of your own");
}

std::string not_understood_text() {
  return "That is not understood. Try \"recommend a comedy\", \"something like Heat\", \"I loved "
         "Alien\" or \"help\".";
}

std::string unsupported_text(std::span<const std::string> said) {
  if (said.empty()) return {};
  std::vector<std::string> quoted;
  for (const std::string& one : said) quoted.push_back(in_quotes(one));
  return fmt::format(
      "I cannot look for {}: I know titles, genres, years and ratings, but no people, languages, "
      "subjects or lengths.",
      list_text(quoted, "or"));
}

std::string count_limit_text(int asked) {
  if (asked > kMostChatItems) return fmt::format("I list at most {} at a time.", kMostChatItems);
  return asked < 1 ? "I list at least 1 at a time." : "";
}

std::string explanation_text(const Model& model, std::span<const ChatItem> explained) {
  std::string text;
  for (const ChatItem& one : explained) {
    text += fmt::format("{}{}: {}{}.", text.empty() ? "" : " ", title_of(model, one.item),
                        one.rating ? fmt::format("your rating is predicted as {} of {}, ",
                                                 rating_text(*one.rating, model.scale()),
                                                 exact_text(model.scale().high))
                                   : "",
                        one.reason);
  }
  return text;
}

std::string unknown_title_text(const std::string& title, std::vector<std::string> near) {
  for (std::string& one : near) one = short_text(one);
  return fmt::format("There is no title {} here{}", in_quotes(title),
                     near.empty() ? "." : "; did you mean " + list_text(near, "or") + "?");
}

std::string unknown_genre_text(const std::string& genre, const std::vector<std::string>& known) {
  constexpr std::size_t kMost = 20;
  if (known.empty()) return "Genres are not known here.";
  std::vector<std::string> shown = nearest_first(genre, known);
  if (shown.size() > kMost) shown.resize(kMost);
  for (std::string& name : shown) name = short_text(name);
  return fmt::format("There is no genre {} here; there are {}.", in_quotes(genre),
                     list_text(shown));
}

}  // namespace tusk::chat
