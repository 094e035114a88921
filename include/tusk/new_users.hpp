// Users who were not trained, by their ratings of a model's items.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/model.hpp>
#include <tusk/personal_ratings.hpp>

namespace tusk {

struct NewUsers {
  std::vector<std::string> id;             // of each user
  std::vector<std::int64_t> offset = {0};  // [users + 1]
  std::vector<Index> item;                 // of the model, ascending within a user
  std::vector<float> rating;
  Index items = 0;  // of the model
  // Ratings that were left out because the model has no training rating of their item, and the ids
  // of the first few of these items.
  std::int64_t unknown = 0;
  std::vector<std::string> unknown_items;

  Index users() const { return static_cast<Index>(id.size()); }
  CsrView ratings() const { return {offset, item, rating, items}; }
};

// The users of a data set, whether the model knows their ids or not. Throws InputError for a rating
// off the model's scale, for weights where the model was trained on ratings and the reverse, and if
// the model knows none of the items.
NewUsers match_new_users(const Model& model, const Dataset& data);

// Reads a table of one person's ratings, which has no column of users: those of item and rating,
// and perhaps of time, as its header names them, or without a header two columns of ratings. The
// person has the id "me". Nothing if the file is laid out otherwise. Of `options` those count that
// describe a table, the encoding and whether the ratings are weights. Throws InputError as
// read_dataset().
std::optional<Dataset> read_own_ratings(const std::filesystem::path& path,
                                        const ReadOptions& options = {});

// The person whose ratings these are, as a user with the id "me".
NewUsers new_user_of(const Model& model, const PersonalRatings& ratings);

// Somebody with the highest rating for some items and the lowest for others. Throws UsageError for
// an item that is liked and disliked, for one without training ratings, and for disliked items
// where the scale has one value alone.
NewUsers user_who_likes(const Model& model, std::span<const Index> liked,
                        std::span<const Index> disliked);

}  // namespace tusk
