#include "evaluation/test_users.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include <fmt/format.h>

#include <tusk/parameters.hpp>

namespace tusk {

namespace {

// Of a relevant rating.
double gain_of(Gain gain, float rating) {
  constexpr float kLargest = 100;  // sums over lists stay finite, and differences exact enough
  if (gain == Gain::binary) return 1;
  if (!(rating > 0) || (gain == Gain::exponential && rating > kLargest)) {
    throw ParameterError(
        "gain",
        fmt::format("{} is for relevant ratings above 0{}, not for {:g}", to_string(gain),
                    gain == Gain::exponential ? fmt::format(" up to {:g}", kLargest) : "", rating));
  }
  return gain == Gain::linear ? rating : std::exp2(static_cast<double>(rating)) - 1;
}

}  // namespace

std::vector<double> TestUser::gains() const {
  std::vector<double> all = gain;
  all.insert(all.end(), missed.begin(), missed.end());
  std::sort(all.begin(), all.end(), std::greater<>());
  return all;
}

std::vector<TestUser> gather_test_users(const Model& model, const CsrView& seen,
                                        const RatingList& test, RankingMetrics& metrics) {
  std::vector<std::size_t> order(test.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return test.user[a] != test.user[b] ? test.user[a] < test.user[b] : test.item[a] < test.item[b];
  });
  std::vector<TestUser> users;
  const auto close = [&] {  // the user before
    if (users.empty()) return;
    const auto missed = std::ssize(users.back().missed);
    const auto relevant = std::ssize(users.back().relevant) + missed;
    metrics.relevant += relevant;
    metrics.relevant_unknown_items += missed;
    if (relevant == 0) {
      ++metrics.users_without_relevant;
      users.pop_back();
    }
  };
  Index present = kNone;
  for (const std::size_t at : order) {
    const Index user = test.user[at];
    const Index item = test.item[at];
    const auto& lowest = metrics.options.relevance;
    const bool relevant = !lowest || test.rating[at] >= *lowest;
    const auto row = user == kNone ? std::span<const Index>() : seen.row(user);
    if (row.empty()) {
      if (relevant) ++metrics.relevant_unknown_users;
      continue;
    }
    if (std::binary_search(row.begin(), row.end(), item)) continue;
    if (user != present) {
      close();
      users.emplace_back().user = user;
      present = user;
    }
    if (!model.knows_item(item)) {
      if (relevant) users.back().missed.push_back(gain_of(metrics.options.gain, test.rating[at]));
      continue;
    }
    users.back().rated.push_back(item);
    if (!relevant) continue;
    users.back().relevant.push_back(item);
    users.back().gain.push_back(gain_of(metrics.options.gain, test.rating[at]));
  }
  close();
  metrics.users = std::ssize(users);
  return users;
}

}  // namespace tusk
