// The conversation. All that it knows comes with the request and goes back with the answer.
#include <fmt/format.h>

#include <tusk/chat.hpp>
#include <tusk/chat_router.hpp>
#include <tusk/error.hpp>

#include "server/api_objects.hpp"
#include "server/handlers.hpp"
#include "support/text.hpp"

namespace tusk::server {
namespace {

std::string read_text(JsonArguments& fields) {
  auto text = fields.text("text");
  if (!text) throw fields.bad("text", "a text is missing");
  if (text->size() > kMostChatText) {
    throw fields.bad("text",
                     fmt::format("text has {} bytes; {} is the most", text->size(), kMostChatText));
  }
  return std::move(*text);
}

ChatState read_state(const ServedModel& served, JsonArguments& fields) {
  const nlohmann::json* const json = fields.any("state");
  if (json == nullptr) return {};
  try {
    return parse_chat_state(served.model(), *json);
  } catch (const InputError& error) {
    throw fields.bad("state", error.what(), "bad-state");
  }
}

std::optional<Index> read_user(const ServedModel& served, JsonArguments& fields) {
  const auto id = fields.id("user");
  if (!id) return std::nullopt;
  const auto user = served.model().users.find(*id);
  if (user && served.model().knows_user(*user)) return user;
  throw Problem(404, "unknown-user",
                fmt::format("user {} has no training ratings in this model", in_quotes(*id)))
      .at("/user");
}

Json listed_json(const ServedModel& served, const ChatItem& one, std::size_t rank) {
  Json json = {{"rank", rank}};
  json.update(item_json(served, one.item));
  json["score"] = finite_number(one.score);
  json["rating"] = one.rating ? finite_number(*one.rating) : Json(nullptr);
  json["reason"] = one.reason;
  if (one.match) json["match"] = finite_number(*one.match);
  return json;
}

Json reply_json(const ServedModel& served, const ChatReply& reply, const ChatState& state) {
  Json items = Json::array();
  for (const ChatItem& one : reply.items) {
    items.push_back(listed_json(served, one, items.size() + 1));
  }
  Json json = {{"text", reply.text},
               {"intent", to_string(reply.request.intent)},
               {"source", to_string(reply.source)},
               {"read_by", to_string(reply.read_by)},
               {"request", to_json(reply.request)},
               {"items", std::move(items)},
               {"state", to_json(served.model(), state)}};
  if (!reply.notice.empty()) json["notice"] = reply.notice;
  for (const ItemStars& one : reply.rated) {
    json["rated"].push_back(
        {{"item", item_json(served, one.item)}, {"stars", json_number(one.stars)}});
  }
  return json;
}

}  // namespace

Response post_chat(const Context& context, const Request& request, const PathIds&) {
  const ServedModel& served = *context.model;
  if (!served.can_chat()) {
    throw Problem(422, "cannot-chat", "the model has no titles, so there is nothing to talk about");
  }
  const nlohmann::json body = parse_body(request);
  JsonArguments fields(body);
  const std::string text = read_text(fields);
  ChatState state = read_state(served, fields);
  if (const auto user = read_user(served, fields)) state.user = user;
  const GivenRatings given = read_ratings(served, fields, false);
  if (fields.has("ratings")) state.ratings = given.rating;
  fields.finish();
  const ChatReply reply = served.chat().answer(state, text);
  Response response = json_response(reply_json(served, reply, state));
  response.warning = reply.notice;
  return response;
}

}  // namespace tusk::server
