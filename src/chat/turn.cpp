#include "chat/turn.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "chat/wording.hpp"
#include "support/unicode.hpp"

namespace tusk::chat {
namespace {

constexpr std::size_t kMostExplained = 3;
constexpr std::size_t kMostCompared = 5;

void join_without_repeats(std::vector<std::string>& all, const std::vector<std::string>& more) {
  for (const std::string& one : more) {
    if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
  }
}

class Turn {
 public:
  Turn(const ChatParts& parts, ChatState& state, const ChatRequest& request)
      : parts_(parts), state_(state), request_(request) {
    reply_.request = request;
  }

  ChatReply take() && {
    state_.clarification.reset();
    if (request_.reset) reset();
    hide();
    rate();
    say(unsupported_text(request_.unsupported));
    if (request_.k && request_.intent != ChatIntent::clarify) {
      say(count_limit_text(*request_.k));
      state_.k = std::clamp(*request_.k, 1, kMostChatItems);
    }
    switch (request_.intent) {
      case ChatIntent::help:
        say(help_text(parts_.lists.knows_person(state_)));
        break;
      case ChatIntent::unknown:
        if (request_.unsupported.empty()) say(not_understood_text());
        break;
      case ChatIntent::explain:
        explain();
        break;
      case ChatIntent::more:
        if (!state_.question) state_.question.emplace();
        list(state_.shown.empty() ? Continued::no : Continued::yes);
        break;
      case ChatIntent::rate:
        list_after_ratings();
        break;
      case ChatIntent::filter:
        change_conditions();
        break;
      case ChatIntent::clarify:
        clarify();
        break;
      case ChatIntent::similar_to:
      case ChatIntent::popular:
      case ChatIntent::recommend_genre:
        ask();
        break;
    }
    return std::move(reply_);
  }

 private:
  enum class Continued { no, yes };

  void say(const std::string& sentence) {
    if (sentence.empty()) return;
    if (!reply_.text.empty()) reply_.text += ' ';
    reply_.text += sentence;
  }

  // The item of a title; says so if there is none.
  std::optional<Index> item_of(const std::string& title) {
    const auto named = parts_.titles.named(title);
    if (!named.empty()) return named.front();
    constexpr std::size_t kNear = 3;
    const auto hits = parts_.titles.find(title, kNear);
    if (hits.size() == 1 && hits.front().match <= TitleMatch::words) return hits.front().item;
    std::vector<std::string> near;
    for (const TitleHit& hit : hits) near.push_back(title_of(parts_.model, hit.item));
    say(unknown_title_text(title, std::move(near)));
    return std::nullopt;
  }

  // The genres that there are, by their names and each once; says so of the others.
  std::vector<std::string> known_genres(const std::vector<std::string>& wanted) {
    std::vector<std::string> known;
    for (const std::string& genre : wanted) {
      const auto found =
          std::find_if(parts_.genres.begin(), parts_.genres.end(),
                       [&](const std::string& name) { return folded(name) == folded(genre); });
      if (found == parts_.genres.end()) {
        say(unknown_genre_text(genre, parts_.genres));
      } else {
        join_without_repeats(known, {*found});
      }
    }
    return known;
  }

  void reset() {
    state_.question.reset();
    state_.excluded_genres.clear();
    state_.list.clear();
    state_.shown.clear();
    state_.k = kUsualChatItems;
    say(state_.ratings.empty()
            ? std::string("Conditions are forgotten.")
            : fmt::format("Conditions are forgotten; {} kept.",
                          state_.ratings.size() == 1
                              ? std::string("your rating is")
                              : fmt::format("your {} ratings are", state_.ratings.size())));
  }

  void hide() {
    for (const std::string& title : request_.excluded_titles) {
      if (const auto item = item_of(title)) state_.hidden.insert(*item);
    }
  }

  void rate() {
    std::vector<std::pair<Index, std::optional<float>>> noted;
    bool is_full = false;
    for (const TitleStars& said : request_.ratings) {
      const auto item = item_of(said.title);
      if (!item) continue;
      const auto rating = parts_.lists.rating_of(said.stars);
      const bool counts = rating && parts_.model.knows_item(*item);
      if (counts && state_.ratings.size() >= kMostChatRatings && !state_.ratings.contains(*item)) {
        is_full = true;
        continue;
      }
      reply_.rated.push_back({*item, said.stars});
      noted.emplace_back(*item, rating);
      state_.ratings.erase(*item);
      state_.hidden.erase(*item);
      if (counts) {
        state_.ratings[*item] = *rating;
      } else {
        state_.hidden.insert(*item);
      }
    }
    say(ratings_noted(parts_.model, noted));
    if (is_full) say(fmt::format("I note at most {} ratings.", kMostChatRatings));
  }

  // Genres, years and tone of the request, for a new question or for the present one.
  void set_conditions(ChatQuestion& question) {
    const std::vector<std::string> excluded = known_genres(request_.excluded_genres);
    join_without_repeats(state_.excluded_genres, excluded);
    std::erase_if(question.genres, [&](const std::string& genre) {
      return std::find(excluded.begin(), excluded.end(), genre) != excluded.end();
    });
    if (auto genres = known_genres(request_.genres); !genres.empty()) {
      std::erase_if(state_.excluded_genres, [&](const std::string& genre) {
        return std::find(genres.begin(), genres.end(), genre) != genres.end();
      });
      question.genres = std::move(genres);
      question.all_genres = request_.all_genres && question.genres.size() > 1;
    }
    if (request_.from_year || request_.to_year) {
      question.from_year = request_.from_year;
      question.to_year = request_.to_year;
    }
    if (request_.tone) set_tone(question, *request_.tone);
  }

  // Newer and older are years: than the titles asked about, than those listed last, or than most.
  void set_tone(ChatQuestion& question, ChatTone tone) {
    if (tone == ChatTone::lighter || tone == ChatTone::darker) {
      question.tone = tone;
      return;
    }
    std::vector<Index> compared = question.seeds;
    if (compared.empty()) {
      for (const ChatItem& one : state_.list) compared.push_back(one.item);
    }
    const YearRange years = years_beyond_items(parts_.model, compared, tone);
    if (years.from) question.from_year = years.from;
    if (years.to) question.to_year = years.to;
    if (!question.from_year || !question.to_year || *question.from_year <= *question.to_year)
      return;
    // "newer", and then "older": the last wish counts.
    (tone == ChatTone::newer ? question.to_year : question.from_year).reset();
  }

  void ask() {
    ChatQuestion question;
    if (request_.intent != ChatIntent::clarify) question.intent = request_.intent;
    if (request_.intent == ChatIntent::similar_to) {
      question.seeds = find_seeds();
      if (question.seeds.empty()) return;
    }
    set_conditions(question);
    // What is asked for is not known here: a list of anything would be no answer.
    if (!request_.genres.empty() && question.genres.empty()) return;
    state_.question = std::move(question);
    state_.shown.clear();
    if (!request_.k) state_.k = kUsualChatItems;
    list(Continued::no);
  }

  std::vector<Index> find_seeds() {
    std::vector<Index> seeds;
    for (const std::string& title : request_.titles) {
      const auto item = item_of(title);
      const bool is_new = item && std::find(seeds.begin(), seeds.end(), *item) == seeds.end();
      if (is_new && seeds.size() < kMostChatTexts) seeds.push_back(*item);
    }
    if (!request_.titles.empty()) return seeds;
    if (state_.question && !state_.question->seeds.empty()) return state_.question->seeds;
    for (const ChatItem& one : state_.list) seeds.push_back(one.item);
    seeds.resize(std::min(seeds.size(), kMostCompared));
    if (seeds.empty()) say("Like what? Name a title.");
    return seeds;
  }

  bool has_conditions() const {
    return !request_.genres.empty() || !request_.excluded_genres.empty() || request_.from_year ||
           request_.to_year || request_.tone || !request_.excluded_titles.empty();
  }

  // Asks about the first of the present list, or of a new one.
  void clarify() {
    reply_.items = state_.list;
    if (state_.list.empty() || has_conditions()) {
      reply_.items.clear();
      state_.k = kUsualChatItems;
      ask();
    }
    reply_.items.resize(std::min(reply_.items.size(), kMostClarified));
    std::vector<Index> items;
    for (const ChatItem& one : reply_.items) items.push_back(one.item);
    if (items.size() < 2) return say("There is nothing to choose from.");
    say(parts_.clarifier.question(items, reply_));
    state_.clarification.emplace(ChatClarification{std::move(items)});
  }

  void change_conditions() {
    if (!has_conditions() && !request_.k) {
      if (!request_.reset) say(not_understood_text());
      return;
    }
    if (!state_.question) state_.question.emplace();
    ChatQuestion question = *state_.question;
    set_conditions(question);
    state_.question = std::move(question);
    state_.shown.clear();
    list(Continued::no);
  }

  // A list of one's own, now that more is known; the present question stays if it is for one.
  void list_after_ratings() {
    if (request_.ratings.empty()) return say(not_understood_text());
    if (!state_.question || state_.question->intent != ChatIntent::recommend_genre) {
      state_.question.emplace();
    }
    state_.shown.clear();
    if (parts_.lists.knows_person(state_)) list(Continued::no);
  }

  void list(Continued continued) {
    MadeList made;
    try {
      made = parts_.lists.make(state_, state_.shown);
    } catch (const UsageError&) {
      // No item meets the conditions, which the heading of an empty list says.
    }
    if (made.items.empty()) made.source = ChatSource::none;
    const char end = request_.intent == ChatIntent::clarify ? '.' : ':';  // a question follows
    say(list_heading(parts_.model, state_, made, continued == Continued::yes, end));
    reply_.source = made.source;
    reply_.items = made.items;
    for (const ChatItem& one : made.items) state_.shown.insert(one.item);
    if (!made.items.empty()) state_.list = std::move(made.items);
  }

  void explain() {
    std::vector<Index> items;
    for (const std::string& title : request_.titles) {
      if (const auto item = item_of(title)) items.push_back(*item);
    }
    if (request_.titles.empty()) {
      for (const ChatItem& one : state_.list) items.push_back(one.item);
      if (items.empty()) say("Nothing has been recommended yet. Try \"recommend a comedy\".");
    }
    items.resize(std::min(items.size(), kMostExplained));
    for (const Index item : items) {
      const auto listed = std::find_if(state_.list.begin(), state_.list.end(),
                                       [&](const ChatItem& one) { return one.item == item; });
      const bool has_reason = listed != state_.list.end() && !listed->reason.empty();
      reply_.items.push_back(has_reason ? *listed : parts_.lists.explain(state_, item));
    }
    say(explanation_text(parts_.model, reply_.items));
  }

  const ChatParts& parts_;
  ChatState& state_;
  const ChatRequest& request_;
  ChatReply reply_;
};

}  // namespace

ChatReply take_turn(const ChatParts& parts, ChatState& state, const ChatRequest& request) {
  return Turn(parts, state, request).take();
}

}  // namespace tusk::chat
