#include <array>
#include <cstddef>
#include <string>

#include <fmt/format.h>

#include <tusk/chat_request.hpp>
#include <tusk/error.hpp>

#include "chat/json_fields.hpp"

namespace tusk {

using chat::FieldName;

namespace {

constexpr std::array<std::string_view, 10> kIntents = {
    "recommend_genre", "similar_to", "popular", "rate",   "explain", "more",
    "filter",          "clarify",    "help",    "unknown"};
constexpr std::array<std::string_view, 4> kTones = {"lighter", "darker", "newer", "older"};
constexpr std::string_view kRequest = "request";
constexpr int kFirstYear = 1870;
constexpr int kLastYear = 2100;
constexpr std::size_t kMostTextBytes = 400;  // of one text

std::vector<std::string> some_texts(const Json& json, const FieldName& name) {
  return chat::texts_of(json, name, kMostChatTexts, kMostTextBytes);
}

std::vector<TitleStars> ratings_of(const Json& json, const FieldName& name) {
  std::vector<TitleStars> ratings;
  for (const Json& one : chat::list_of(json, name, kMostChatTexts, "objects")) {
    if (!one.is_object() || one.size() != 2 || !one.contains("title") || !one.contains("stars")) {
      chat::refuse(name, "a list of objects with \"title\" and \"stars\"");
    }
    const FieldName stars = {kRequest, "stars"};
    const float number = chat::number_of(one["stars"], stars);
    if (number < 0 || number > kMostStars) {
      chat::refuse(stars, fmt::format("a number from 0 to {}", kMostStars));
    }
    ratings.push_back({chat::text_of(one["title"], {kRequest, "title"}, kMostTextBytes), number});
  }
  return ratings;
}

Json nullable(std::string_view type) { return {{"type", Json::array({type, "null"})}}; }

Json bounded(Json schema, int least, int most) {
  schema["minimum"] = least;
  schema["maximum"] = most;
  return schema;
}

Json list_schema(Json items) {
  Json schema = nullable("array");
  schema["items"] = std::move(items);
  schema["maxItems"] = kMostChatTexts;
  return schema;
}

Json described(Json schema, std::string_view description) {
  schema["description"] = description;
  return schema;
}

Json rating_schema() {
  return {{"type", "object"},
          {"properties",
           {{"title", {{"type", "string"}}},
            {"stars",
             {{"type", "number"}, {"minimum", 0}, {"maximum", static_cast<int>(kMostStars)}}}}},
          {"required", {"title", "stars"}},
          {"additionalProperties", false}};
}

}  // namespace

std::string_view to_string(ChatIntent intent) { return kIntents[static_cast<std::size_t>(intent)]; }
std::string_view to_string(ChatTone tone) { return kTones[static_cast<std::size_t>(tone)]; }

Json to_json(const ChatRequest& request) {
  Json json = {{"intent", to_string(request.intent)}};
  const auto add_texts = [&](const char* field, const std::vector<std::string>& texts) {
    if (!texts.empty()) json[field] = texts;
  };
  add_texts("genre", request.genres);
  if (request.all_genres) json["all_genres"] = true;
  add_texts("exclude_genre", request.excluded_genres);
  add_texts("title", request.titles);
  add_texts("exclude_title", request.excluded_titles);
  for (const TitleStars& rating : request.ratings) {
    json["ratings"].push_back({{"title", rating.title}, {"stars", json_number(rating.stars)}});
  }
  if (request.k) json["k"] = *request.k;
  if (request.from_year) json["from_year"] = *request.from_year;
  if (request.to_year) json["to_year"] = *request.to_year;
  if (request.tone) json["tone"] = to_string(*request.tone);
  if (request.reset) json["reset"] = true;
  add_texts("unsupported", request.unsupported);
  return json;
}

ChatRequest parse_chat_request(const Json& json) {
  if (!json.is_object()) throw InputError("request: it must be a JSON object");
  if (!json.contains("intent")) throw InputError("request: field \"intent\" is missing");
  static const Json properties = chat_request_schema()["properties"];
  ChatRequest request;
  for (const auto& [field, value] : json.items()) {
    const FieldName name = {kRequest, field};
    if (field == "intent") {
      request.intent = chat::value_of<ChatIntent>(value, name, kIntents);
    } else if (value.is_null() && properties.contains(field)) {
      continue;
    } else if (field == "genre") {
      request.genres = some_texts(value, name);
    } else if (field == "all_genres") {
      request.all_genres = chat::flag_of(value, name);
    } else if (field == "exclude_genre") {
      request.excluded_genres = some_texts(value, name);
    } else if (field == "title") {
      request.titles = some_texts(value, name);
    } else if (field == "exclude_title") {
      request.excluded_titles = some_texts(value, name);
    } else if (field == "ratings") {
      request.ratings = ratings_of(value, name);
    } else if (field == "k") {
      request.k = chat::whole_of(value, name, 0, kMostAskedItems);
    } else if (field == "from_year") {
      request.from_year = chat::whole_of(value, name, kFirstYear, kLastYear);
    } else if (field == "to_year") {
      request.to_year = chat::whole_of(value, name, kFirstYear, kLastYear);
    } else if (field == "tone") {
      request.tone = chat::value_of<ChatTone>(value, name, kTones);
    } else if (field == "reset") {
      request.reset = chat::flag_of(value, name);
    } else if (field == "unsupported") {
      request.unsupported = some_texts(value, name);
    } else {
      chat::refuse_unknown(name);
    }
  }
  return request;
}

Json chat_request_schema() {
  const Json text = {{"type", "string"}};
  const Json texts = list_schema(text);
  Json tone = {{"enum", Json::array()}};
  for (const std::string_view name : kTones) tone["enum"].push_back(name);
  tone["enum"].push_back(nullptr);
  Json intent = {{"type", "string"}, {"enum", Json::array()}};
  for (const std::string_view name : kIntents) intent["enum"].push_back(name);
  const Json year = bounded(nullable("integer"), kFirstYear, kLastYear);
  Json properties;
  properties["intent"] = std::move(intent);
  properties["genre"] = described(texts, "genres asked for, by the catalogue's names");
  properties["all_genres"] =
      described(nullable("boolean"), "items must have all of these genres, not just one");
  properties["exclude_genre"] = described(texts, "genres not wanted");
  properties["title"] = described(texts, "of similar_to and explain: the titles asked about");
  properties["exclude_title"] =
      described(texts, "titles that are known or not wanted, not to be listed");
  properties["ratings"] =
      described(list_schema(rating_schema()), "loved 5, liked 4, all right 3, disliked 2, hated 1");
  properties["k"] =
      described(bounded(nullable("integer"), 0, kMostAskedItems), "how many items are asked for");
  properties["from_year"] = described(year, "the first year of release wanted");
  properties["to_year"] = described(year, "the last year of release wanted");
  properties["tone"] = described(tone, "how the list should differ from what it is compared with");
  properties["reset"] = described(nullable("boolean"), "forget all earlier conditions");
  properties["unsupported"] = described(
      texts,
      "what is asked for that no other field can say, as it is said: by a director, with an "
      "actor, in a language, about a subject, of a length");
  Json required = Json::array();
  for (const auto& [field, schema] : properties.items()) required.push_back(field);
  return {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
          {"title", "Tusk chat request"},
          {"type", "object"},
          {"properties", std::move(properties)},
          {"required", std::move(required)},
          {"additionalProperties", false}};
}

}  // namespace tusk
