#include "synthetic/planted_model.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include <tusk/error.hpp>

#include "support/philox.hpp"
#include "synthetic/popularity.hpp"

namespace tusk {
namespace {

// Streams of random numbers; a user's or an item's own stream has its number added.
enum Purpose : std::uint64_t {
  user_order,
  item_order,
  first_raters,
  user_taste,
  item_taste,
  choice,
  noise
};

RandomSequence sequence(std::uint64_t seed, Purpose purpose, Index which = 0) {
  return {seed, random_stream(RandomUse::synthetic,
                              (std::uint64_t{purpose} << 40) + static_cast<std::uint64_t>(which))};
}

// Two independent standard normal numbers (Box and Muller, 1958).
std::array<double, 2> normal_pair(RandomSequence& random) {
  const double radius = std::sqrt(-2 * std::log(random.uniform()));
  const double angle = 2 * std::numbers::pi * random.uniform();
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

std::vector<Index> permutation(Index count, RandomSequence random) {
  std::vector<Index> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), Index{0});
  random.shuffle(order);
  return order;
}

void check_spec(const SyntheticSpec& spec) {
  const std::int64_t users = spec.users;
  const bool possible = users >= 1 && spec.items >= 1 && spec.min_user_ratings >= 1 &&
                        spec.min_user_ratings <= spec.max_user_ratings &&
                        spec.max_user_ratings <= spec.items && spec.ratings >= spec.items &&
                        spec.ratings >= users * spec.min_user_ratings &&
                        spec.ratings <= users * spec.max_user_ratings;
  if (!possible) throw UsageError("no ratings can have the counts of this synthetic data set");
}

// How steeply activity and popularity fall with rank; near those of MovieLens.
constexpr double kUserExponent = 0.8;
constexpr double kItemExponent = 2;

double normal_cdf(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

// The variance of a rating is tabulated over planted ratings from kTableMargin below the scale to
// as much above it.
constexpr double kTableMargin = 4;
constexpr std::size_t kTableSize = 4096;

double table_position(const SyntheticSpec& spec, double rating) {
  const double low = spec.scale.low - kTableMargin;
  const double width = spec.scale.high - spec.scale.low + 2 * kTableMargin;
  return std::clamp((rating - low) / width, 0.0, 1.0) * (kTableSize - 1);
}

std::vector<double> variance_table(const SyntheticSpec& spec) {
  const double width = spec.scale.high - spec.scale.low + 2 * kTableMargin;
  const int steps = static_cast<int>(std::lround((spec.scale.high - spec.scale.low) / spec.step));
  std::vector<double> table(kTableSize);
  for (std::size_t t = 0; t < kTableSize; ++t) {
    const double planted =
        spec.scale.low - kTableMargin + width * static_cast<double>(t) / (kTableSize - 1);
    double mean = 0;
    double square = 0;
    double below = 0;
    for (int s = 0; s <= steps; ++s) {
      const double value = spec.scale.low + s * spec.step;
      const double upto =
          s == steps ? 1 : normal_cdf((value + spec.step / 2 - planted) / spec.noise_std);
      mean += (upto - below) * value;
      square += (upto - below) * value * value;
      below = upto;
    }
    table[t] = square - mean * mean;
  }
  return table;
}

}  // namespace

PlantedModel::PlantedModel(const SyntheticSpec& spec, std::uint64_t seed)
    : spec_(spec), seed_(seed) {
  check_spec(spec);
  draw_user_counts();
  draw_popularity();
  assign_first_raters();
  variance_ = variance_table(spec);
  const float factor_std =
      static_cast<float>(std::sqrt(spec.factor_std / std::sqrt(double{kPlantedFactors})));
  const auto draw = [&](Purpose purpose, Index count, double bias_std, std::vector<float>& bias,
                        std::vector<PlantedVector>& factors) {
    bias.resize(static_cast<std::size_t>(count));
    factors.resize(static_cast<std::size_t>(count));
    for (Index i = 0; i < count; ++i) {
      RandomSequence random = sequence(seed_, purpose, i);
      const auto at = static_cast<std::size_t>(i);
      bias[at] = static_cast<float>(bias_std * normal_pair(random)[0]);
      for (std::size_t f = 0; f < kPlantedFactors; f += 2) {
        const auto pair = normal_pair(random);
        factors[at][f] = factor_std * static_cast<float>(pair[0]);
        factors[at][f + 1] = factor_std * static_cast<float>(pair[1]);
      }
    }
  };
  draw(user_taste, spec.users, spec.user_bias_std, user_bias_, user_factors_);
  draw(item_taste, spec.items, spec.item_bias_std, item_bias_, item_factors_);
}

void PlantedModel::draw_user_counts() {
  const auto users = static_cast<std::size_t>(spec_.users);
  const double least = spec_.min_user_ratings;
  const std::int64_t spare = spec_.ratings - spec_.users * std::int64_t{spec_.min_user_ratings};
  const auto curve =
      heavy_tail(users, spec_.max_user_ratings - least, static_cast<double>(spare), kUserExponent);
  std::vector<std::int64_t> extra(users);
  std::int64_t left = spare;
  for (std::size_t r = 0; r < users; ++r) {
    extra[r] = static_cast<std::int64_t>(curve[r]);
    left -= extra[r];
  }
  // What rounding left over or took too much, one each, from the most active user on.
  const std::int64_t most = spec_.max_user_ratings - spec_.min_user_ratings;
  for (std::size_t r = 0; left != 0; r = (r + 1) % users) {
    const std::int64_t change = left > 0 ? 1 : -1;
    if (extra[r] + change < 0 || extra[r] + change > most) continue;
    extra[r] += change;
    left -= change;
  }
  const auto order = permutation(spec_.users, sequence(seed_, user_order));
  user_count_.resize(users);
  for (std::size_t r = 0; r < users; ++r) {
    user_count_[static_cast<std::size_t>(order[r])] =
        spec_.min_user_ratings + static_cast<Index>(extra[r]);
  }
}

void PlantedModel::draw_popularity() {
  const auto items = static_cast<std::size_t>(spec_.items);
  const auto share = heavy_tail(items, spec_.top_item_share,
                                static_cast<double>(spec_.ratings) / spec_.users, kItemExponent);
  const auto weights = drawing_weights(share, user_count_);
  const auto order = permutation(spec_.items, sequence(seed_, item_order));
  popularity_.resize(items);
  for (std::size_t r = 0; r < items; ++r) {
    popularity_[static_cast<std::size_t>(order[r])] = weights[r];
  }
  // Vose's construction of the alias table (1991): each place is shared by two items.
  const double sum = std::accumulate(popularity_.begin(), popularity_.end(), 0.0);
  std::vector<double> load(items);
  std::vector<std::size_t> small;
  std::vector<std::size_t> large;
  for (std::size_t i = 0; i < items; ++i) {
    load[i] = popularity_[i] / sum * static_cast<double>(items);
    (load[i] < 1 ? small : large).push_back(i);
  }
  alias_cut_.assign(items, 0xffffffffu);
  alias_.resize(items);
  std::iota(alias_.begin(), alias_.end(), Index{0});
  while (!small.empty() && !large.empty()) {
    const std::size_t s = small.back();
    const std::size_t l = large.back();
    small.pop_back();
    alias_cut_[s] = static_cast<std::uint32_t>(load[s] * 0x1p32);
    alias_[s] = static_cast<Index>(l);
    load[l] -= 1 - load[s];
    if (load[l] < 1) {
      large.pop_back();
      small.push_back(l);
    }
  }
}

void PlantedModel::assign_first_raters() {
  const auto users = static_cast<std::size_t>(spec_.users);
  std::vector<std::int64_t> rating_offset(users + 1, 0);
  for (std::size_t u = 0; u < users; ++u) rating_offset[u + 1] = rating_offset[u] + user_count_[u];
  // A user is drawn by the number of ratings, and again if all of them are taken.
  RandomSequence random = sequence(seed_, first_raters);
  std::vector<Index> taken(users, 0);
  std::vector<std::size_t> rater(static_cast<std::size_t>(spec_.items));
  for (std::size_t& r : rater) {
    do {
      const std::int64_t place = random.below(static_cast<std::uint32_t>(spec_.ratings));
      r = static_cast<std::size_t>(
          std::upper_bound(rating_offset.begin(), rating_offset.end(), place) -
          rating_offset.begin() - 1);
    } while (taken[r] == user_count_[r]);
    ++taken[r];
  }
  first_offset_.assign(users + 1, 0);
  for (std::size_t u = 0; u < users; ++u) first_offset_[u + 1] = first_offset_[u] + taken[u];
  std::vector<std::int64_t> next(first_offset_.begin(), first_offset_.end() - 1);
  first_items_.resize(rater.size());
  for (std::size_t i = 0; i < rater.size(); ++i) {
    first_items_[static_cast<std::size_t>(next[rater[i]]++)] = static_cast<Index>(i);
  }
}

// Without replacement, by popularity. Items are drawn from the alias table, and again when taken.
// For a user to whom that happens too often, the rest are chosen at once: each free item gets an
// exponential key of its popularity's rate, and the smallest keys win (Efraimidis and Spirakis,
// 2006).
void PlantedModel::choose_items(Index user, Scratch& scratch) const {
  const auto u = static_cast<std::size_t>(user);
  const auto count = static_cast<std::size_t>(user_count_[u]);
  scratch.taken_by.resize(static_cast<std::size_t>(spec_.items), kNone);
  scratch.items.clear();
  const auto take = [&](Index item) {
    if (std::exchange(scratch.taken_by[static_cast<std::size_t>(item)], user) == user) return;
    scratch.items.push_back(item);
  };
  for (auto k = first_offset_[u]; k < first_offset_[u + 1]; ++k) {
    take(first_items_[static_cast<std::size_t>(k)]);
  }
  RandomSequence random = sequence(seed_, choice, user);
  for (std::size_t draws = 0; draws < 12 * count && scratch.items.size() < count; ++draws) {
    const std::uint32_t place = random.below(static_cast<std::uint32_t>(spec_.items));
    take(random.next() < alias_cut_[place] ? static_cast<Index>(place) : alias_[place]);
  }
  if (const std::size_t wanted = count - scratch.items.size(); wanted > 0) {
    scratch.keyed.clear();
    for (Index item = 0; item < spec_.items; ++item) {
      const auto i = static_cast<std::size_t>(item);
      if (scratch.taken_by[i] == user) continue;
      scratch.keyed.emplace_back(-std::log(random.uniform()) / popularity_[i], item);
    }
    const auto end = scratch.keyed.begin() + static_cast<std::ptrdiff_t>(wanted);
    std::nth_element(scratch.keyed.begin(), end, scratch.keyed.end());
    for (auto it = scratch.keyed.begin(); it != end; ++it) take(it->second);
  }
  std::sort(scratch.items.begin(), scratch.items.end());
}

double PlantedModel::observed(double rating) const {
  const double steps = std::round((rating - spec_.scale.low) / spec_.step);
  return std::clamp(spec_.scale.low + steps * spec_.step, static_cast<double>(spec_.scale.low),
                    static_cast<double>(spec_.scale.high));
}

PlantedModel::Rating PlantedModel::rate_item(Index user, Index item, double deviation) const {
  const auto u = static_cast<std::size_t>(user);
  const auto i = static_cast<std::size_t>(item);
  float planted = static_cast<float>(spec_.mean) + user_bias_[u] + item_bias_[i];
  for (std::size_t f = 0; f < kPlantedFactors; ++f) {
    planted += user_factors_[u][f] * item_factors_[i][f];
  }
  const double position = table_position(spec_, planted);
  const auto left = std::min(static_cast<std::size_t>(position), kTableSize - 2);
  const double part = position - static_cast<double>(left);
  return {item, static_cast<float>(observed(planted + spec_.noise_std * deviation)), 0,
          (1 - part) * variance_[left] + part * variance_[left + 1]};
}

void PlantedModel::rate(Index user, Scratch& scratch, std::vector<Rating>& ratings) const {
  choose_items(user, scratch);
  ratings.clear();
  RandomSequence random = sequence(seed_, noise, user);
  for (std::size_t k = 0; k < scratch.items.size(); k += 2) {
    const auto pair = normal_pair(random);
    ratings.push_back(rate_item(user, scratch.items[k], pair[0]));
    if (k + 1 < scratch.items.size()) {
      ratings.push_back(rate_item(user, scratch.items[k + 1], pair[1]));
    }
  }
  // One sitting, a rating every half minute or so, in random order.
  constexpr std::int64_t kSecondsPerRating = 30;
  const auto sitting = static_cast<std::int64_t>(ratings.size()) * kSecondsPerRating;
  const std::int64_t latest_start =
      std::max(spec_.first_timestamp + 1, spec_.last_timestamp - sitting);
  const double start = static_cast<double>(spec_.first_timestamp) +
                       random.uniform() * static_cast<double>(latest_start - spec_.first_timestamp);
  for (Rating& rating : ratings) {
    rating.timestamp =
        static_cast<std::int64_t>(start + random.uniform() * static_cast<double>(sitting));
  }
}

}  // namespace tusk
