#include <array>

#include <tusk/chat.hpp>

namespace tusk {
namespace {

constexpr std::array<std::string_view, 7> kSources = {"none",      "similar", "content", "user",
                                                      "folded-in", "popular", "answer"};
constexpr std::array<std::string_view, 2> kReaders = {"router", "llm"};

}  // namespace

std::string_view to_string(ChatSource source) { return kSources[static_cast<std::size_t>(source)]; }
std::string_view to_string(ChatReader reader) { return kReaders[static_cast<std::size_t>(reader)]; }

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
    if (one.match) item["match"] = json_number(*one.match);
    items.push_back(std::move(item));
  }
  Json json = {{"text", reply.text},
               {"intent", to_string(reply.request.intent)},
               {"source", to_string(reply.source)},
               {"read_by", to_string(reply.read_by)},
               {"request", to_json(reply.request)},
               {"items", std::move(items)}};
  if (!reply.notice.empty()) json["notice"] = reply.notice;
  return json;
}

}  // namespace tusk
