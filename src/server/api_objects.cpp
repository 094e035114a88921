#include "server/api_objects.hpp"

#include <cmath>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <tusk/list_order.hpp>

#include "support/text.hpp"

namespace tusk::server {
namespace {

Json genres_json(std::string_view genres) {
  Json names = Json::array();
  for (const std::string_view name : split_text(genres, "|")) {
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

void check_rating(const ServedModel& served, const JsonArguments& arguments, float rating) {
  const Model& model = served.model();
  const RatingScale scale = model.scale();
  if (model.of_weights() ? rating > 0 : scale.contains(rating)) return;
  throw arguments.bad("rating",
                      model.of_weights()
                          ? fmt::format("the weight {:g} is not above 0", rating)
                          : fmt::format("the rating {:g} is not on the model's scale, {:g} to {:g}",
                                        rating, scale.low, scale.high),
                      "off-scale");
}

void check_can_dislike(const ServedModel& served, const JsonArguments& arguments,
                       const std::string& name) {
  const RatingScale scale = served.model().scale();
  if (scale.low < scale.high && !served.model().of_weights()) return;
  throw arguments.bad(name, "the model's ratings only say what is liked: nothing can be disliked");
}

}  // namespace

Response json_response(const Json& json, int status) {
  return {status, "application/json", json_line(json)};
}

Json finite_number(float value) {
  return std::isfinite(value) ? Json(json_number(value)) : Json(nullptr);
}

Json item_json(const ServedModel& served, Index item) {
  const Model& model = served.model();
  const Catalogue& catalogue = model.catalogue;
  const auto i = static_cast<std::size_t>(item);
  const int year = item_year(catalogue, item);
  Json json = {
      {"id", model.items.id(item)},
      {"title", title_of(model, item)},
      {"year", year == 0 ? Json(nullptr) : Json(year)},
      {"genres", i < catalogue.genres.size() ? genres_json(catalogue.genres[i]) : Json::array()},
      {"ratings", served.candidates().ratings()[i]}};
  if (i < catalogue.imdb.size() && catalogue.imdb[i] != 0) {
    json["imdb"] = fmt::format("tt{:07}", catalogue.imdb[i]);
  }
  if (i < catalogue.tmdb.size() && catalogue.tmdb[i] != 0) json["tmdb"] = catalogue.tmdb[i];
  return json;
}

Json entry_json(const ServedModel& served, const Recommendation& entry, std::size_t rank,
                bool explain) {
  const Model& model = served.model();
  Json json = {{"rank", rank}};
  json.update(item_json(served, entry.item));
  json["score"] = finite_number(entry.score);
  json["rating"] = predicts_ratings(model) ? finite_number(entry.rating) : Json(nullptr);
  if (entry.deviation) json["deviation"] = finite_number(*entry.deviation);
  json["evidence"] = to_string(entry.evidence);
  if (explain) {
    Json reasons = Json::array();
    for (const Contribution& reason : entry.reasons) {
      reasons.push_back(
          {{"item", {{"id", model.items.id(reason.item)}, {"title", title_of(model, reason.item)}}},
           {"rating", finite_number(reason.rating)},
           {"adds", finite_number(reason.part)}});
    }
    json["reasons"] = std::move(reasons);
  }
  for (const PartRank& part : entry.parts) {
    json["parts"].push_back(
        {{"part", part.part}, {"rank", part.rank}, {"score", finite_number(part.score)}});
  }
  return json;
}

Json list_json(const ServedModel& served, Json head, std::span<const Recommendation> list,
               bool explain) {
  head["ordered_by"] = rank_by_text(served.recommender().order().by, served.model());
  Json items = Json::array();
  for (const Recommendation& entry : list) {
    items.push_back(entry_json(served, entry, items.size() + 1, explain));
  }
  head["items"] = std::move(items);
  return head;
}

int read_k(Arguments& arguments, int most, int usual) {
  return static_cast<int>(arguments.whole("k", 1, most).value_or(usual));
}

void check_folds_in(const ServedModel& served) {
  if (served.folds_in()) return;
  throw Problem(422, "cannot-fold-in",
                fmt::format("a model of kind {} serves only users whom it was trained on",
                            served.model().algorithm().name));
}

void check_genre(const ServedModel& served, const Arguments& arguments, const std::string& name,
                 const std::string& genre) {
  if (served.candidates().has_genre(genre)) return;
  throw arguments.bad(name, served.candidates().unknown_genre_text(genre), "unknown-genre");
}

std::optional<std::vector<Index>> read_candidates(const ServedModel& served, Arguments& arguments,
                                                  const FilterNames& names,
                                                  std::vector<Index> excluded_items) {
  constexpr std::size_t kMostGenres = 50;
  constexpr int kLastYear = 9999;
  CandidateFilter filter;
  filter.genres = arguments.texts(names.genres, kMostGenres);
  filter.excluded_genres = arguments.texts(names.excluded_genres, kMostGenres);
  for (const std::string& genre : filter.genres)
    check_genre(served, arguments, names.genres, genre);
  for (const std::string& genre : filter.excluded_genres) {
    check_genre(served, arguments, names.excluded_genres, genre);
  }
  const auto from = arguments.whole("from", 1, kLastYear);
  const auto to = arguments.whole("to", 1, kLastYear);
  if (from && to && *from > *to) {
    throw arguments.bad("from", fmt::format("from {} is later than to {}", *from, *to));
  }
  if (from) filter.from_year = static_cast<int>(*from);
  if (to) filter.to_year = static_cast<int>(*to);
  const auto least = arguments.whole("min_ratings", 0, std::int64_t{1} << 40);
  if (least) filter.min_ratings = *least;
  filter.excluded_items = std::move(excluded_items);
  const bool any = least || from || to || !filter.genres.empty() ||
                   !filter.excluded_genres.empty() || !filter.excluded_items.empty();
  if (!any) return std::nullopt;
  // Where no item has a year, none is of these years.
  if ((from || to) && served.candidates().last_year() == 0) return std::vector<Index>();
  return served.candidates().find(filter);
}

float read_rating(const ServedModel& served, JsonArguments& arguments, bool or_like) {
  const auto rating = arguments.number("rating");
  const auto like = or_like ? arguments.flag("like") : std::nullopt;
  if (rating.has_value() == like.has_value()) {
    throw arguments.bad(
        "rating", or_like ? "there must be either a rating or a like" : "a rating is missing");
  }
  if (rating) {
    check_rating(served, arguments, *rating);
    return *rating;
  }
  if (*like) return served.model().of_weights() ? 1 : served.model().scale().high;
  check_can_dislike(served, arguments, "like");
  return served.model().scale().low;
}

GivenRatings read_ratings(const ServedModel& served, JsonArguments& arguments, bool with_likes) {
  const Model& model = served.model();
  GivenRatings given;
  std::size_t count = 0;
  std::set<std::string> named;
  const auto add = [&](const Arguments& where, const std::string& name, const std::string& id,
                       float rating) {
    if (++count > kMostRatings) {
      throw where.bad(name, fmt::format("there are more than {} ratings", kMostRatings));
    }
    if (!named.insert(id).second) {
      throw where.bad(name, fmt::format("item {} comes twice", in_quotes(id)));
    }
    const auto item = model.items.find(id);
    if (item && model.knows_item(*item)) {
      given.rating[*item] = rating;
    } else {
      given.ignored.push_back(id);
    }
  };
  for (JsonArguments& one : arguments.objects("ratings", kMostRatings)) {
    const auto id = one.id("item");
    if (!id) throw one.bad("item", "an item is missing");
    const float rating = read_rating(served, one, false);
    one.finish();
    add(one, "item", *id, rating);
  }
  if (!with_likes) return given;
  for (const std::string& id : arguments.ids("likes", kMostRatings)) {
    add(arguments, "likes", id, model.scale().high);
  }
  const auto disliked = arguments.ids("dislikes", kMostRatings);
  if (!disliked.empty()) check_can_dislike(served, arguments, "dislikes");
  for (const std::string& id : disliked) add(arguments, "dislikes", id, model.scale().low);
  return given;
}

RatingsRow::RatingsRow(const GivenRatings& given, Index items)
    : offset_{0, std::ssize(given.rating)}, items_(items) {
  for (const auto& [item, rating] : given.rating) {
    item_.push_back(item);
    rating_.push_back(rating);
  }
}

}  // namespace tusk::server
