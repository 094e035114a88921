// Items: those like another, by title, by id, and those to rate.
#include <fmt/format.h>

#include <tusk/error.hpp>

#include "server/api_objects.hpp"
#include "server/handlers.hpp"
#include "support/text.hpp"

namespace tusk::server {
namespace {

constexpr std::size_t kMostIds = 200;

const SimilarItems& comparing(const ServedModel& served) {
  try {
    return served.similar();
  } catch (const UsageError& error) {
    throw Problem(422, "cannot-compare", error.what());
  }
}

std::vector<SimilarItem> find_similar(const ServedModel& served, Index item, int k,
                                      const SimilarOptions& options) {
  const SimilarItems& finder = comparing(served);
  try {
    return finder.find(item, k, options);
  } catch (const UsageError&) {  // no other item meets the conditions, which are in range
    return {};
  } catch (const InputError& error) {
    throw Problem(422, "cannot-compare", error.what());
  }
}

Response items_by_title(const ServedModel& served, QueryArguments& query, const std::string& text,
                        int k) {
  constexpr std::size_t kLongestText = 200;
  if (text.size() > kLongestText) {
    throw query.bad("query",
                    fmt::format("query has {} bytes; {} is the most", text.size(), kLongestText));
  }
  Json items = Json::array();
  for (const TitleHit& hit : served.titles().find(text, static_cast<std::size_t>(k))) {
    Json item = item_json(served, hit.item);
    item["match"] = to_string(hit.match);
    items.push_back(std::move(item));
  }
  return json_response({{"query", text}, {"items", std::move(items)}});
}

Response items_by_id(const ServedModel& served, const std::vector<std::string>& ids) {
  Json items = Json::array();
  Json unknown = Json::array();
  for (const std::string& id : ids) {
    if (const auto item = served.model().items.find(id)) {
      items.push_back(item_json(served, *item));
    } else {
      unknown.push_back(id);
    }
  }
  return json_response({{"items", std::move(items)}, {"unknown", std::move(unknown)}});
}

}  // namespace

Response get_similar(const Context& context, const Request& request, const PathIds& ids) {
  const ServedModel& served = *context.model;
  QueryArguments query(request);
  const int k = read_k(query);
  const auto genre = query.text("genre");
  if (genre) check_genre(served, query, "genre", *genre);
  const auto least = query.whole("min_ratings", 0, std::int64_t{1} << 40);
  query.finish();
  const auto item = served.model().items.find(ids.front());
  if (!item) {
    throw Problem(404, "unknown-item",
                  fmt::format("there is no item {} in this model", in_quotes(ids.front())));
  }
  comparing(served);
  SimilarOptions options = served.similar_options();
  options.genre = genre.value_or("");
  options.min_ratings = least.value_or(options.min_ratings);
  Json items = Json::array();
  for (const SimilarItem& other : find_similar(served, *item, k, options)) {
    Json entry = {{"rank", items.size() + 1}, {"similarity", finite_number(other.similarity)}};
    entry.update(item_json(served, other.item));
    items.push_back(std::move(entry));
  }
  return json_response({{"to", item_json(served, *item)}, {"items", std::move(items)}});
}

Response get_items(const Context& context, const Request& request, const PathIds&) {
  const ServedModel& served = *context.model;
  QueryArguments query(request);
  const auto text = query.text("query");
  const auto ids = query.texts("id", kMostIds);
  if (text.has_value() != ids.empty()) {
    throw query.bad("query", "there must be either a query or ids");
  }
  if (!text) {
    query.finish();
    return items_by_id(served, ids);
  }
  constexpr int kMostHits = 100;
  const int k = read_k(query, kMostHits);
  query.finish();
  return items_by_title(served, query, *text, k);
}

Response get_items_to_rate(const Context& context, const Request& request, const PathIds&) {
  constexpr int kMost = 200;
  constexpr int kUsual = 50;
  const ServedModel& served = *context.model;
  QueryArguments query(request);
  const int k = read_k(query, kMost, kUsual);
  query.finish();
  Json items = Json::array();
  for (const Index item : served.items_to_rate(k)) items.push_back(item_json(served, item));
  return json_response({{"items", std::move(items)}});
}

}  // namespace tusk::server
