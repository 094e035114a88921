#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include <tusk/chat.hpp>
#include <tusk/chat_router.hpp>
#include <tusk/error.hpp>
#include <tusk/id_table.hpp>
#include <tusk/title_index.hpp>

#include "chat/chat_lists.hpp"
#include "chat/wording.hpp"
#include "support/text.hpp"
#include "support/unicode.hpp"

namespace tusk {
namespace {

constexpr std::array<std::string_view, 6> kSources = {"none", "similar",   "content",
                                                      "user", "folded-in", "popular"};
constexpr std::size_t kMostExplained = 3;
constexpr std::size_t kMostCompared = 5;

std::shared_ptr<const Model> with_titles(std::shared_ptr<const Model> model) {
  const TextTable& titles = model->catalogue.title;
  for (std::size_t i = 0; i < titles.size(); ++i) {
    if (!titles[i].empty()) return model;
  }
  throw UsageError(
      "the model has no titles, so there is nothing to talk about: train it on data with titles "
      "beside the ratings, or name a file of them by " +
      option_name("titles"));
}

// Years of release that are known, of these items or of all, ascending.
std::vector<int> known_years(const Model& model, const std::vector<Index>& items) {
  std::vector<int> years;
  for (const Index item : items) {
    if (const int year = item_year(model.catalogue, item); year != 0) years.push_back(year);
  }
  std::sort(years.begin(), years.end());
  return years;
}

void join_without_repeats(std::vector<std::string>& all, const std::vector<std::string>& more) {
  for (const std::string& one : more) {
    if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
  }
}

}  // namespace

std::string_view to_string(ChatSource source) { return kSources[static_cast<std::size_t>(source)]; }

class Chat::Data {
 public:
  Data(Device& device, std::shared_ptr<const Model> model)
      : model_(with_titles(std::move(model))),
        genres_(genre_names(model_->catalogue)),
        titles_(model_->catalogue, model_->ratings_of_items()),
        router_(model_->catalogue, titles_),
        lists_(device, model_) {}

  const Model& model() const { return *model_; }
  const ChatRouter& router() const { return router_; }

  // One turn of a conversation.
  class Turn;

 private:
  std::shared_ptr<const Model> model_;
  std::vector<std::string> genres_;
  TitleIndex titles_;
  ChatRouter router_;
  chat::ChatLists lists_;
};

class Chat::Data::Turn {
 public:
  Turn(const Data& data, ChatState& state, const ChatRequest& request)
      : data_(data), state_(state), request_(request) {
    reply_.request = request;
  }

  ChatReply take() && {
    if (request_.reset) reset();
    hide();
    rate();
    say(chat::unsupported_text(request_.unsupported));
    if (request_.k) {
      say(chat::count_limit_text(*request_.k));
      state_.k = std::clamp(*request_.k, 1, kMostChatItems);
    }
    switch (request_.intent) {
      case ChatIntent::help:
        say(chat::help_text(data_.lists_.knows_person(state_)));
        break;
      case ChatIntent::unknown:
        if (request_.unsupported.empty()) say(chat::not_understood_text());
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
    const auto named = data_.titles_.named(title);
    if (!named.empty()) return named.front();
    constexpr std::size_t kNear = 3;
    const auto hits = data_.titles_.find(title, kNear);
    if (hits.size() == 1 && hits.front().match <= TitleMatch::words) return hits.front().item;
    std::vector<std::string> near;
    for (const TitleHit& hit : hits) near.push_back(title_of(data_.model(), hit.item));
    say(chat::unknown_title_text(title, std::move(near)));
    return std::nullopt;
  }

  // The genres that there are, by their names; says so of the others.
  std::vector<std::string> known_genres(const std::vector<std::string>& wanted) {
    std::vector<std::string> known;
    for (const std::string& genre : wanted) {
      const auto found =
          std::find_if(data_.genres_.begin(), data_.genres_.end(),
                       [&](const std::string& name) { return folded(name) == folded(genre); });
      if (found == data_.genres_.end()) {
        say(chat::unknown_genre_text(genre, data_.genres_));
      } else {
        known.push_back(*found);
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
    for (const TitleStars& said : request_.ratings) {
      const auto item = item_of(said.title);
      if (!item) continue;
      const auto rating = data_.lists_.rating_of(said.stars);
      noted.emplace_back(*item, rating);
      state_.ratings.erase(*item);
      state_.hidden.erase(*item);
      if (rating && data_.model().knows_item(*item)) {
        state_.ratings[*item] = *rating;
      } else {
        state_.hidden.insert(*item);
      }
    }
    say(chat::ratings_noted(data_.model(), noted));
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
    const bool newer = tone == ChatTone::newer;
    std::vector<int> years = known_years(data_.model(), compared);
    if (years.empty()) {
      std::vector<Index> all(static_cast<std::size_t>(data_.model().items.size()));
      for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<Index>(i);
      years = known_years(data_.model(), all);
      if (years.empty()) return;
      constexpr std::size_t kFifth = 5;
      const std::size_t fifth = (years.size() - 1) / kFifth;
      (newer ? question.from_year : question.to_year) =
          newer ? years[years.size() - 1 - fifth] : years[fifth];
      return;
    }
    const int middle = years[years.size() / 2];
    (newer ? question.from_year : question.to_year) = newer ? middle + 1 : middle - 1;
  }

  void ask() {
    ChatQuestion question;
    question.intent = request_.intent;
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
      if (const auto item = item_of(title)) seeds.push_back(*item);
    }
    if (!request_.titles.empty()) return seeds;
    if (state_.question && !state_.question->seeds.empty()) return state_.question->seeds;
    for (const ChatItem& one : state_.list) seeds.push_back(one.item);
    seeds.resize(std::min(seeds.size(), kMostCompared));
    if (seeds.empty()) say("Like what? Name a title.");
    return seeds;
  }

  void change_conditions() {
    const bool changes = !request_.genres.empty() || !request_.excluded_genres.empty() ||
                         request_.from_year || request_.to_year || request_.tone || request_.k ||
                         !request_.excluded_titles.empty();
    if (!changes) {
      if (!request_.reset) say(chat::not_understood_text());
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
    if (request_.ratings.empty()) return say(chat::not_understood_text());
    if (!state_.question || state_.question->intent != ChatIntent::recommend_genre) {
      state_.question.emplace();
    }
    state_.shown.clear();
    if (data_.lists_.knows_person(state_)) list(Continued::no);
  }

  void list(Continued continued) {
    chat::MadeList made;
    try {
      made = data_.lists_.make(state_, state_.shown);
    } catch (const UsageError&) {
      // No item meets the conditions, which the heading of an empty list says.
    }
    if (made.items.empty()) made.source = ChatSource::none;
    say(chat::list_heading(data_.model(), state_, made, continued == Continued::yes));
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
      reply_.items.push_back(has_reason ? *listed : data_.lists_.explain(state_, item));
    }
    say(chat::explanation_text(data_.model(), reply_.items));
  }

  const Data& data_;
  ChatState& state_;
  const ChatRequest& request_;
  ChatReply reply_;
};

Chat::Chat(Device& device, std::shared_ptr<const Model> model)
    : data_(std::make_unique<const Data>(device, std::move(model))) {}
Chat::~Chat() = default;

const Model& Chat::model() const { return data_->model(); }

ChatState Chat::begin(std::string_view user_id) const {
  const auto user = model().users.find(user_id);
  if (!user || !model().knows_user(*user)) {
    throw InputError(fmt::format("user {} has no training ratings in this model{}",
                                 short_text(user_id), known_ids_text(model().users, user_id)));
  }
  ChatState state;
  state.user = *user;
  return state;
}

ChatRequest Chat::parse(std::string_view text, const ChatState& state) const {
  std::vector<std::string> listed;
  for (const ChatItem& one : state.list) listed.push_back(title_of(model(), one.item));
  return data_->router().parse(text, listed);
}

ChatReply Chat::answer(ChatState& state, const ChatRequest& request) const {
  return Data::Turn(*data_, state, request).take();
}

Json to_json(const Model& model, const ChatReply& reply) {
  Json items = Json::array();
  for (std::size_t place = 0; place < reply.items.size(); ++place) {
    const ChatItem& one = reply.items[place];
    const auto genres = model.catalogue.genres[static_cast<std::size_t>(one.item)];
    Json item = {{"rank", place + 1},
                 {"item", json_id(model.items, model.items.id(one.item))},
                 {"title", title_of(model, one.item)},
                 {"genres", genres},
                 {"score", json_number(one.score)},
                 {"reason", one.reason}};
    if (one.rating) item["rating"] = json_number(*one.rating);
    items.push_back(std::move(item));
  }
  return {{"text", reply.text},
          {"intent", to_string(reply.request.intent)},
          {"source", to_string(reply.source)},
          {"request", to_json(reply.request)},
          {"items", std::move(items)}};
}

}  // namespace tusk
