// What several handlers read from requests and write into answers.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tusk/json.hpp>
#include <tusk/recommend.hpp>

#include "server/arguments.hpp"
#include "server/json_body.hpp"
#include "server/message.hpp"
#include "server/served_model.hpp"

namespace tusk::server {

inline constexpr int kLongestList = 1000;
inline constexpr std::size_t kMostRatings = 10'000;  // in a request

Response json_response(const Json& json, int status = 200);

// An item as answers describe it.
Json item_json(const ServedModel& served, Index item);
// An entry of a list, with its reasons if they were asked for.
Json entry_json(const ServedModel& served, const Recommendation& entry, std::size_t rank,
                bool explain);
// {"ordered_by": ..., "items": [...]}, after what `head` has.
Json list_json(const ServedModel& served, Json head, std::span<const Recommendation> list,
               bool explain);

// A number that JSON has: null for NaN and infinities.
Json finite_number(float value);

// Throws Problem where the model serves only users whom it was trained on.
void check_folds_in(const ServedModel& served);

// "k", and of a filter what is given by these names.
int read_k(Arguments& arguments, int most = kLongestList, int usual = 10);
struct FilterNames {
  std::string genres;
  std::string excluded_genres;
};
// The items of the filter, in the order that decides ties; nothing if there is no filter.
std::optional<std::vector<Index>> read_candidates(const ServedModel& served, Arguments& arguments,
                                                  const FilterNames& names,
                                                  std::vector<Index> excluded_items = {});
void check_genre(const ServedModel& served, const Arguments& arguments, const std::string& name,
                 const std::string& genre);

// The ratings of somebody in a body: "ratings", and likes and dislikes where they are asked for.
struct GivenRatings {
  std::map<Index, float> rating;     // of items with training ratings
  std::vector<std::string> ignored;  // ids of the other items
};
GivenRatings read_ratings(const ServedModel& served, JsonArguments& arguments, bool with_likes);

// A rating in a body as the model's, by "rating" or by "like". Throws Problem if it is off the
// scale.
float read_rating(const ServedModel& served, JsonArguments& arguments, bool or_like);

// GivenRatings as the one row of a matrix of the model's items.
class RatingsRow {
 public:
  RatingsRow(const GivenRatings& given, Index items);
  CsrView view() const { return {offset_, item_, rating_, items_}; }

 private:
  std::vector<std::int64_t> offset_;
  std::vector<Index> item_;
  std::vector<float> rating_;
  Index items_;
};

}  // namespace tusk::server
