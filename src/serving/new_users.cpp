#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/new_users.hpp>

#include "data/scale_check.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

constexpr std::size_t kMostNamed = 3;  // of items that a model does not know

}  // namespace

NewUsers match_new_users(const Model& model, const Dataset& data) {
  check_on_scale(data, model.scale(), model.of_weights());
  NewUsers matched;
  matched.items = model.items.size();
  std::vector<Index> item_of;
  for (Index item = 0; item < data.items.size(); ++item) {
    const auto found = model.items.find(data.items.id(item));
    const bool usable = found && model.knows_item(*found);
    item_of.push_back(usable ? *found : kNone);
    if (!usable && matched.unknown_items.size() < kMostNamed) {
      matched.unknown_items.push_back(data.items.id(item));
    }
  }
  const CsrView ratings = data.ratings();
  std::vector<std::pair<Index, float>> row;
  for (Index user = 0; user < ratings.rows(); ++user) {
    row.clear();
    const auto first = static_cast<std::size_t>(data.offset[static_cast<std::size_t>(user)]);
    for (std::size_t k = 0; k < ratings.row(user).size(); ++k) {
      const float rating = data.rating[first + k];
      const Index item = item_of[static_cast<std::size_t>(data.item[first + k])];
      if (item == kNone) {
        ++matched.unknown;
      } else {
        row.emplace_back(item, rating);
      }
    }
    std::sort(row.begin(), row.end());
    for (const auto& [item, rating] : row) {
      matched.item.push_back(item);
      matched.rating.push_back(rating);
    }
    matched.offset.push_back(std::ssize(matched.item));
    matched.id.push_back(data.users.id(user));
  }
  if (matched.item.empty()) {
    throw InputError({data.source.string(), 0, 0}, "no rating of an item that the model knows",
                     "ids as in the model's training data");
  }
  return matched;
}

NewUsers new_user_of(const Model& model, const PersonalRatings& ratings) {
  NewUsers user;
  user.items = model.items.size();
  user.id = {"me"};
  for (const PersonalRating& rating : ratings.ratings) {
    if (model.knows_item(rating.item)) {
      user.item.push_back(rating.item);
      user.rating.push_back(rating.rating);
    } else {
      ++user.unknown;
      if (user.unknown_items.size() < kMostNamed) {
        user.unknown_items.push_back(model.items.id(rating.item));
      }
    }
  }
  user.offset.push_back(std::ssize(user.item));
  return user;
}

NewUsers user_who_likes(const Model& model, std::span<const Index> liked,
                        std::span<const Index> disliked) {
  const RatingScale scale = model.scale();
  if (!disliked.empty() && scale.low == scale.high) {
    throw UsageError(
        fmt::format("all ratings of this model are {:g}: no item can be disliked", scale.low));
  }
  std::map<Index, float> ratings;
  const auto rate = [&](std::span<const Index> items, float rating) {
    for (const Index item : items) {
      if (item < 0 || item >= model.items.size() || !model.knows_item(item)) {
        throw UsageError(
            fmt::format("there is no item number {} with training ratings in the model", item));
      }
      const auto [before, is_new] = ratings.emplace(item, rating);
      if (!is_new && before->second != rating) {
        throw UsageError(
            fmt::format("{} is liked and disliked", in_quotes(std::string(title_of(model, item)))));
      }
    }
  };
  rate(liked, scale.high);
  rate(disliked, scale.low);
  NewUsers user;
  user.items = model.items.size();
  user.id = {"new"};
  for (const auto& [item, rating] : ratings) {
    user.item.push_back(item);
    user.rating.push_back(rating);
  }
  user.offset.push_back(std::ssize(user.item));
  return user;
}

}  // namespace tusk
