#include "synthetic/popularity.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace tusk {
namespace {

// Neighbours in a falling list that are taken as equal, to save time.
struct Group {
  std::size_t first = 0;
  std::size_t size = 0;
  double value = 0;  // their mean
};

// Groups whose sizes grow with rank, so that the few large values stay apart.
std::vector<Group> group_falling(const std::vector<double>& values, double growth) {
  std::vector<Group> groups;
  for (std::size_t first = 0; first < values.size();) {
    Group group{first, 1 + static_cast<std::size_t>(growth * static_cast<double>(first)), 0};
    group.size = std::min(group.size, values.size() - first);
    for (std::size_t r = first; r < first + group.size; ++r) group.value += values[r];
    group.value /= static_cast<double>(group.size);
    first += group.size;
    groups.push_back(group);
  }
  return groups;
}

// The chance of an item of this weight to be among a user's, whose intensity is `lambda`.
double chance(double lambda, double weight) { return -std::expm1(-lambda * weight); }

// The intensity at which a user draws `count` items.
double intensity(const std::vector<Group>& items, const std::vector<double>& weight, double count) {
  double low = 1e-12;
  double high = 1e12;
  for (int step = 0; step < 50; ++step) {
    const double middle = std::sqrt(low * high);
    double drawn = 0;
    for (std::size_t g = 0; g < items.size(); ++g) {
      drawn += static_cast<double>(items[g].size) * chance(middle, weight[g]);
    }
    (drawn < count ? low : high) = middle;
  }
  return high;
}

}  // namespace

std::vector<double> heavy_tail(std::size_t count, double top, double sum, double exponent) {
  const auto law = [&](double c, std::size_t rank) {
    return std::pow(c / (c + static_cast<double>(rank)), exponent);
  };
  const auto value = [&](double c, std::size_t rank) {
    const double last = count > 1 ? law(c, count - 1) : 0;
    return top * (law(c, rank) - last) / (1 - last);
  };
  double low = 1e-6;
  double high = 1e6 * static_cast<double>(count);
  for (int step = 0; step < 60; ++step) {
    const double middle = std::sqrt(low * high);
    double total = 0;
    for (std::size_t r = 0; r < count; ++r) total += value(middle, r);
    (total < sum ? low : high) = middle;
  }
  std::vector<double> values(count);
  for (std::size_t r = 0; r < count; ++r) values[r] = value(high, r);
  return values;
}

std::vector<double> drawing_weights(const std::vector<double>& share,
                                    const std::vector<Index>& user_count) {
  constexpr int kRounds = 25;
  constexpr double kLeast = 1e-7;  // a weight must be above 0
  std::vector<double> counts(user_count.begin(), user_count.end());
  std::sort(counts.begin(), counts.end(), std::greater<>());
  const auto users = group_falling(counts, 0.1);
  const auto items = group_falling(share, 0.03);
  std::vector<double> weight(items.size());
  for (std::size_t g = 0; g < items.size(); ++g) weight[g] = items[g].value + kLeast;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<double> drawn(items.size(), 0);
    for (const Group& user : users) {
      const double lambda = intensity(items, weight, user.value);
      for (std::size_t g = 0; g < items.size(); ++g) {
        drawn[g] += static_cast<double>(user.size) * chance(lambda, weight[g]);
      }
    }
    for (std::size_t g = 0; g < items.size(); ++g) {
      const double wanted = items[g].value * static_cast<double>(user_count.size());
      weight[g] = std::max(kLeast, weight[g] * wanted / drawn[g]);
    }
  }
  std::vector<double> weights(share.size());
  for (std::size_t g = 0; g < items.size(); ++g) {
    const double scale = items[g].value > 0 ? weight[g] / items[g].value : 0;
    for (std::size_t r = items[g].first; r < items[g].first + items[g].size; ++r) {
      weights[r] = std::max(kLeast, share[r] * scale);
    }
  }
  return weights;
}

}  // namespace tusk
