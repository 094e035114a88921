// Lists for users of the model, for others, and for anybody.
#include <fmt/format.h>

#include <tusk/id_table.hpp>

#include "server/api_objects.hpp"
#include "server/handlers.hpp"
#include "support/text.hpp"

namespace tusk::server {
namespace {

constexpr int kReasons = 3;  // of an entry

const FilterNames kQueryNames = {"genre", "exclude_genre"};
const FilterNames kBodyNames = {"genres", "exclude_genres"};

using Candidates = std::optional<std::vector<Index>>;

ListRequest list_request(int k, const Candidates& candidates, bool explain) {
  ListRequest request{k, std::nullopt, explain ? kReasons : 0};
  if (candidates) request.among = *candidates;
  return request;
}

bool is_empty(const Candidates& candidates) { return candidates && candidates->empty(); }

bool serves_anybody(const Model& model) {
  const Capabilities& can = model.algorithm().capabilities;
  return can.one_list_for_all || can.serves_unknown_users;
}

bool popular_instead(const ServedModel& served, QueryArguments& query) {
  const auto unknown = query.text("on_unknown");
  if (!unknown) return serves_anybody(served.model());
  if (*unknown != "popular" && *unknown != "error") {
    throw query.bad("on_unknown", "on_unknown must be error or popular");
  }
  return *unknown == "popular";
}

std::string kind_text(bool personal) { return personal ? "personal" : "popular"; }

}  // namespace

Response get_recommendations(const Context& context, const Request& request, const PathIds& ids) {
  const ServedModel& served = *context.model;
  const Model& model = served.model();
  QueryArguments query(request);
  const int k = read_k(query);
  const bool explain = query.flag("explain").value_or(false);
  const bool popular = popular_instead(served, query);
  const Candidates candidates = read_candidates(served, query, kQueryNames);
  query.finish();
  const std::string& id = ids.front();
  const auto user = model.users.find(id);
  const bool known = user && model.knows_user(*user);
  if (!known && !popular) {
    throw Problem(404, "unknown-user",
                  fmt::format("user {} has no training ratings in this model; on_unknown=popular "
                              "lists what everybody likes, and POST /api/recommendations what a "
                              "new user may like",
                              in_quotes(id)));
  }
  const ListRequest list = list_request(k, candidates, explain);
  std::vector<Recommendation> found;
  if (!is_empty(candidates)) {
    found = known ? served.recommender().list(*user, list) : served.recommender().popular(list);
  }
  const bool personal = known && !model.algorithm().capabilities.one_list_for_all;
  return json_response(
      list_json(served, {{"user", id}, {"kind", kind_text(personal)}}, found, explain));
}

Response post_recommendations(const Context& context, const Request& request, const PathIds&) {
  const ServedModel& served = *context.model;
  const Model& model = served.model();
  const nlohmann::json body = parse_body(request);
  JsonArguments fields(body);
  const int k = read_k(fields);
  const bool explain = fields.flag("explain").value_or(false);
  const GivenRatings given = read_ratings(served, fields, true);
  std::vector<Index> excluded;
  for (const std::string& id : fields.ids("exclude", kMostRatings)) {
    if (const auto item = model.items.find(id)) excluded.push_back(*item);
  }
  const Candidates candidates = read_candidates(served, fields, kBodyNames, std::move(excluded));
  fields.finish();
  const bool personal = !given.rating.empty();
  if (personal) check_folds_in(served);
  const ListRequest list = list_request(k, candidates, explain);
  std::vector<Recommendation> found;
  if (!is_empty(candidates)) {
    const RatingsRow row(given, model.items.size());
    found =
        personal ? served.recommender().list(row.view(), list) : served.recommender().popular(list);
  }
  return json_response(list_json(served,
                                 {{"kind", kind_text(personal)},
                                  {"folded_from", given.rating.size()},
                                  {"ignored", given.ignored}},
                                 found, explain));
}

Response get_popular(const Context& context, const Request& request, const PathIds&) {
  const ServedModel& served = *context.model;
  QueryArguments query(request);
  const int k = read_k(query);
  const Candidates candidates = read_candidates(served, query, kQueryNames);
  query.finish();
  std::vector<Recommendation> found;
  if (!is_empty(candidates)) {
    found = served.recommender().popular(list_request(k, candidates, false));
  }
  return json_response(list_json(served, Json::object(), found, false));
}

}  // namespace tusk::server
