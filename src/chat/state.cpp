// What a conversation knows, as JSON.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include <tusk/chat.hpp>
#include <tusk/error.hpp>
#include <tusk/recommend.hpp>

#include "chat/json_fields.hpp"

namespace tusk {
namespace {

using chat::FieldName;

constexpr std::string_view kState = "state";
constexpr std::array<std::string_view, 3> kQuestions = {"recommend_genre", "similar_to", "popular"};
constexpr std::array<std::string_view, 2> kQuestionTones = {"lighter", "darker"};
constexpr std::size_t kLongestReason = 1000;
constexpr int kLatestYear = 10'000;

static_assert(static_cast<int>(ChatIntent::recommend_genre) == 0 &&
              static_cast<int>(ChatIntent::similar_to) == 1 &&
              static_cast<int>(ChatIntent::popular) == 2);
static_assert(static_cast<int>(ChatTone::lighter) == 0 && static_cast<int>(ChatTone::darker) == 1);

template <class Items>
Json ids_json(const Model& model, const Items& items) {
  Json ids = Json::array();
  for (const Index item : items) ids.push_back(model.items.id(item));
  return ids;
}

Json question_json(const Model& model, const ChatQuestion& question) {
  Json json = {{"intent", to_string(question.intent)}};
  if (!question.seeds.empty()) json["seeds"] = ids_json(model, question.seeds);
  if (!question.genres.empty()) json["genres"] = question.genres;
  if (question.all_genres) json["all_genres"] = true;
  if (question.from_year) json["from_year"] = *question.from_year;
  if (question.to_year) json["to_year"] = *question.to_year;
  if (question.tone) json["tone"] = to_string(*question.tone);
  return json;
}

Json listed_json(const Model& model, const ChatItem& one) {
  Json json = {{"item", model.items.id(one.item)}};
  if (std::isfinite(one.score)) json["score"] = json_number(one.score);
  if (one.rating) json["rating"] = json_number(*one.rating);
  // A longer one is made again when it is asked for.
  if (!one.reason.empty() && one.reason.size() <= kLongestReason) json["reason"] = one.reason;
  return json;
}

class StateReader {
 public:
  explicit StateReader(const Model& model) : model_(model) {}

  ChatState state_of(const Json& json) {
    if (!json.is_object()) throw InputError("state: it must be a JSON object");
    ChatState state;
    for (const auto& [field, value] : json.items()) {
      const FieldName name = {kState, field};
      if (field == "user") {
        state.user = user_of(value, name);
      } else if (field == "ratings") {
        state.ratings = ratings_of(value, name);
      } else if (field == "hidden") {
        state.hidden = item_set_of(value, name);
      } else if (field == "excluded_genres") {
        state.excluded_genres = genres_of(value, name);
      } else if (field == "question") {
        state.question = question_of(value, name);
      } else if (field == "k") {
        state.k = chat::whole_of(value, name, 1, kMostChatItems);
      } else if (field == "list") {
        state.list = list_of(value, name);
      } else if (field == "shown") {
        state.shown = item_set_of(value, name);
      } else if (field == "clarification") {
        state.clarification = clarification_of(value, name);
      } else {
        chat::refuse_unknown(name);
      }
    }
    return state;
  }

 private:
  static void check_is_object(const Json& json, const FieldName& name) {
    if (!json.is_object()) chat::refuse(name, "a JSON object");
  }

  Index user_of(const Json& json, const FieldName& name) const {
    const auto* const id = json.get_ptr<const std::string*>();
    const auto user = id != nullptr ? model_.users.find(*id) : std::nullopt;
    if (!user || !model_.knows_user(*user)) chat::refuse(name, "the id of a user of the model");
    return *user;
  }

  Index item_of(const Json& json, const FieldName& name) const {
    const auto* const id = json.get_ptr<const std::string*>();
    const auto item = id != nullptr ? model_.items.find(*id) : std::nullopt;
    if (!item) chat::refuse(name, "about items of the model, by their ids");
    return *item;
  }

  std::set<Index> item_set_of(const Json& json, const FieldName& name) const {
    const auto most = static_cast<std::size_t>(model_.items.size());
    std::set<Index> items;
    for (const Json& one : chat::list_of(json, name, most, "ids")) {
      if (!items.insert(item_of(one, name)).second) chat::refuse(name, "a list without repeats");
    }
    return items;
  }

  std::map<Index, float> ratings_of(const Json& json, const FieldName& name) const {
    std::map<Index, float> ratings;
    for (const Json& one : chat::list_of(json, name, kMostChatRatings, "ratings")) {
      if (!one.is_object() || one.size() != 2 || !one.contains("item") || !one.contains("rating")) {
        chat::refuse(name, "a list of objects with \"item\" and \"rating\"");
      }
      const Index item = item_of(one["item"], name);
      const float rating = chat::number_of(one["rating"], name);
      if (!model_.knows_item(item)) chat::refuse(name, "of items with training ratings");
      if (model_.of_weights() ? rating <= 0 : !model_.scale().contains(rating)) {
        chat::refuse(name, "on the model's scale");
      }
      if (!ratings.emplace(item, rating).second) chat::refuse(name, "a list without repeats");
    }
    return ratings;
  }

  std::vector<std::string> genres_of(const Json& json, const FieldName& name) {
    if (genres_.empty()) genres_ = genre_names(model_.catalogue);
    std::vector<std::string> genres;
    for (const Json& one : chat::list_of(json, name, genres_.size(), "genres")) {
      const auto* const genre = one.get_ptr<const std::string*>();
      if (genre == nullptr || !std::binary_search(genres_.begin(), genres_.end(), *genre)) {
        chat::refuse(name, "genres of the model, by their names");
      }
      if (std::find(genres.begin(), genres.end(), *genre) != genres.end()) {
        chat::refuse(name, "a list without repeats");
      }
      genres.push_back(*genre);
    }
    return genres;
  }

  ChatQuestion question_of(const Json& json, const FieldName& of) {
    check_is_object(json, of);
    ChatQuestion question;
    for (const auto& [field, value] : json.items()) {
      const FieldName name = {"state: question", field};
      if (field == "intent") {
        question.intent = chat::value_of<ChatIntent>(value, name, kQuestions);
      } else if (field == "seeds") {
        for (const Json& one : chat::list_of(value, name, kMostChatTexts, "ids")) {
          question.seeds.push_back(item_of(one, name));
        }
      } else if (field == "genres") {
        question.genres = genres_of(value, name);
      } else if (field == "all_genres") {
        question.all_genres = chat::flag_of(value, name);
      } else if (field == "from_year") {
        question.from_year = chat::whole_of(value, name, 0, kLatestYear);
      } else if (field == "to_year") {
        question.to_year = chat::whole_of(value, name, 0, kLatestYear);
      } else if (field == "tone") {
        question.tone = chat::value_of<ChatTone>(value, name, kQuestionTones);
      } else {
        chat::refuse_unknown(name);
      }
    }
    if ((question.intent == ChatIntent::similar_to) == question.seeds.empty()) {
      chat::refuse(of, "similar_to with seeds, or another without");
    }
    return question;
  }

  ChatClarification clarification_of(const Json& json, const FieldName& of) const {
    check_is_object(json, of);
    ChatClarification asked;
    for (const auto& [field, value] : json.items()) {
      const FieldName name = {"state: clarification", field};
      if (field == "items") {
        for (const Json& one : chat::list_of(value, name, kMostClarified, "ids")) {
          asked.items.push_back(item_of(one, name));
        }
      } else {
        chat::refuse_unknown(name);
      }
    }
    if (std::set<Index>(asked.items.begin(), asked.items.end()).size() != asked.items.size() ||
        asked.items.size() < 2) {
      chat::refuse(of, "about two or more items, each once");
    }
    return asked;
  }

  std::vector<ChatItem> list_of(const Json& json, const FieldName& of) const {
    std::vector<ChatItem> list;
    std::set<Index> items;
    for (const Json& one :
         chat::list_of(json, of, static_cast<std::size_t>(kMostChatItems), "items")) {
      list.push_back(listed_of(one, of));
      if (!items.insert(list.back().item).second) chat::refuse(of, "a list without repeats");
    }
    return list;
  }

  ChatItem listed_of(const Json& json, const FieldName& of) const {
    check_is_object(json, of);
    ChatItem listed{kNone, 0, std::nullopt, {}};
    for (const auto& [field, value] : json.items()) {
      const FieldName name = {"state: list", field};
      if (field == "item") {
        listed.item = item_of(value, name);
      } else if (field == "score") {
        listed.score = chat::number_of(value, name);
      } else if (field == "rating") {
        listed.rating = chat::number_of(value, name);
        if (!model_.scale().contains(*listed.rating)) chat::refuse(name, "on the model's scale");
      } else if (field == "reason") {
        listed.reason = chat::text_of(value, name, kLongestReason);
      } else {
        chat::refuse_unknown(name);
      }
    }
    if (listed.item == kNone) chat::refuse(of, "of objects with \"item\"");
    return listed;
  }

  const Model& model_;
  std::vector<std::string> genres_;  // of the model, once they are needed
};

}  // namespace

Json to_json(const Model& model, const ChatState& state) {
  Json json = Json::object();
  if (state.user) json["user"] = model.users.id(*state.user);
  for (const auto& [item, rating] : state.ratings) {
    json["ratings"].push_back({{"item", model.items.id(item)}, {"rating", json_number(rating)}});
  }
  if (!state.hidden.empty()) json["hidden"] = ids_json(model, state.hidden);
  if (!state.excluded_genres.empty()) json["excluded_genres"] = state.excluded_genres;
  if (state.question) json["question"] = question_json(model, *state.question);
  if (state.k != kUsualChatItems) json["k"] = state.k;
  for (const ChatItem& one : state.list) json["list"].push_back(listed_json(model, one));
  if (!state.shown.empty()) json["shown"] = ids_json(model, state.shown);
  if (state.clarification) {
    json["clarification"]["items"] = ids_json(model, state.clarification->items);
  }
  return json;
}

ChatState parse_chat_state(const Model& model, const Json& json) {
  return StateReader(model).state_of(json);
}

}  // namespace tusk
