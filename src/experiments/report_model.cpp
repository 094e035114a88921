// What a page shows of a trained model: lists for some of its users, and a map of its items.
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include <Eigen/Dense>
#include <fmt/format.h>

#include <tusk/recommend.hpp>
#include <tusk/report.hpp>

namespace tusk {
namespace {

constexpr std::size_t kLiked = 5;
constexpr int kShown = 10;
constexpr std::size_t kMappedItems = 500;

std::string item_name(const Model& model, Index item) {
  const std::string title = title_of(model, item);
  return title.empty() ? model.items.id(item) : title;
}

Json rounded(double value) {
  return std::isfinite(value) ? Json::parse(fmt::format("{:.4g}", value)) : Json();
}

struct SampleUser {
  const char* kind;
  Index user;
};

// Those at the 10th, the 50th and the 90th percentile of the numbers of training ratings; of equal
// numbers the smaller index comes first. Of fewer than three users each is there once.
std::vector<SampleUser> sample_users(const Model& model) {
  std::vector<Index> users = known_users(model);
  const CsrView seen = model.seen().view();
  std::stable_sort(users.begin(), users.end(),
                   [&](Index a, Index b) { return seen.row(a).size() < seen.row(b).size(); });
  constexpr std::array<std::pair<const char*, double>, 3> kPlaces = {
      {{"few ratings", 0.1}, {"a middling number of ratings", 0.5}, {"many ratings", 0.9}}};
  std::vector<SampleUser> sample;
  for (const auto& [kind, share] : kPlaces) {
    if (users.empty()) break;
    const auto place =
        static_cast<std::size_t>(share * static_cast<double>(users.size() - 1) + 0.5);
    const bool is_there = std::any_of(sample.begin(), sample.end(), [&](const SampleUser& other) {
      return other.user == users[place];
    });
    if (!is_there) sample.push_back({kind, users[place]});
  }
  return sample;
}

struct RatedItem {
  Index item;
  float rating;
};

// The ratings of a user, the highest first; of equal ones the items with more training ratings.
std::vector<RatedItem> ratings_of(const Dataset& data, Index user,
                                  const std::vector<std::int64_t>& popularity) {
  std::vector<RatedItem> rated;
  const auto end = static_cast<std::size_t>(data.offset[static_cast<std::size_t>(user) + 1]);
  for (auto k = static_cast<std::size_t>(data.offset[static_cast<std::size_t>(user)]); k < end;
       ++k) {
    rated.push_back({data.item[k], data.rating[k]});
  }
  std::stable_sort(rated.begin(), rated.end(), [&](const RatedItem& a, const RatedItem& b) {
    if (a.rating != b.rating) return a.rating > b.rating;
    const auto of_a = popularity[static_cast<std::size_t>(a.item)];
    const auto of_b = popularity[static_cast<std::size_t>(b.item)];
    return of_a != of_b ? of_a > of_b : a.item < b.item;
  });
  return rated;
}

Json samples_json(Device& device, const Model& model, const Dataset& data, const ListOrder& order) {
  RecommendOptions options;
  options.order = order;
  const Recommender recommender(device, model, options);
  const auto sample = sample_users(model);
  std::vector<Index> users;
  for (const SampleUser& one : sample) users.push_back(one.user);
  const auto lists = recommender.recommend(users, kShown);
  const auto popularity = model.ratings_of_items();
  const bool has_ratings = predicts_ratings(model);
  Json json = {
      {"order", order_text(rank_by_text(recommender.order().by, model), recommender.order())},
      {"rated", has_ratings},
      {"held_out", std::cmp_less(model.seen().item.size(), data.size())},
      {"users", Json::array()}};
  for (std::size_t s = 0; s < sample.size(); ++s) {
    const Index user = sample[s].user;
    const auto seen = model.seen().view().row(user);
    const auto was_seen = [&](Index item) {
      return std::binary_search(seen.begin(), seen.end(), item);
    };
    const std::vector<RatedItem> rated = ratings_of(data, user, popularity);
    Json liked = Json::array();
    for (const auto& [item, rating] : rated) {
      if (liked.size() == kLiked) break;
      if (was_seen(item)) liked.push_back({item_name(model, item), json_number(rating)});
    }
    Json shown = Json::array();
    for (const Recommendation& one : lists[s]) {
      const auto held_out = std::find_if(rated.begin(), rated.end(), [&](const RatedItem& other) {
        return other.item == one.item && !was_seen(other.item);
      });
      shown.push_back({item_name(model, one.item), rounded(has_ratings ? one.rating : one.score),
                       held_out == rated.end() ? Json() : Json(json_number(held_out->rating))});
    }
    json["users"].push_back({{"id", model.users.id(user)},
                             {"kind", sample[s].kind},
                             {"ratings", seen.size()},
                             {"liked", liked},
                             {"shown", shown}});
  }
  return json;
}

// The most rated items, at their places on the two axes along which their factors differ most:
// [name, x, y, training ratings]. Null for a model without two factors or with fewer than three
// items.
Json map_json(const Model& model) {
  const auto factors = static_cast<Eigen::Index>(model.state().factors);
  const auto popularity = model.ratings_of_items();
  std::vector<Index> items;
  for (Index item = 0; item < model.items.size(); ++item) {
    if (popularity[static_cast<std::size_t>(item)] > 0) items.push_back(item);
  }
  std::stable_sort(items.begin(), items.end(), [&](Index a, Index b) {
    return popularity[static_cast<std::size_t>(a)] > popularity[static_cast<std::size_t>(b)];
  });
  items.resize(std::min(items.size(), kMappedItems));
  if (factors < 2 || items.size() < 3) return nullptr;

  Eigen::MatrixXd centred(static_cast<Eigen::Index>(items.size()), factors);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const float* const row = model.state().item_factors.data() +
                             static_cast<std::size_t>(items[i]) * static_cast<std::size_t>(factors);
    for (Eigen::Index f = 0; f < factors; ++f) centred(static_cast<Eigen::Index>(i), f) = row[f];
  }
  centred.rowwise() -= centred.colwise().mean().eval();
  const double all = centred.squaredNorm();
  if (!(all > 0)) return nullptr;
  const Eigen::BDCSVD<Eigen::MatrixXd> svd(centred, Eigen::ComputeThinV);
  Json json = {{"items", Json::array()}, {"shares", Json::array()}};
  Eigen::MatrixXd axes = svd.matrixV().leftCols(2);
  for (Eigen::Index axis = 0; axis < 2; ++axis) {
    const double length = svd.singularValues()[axis];
    json["shares"].push_back(length * length / all);
    // An axis has two directions; this is the same one everywhere.
    Eigen::Index largest = 0;
    axes.col(axis).cwiseAbs().maxCoeff(&largest);
    if (axes(largest, axis) < 0) axes.col(axis) *= -1;
  }
  const Eigen::MatrixXd places = centred * axes;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto row = static_cast<Eigen::Index>(i);
    json["items"].push_back({item_name(model, items[i]), rounded(places(row, 0)),
                             rounded(places(row, 1)),
                             popularity[static_cast<std::size_t>(items[i])]});
  }
  return json;
}

}  // namespace

void Report::add_model(Device& device, const Model& model, const Dataset& data,
                       const ListOrder& order) {
  data_["samples"] = samples_json(device, model, data, order);
  if (Json map = map_json(model); !map.is_null()) data_["map"] = std::move(map);
}

}  // namespace tusk
