#include "cuda/topk_plan.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "cuda/available_memory.hpp"
#include "cuda/topk_layout.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

// Batches that take more are no faster.
constexpr std::uint64_t kMostListBatchBytes = std::uint64_t{4} << 30;

constexpr float kTooLarge = 0x1p60f;

float largest(std::span<const float> values) {
  float most = 0;
  for (const float value : values) most = std::max(most, std::abs(value));
  return most;
}

// The exponent of the power of two that brings `magnitude` to 1 .. 2, within bounds that keep the
// powers in the range of fp32.
int scale_exponent(float magnitude) {
  if (magnitude == 0) return 0;
  return std::clamp(-std::ilogb(magnitude), -kMostScaleExponent, kMostScaleExponent);
}

// Items that score high for many come first, so that the threshold of a list is high early: by
// their score for the mean user and how far an item's scores spread. Only the speed depends on it.
// Returns places in `candidates`.
std::vector<std::size_t> promising_first(const MfState& state, std::span<const Index> candidates) {
  const auto factors = static_cast<std::size_t>(state.factors);
  std::vector<double> mean(factors, 0);
  double squares = 0;
  // Some thousand users, evenly over all, tell enough.
  constexpr std::size_t kSample = 4096;
  const auto all_users = static_cast<std::size_t>(state.users);
  const std::size_t step = std::max<std::size_t>(1, all_users / kSample);
  double users = 0;
  for (std::size_t user = 0; user < all_users; user += step, ++users) {
    for (std::size_t f = 0; f < factors; ++f) {
      const auto value = static_cast<double>(state.user_factors[user * factors + f]);
      mean[f] += value;
      squares += value * value;
    }
  }
  users = std::max<double>(1, users);
  for (double& value : mean) value /= users;
  const double around_mean =
      squares / users - std::inner_product(mean.begin(), mean.end(), mean.begin(), 0.0);
  constexpr double kFarUsers = 2;  // standard deviations
  const double spread =
      kFarUsers * std::sqrt(std::max(around_mean, 0.0) / static_cast<double>(factors));
  std::vector<double> promise;
  promise.reserve(candidates.size());
  for (const Index item : candidates) {
    const auto i = static_cast<std::size_t>(item);
    double score = state.biased ? static_cast<double>(state.item_bias[i]) : 0;
    double norm = 0;
    for (std::size_t f = 0; f < factors; ++f) {
      const auto value = static_cast<double>(state.item_factors[i * factors + f]);
      score += mean[f] * value;
      norm += value * value;
    }
    promise.push_back(score + spread * std::sqrt(norm));
  }
  std::vector<std::size_t> order(candidates.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return promise[a] > promise[b]; });
  return order;
}

// Of what stays as long as the session.
std::uint64_t session_bytes(const MfState& state, std::size_t candidates, const CsrView& exclude) {
  const std::uint64_t items = (candidates + kStepItems - 1) / kStepItems * kStepItems;
  const auto padded = static_cast<std::uint64_t>(factor_chunks(state.factors) * kChunkFactors);
  return sizeof(float) * (state.user_factors.size() + state.item_factors.size() +
                          state.user_bias.size() + state.item_bias.size()) +
         items * (2 * padded + sizeof(float) + 3 * sizeof(Index)) + exclude.offset.size_bytes() +
         exclude.column.size_bytes();
}

}  // namespace

bool suits_gpu_search(const MfState& state) {
  if (state.factors == 0 || !(std::abs(state.mean) < kTooLarge)) return false;
  for (const auto* const values :
       {&state.user_factors, &state.item_factors, &state.user_bias, &state.item_bias}) {
    // NaN is not small either.
    const auto is_small = [](float value) { return std::abs(value) < kTooLarge; };
    if (!std::all_of(values->begin(), values->end(), is_small)) return false;
  }
  return true;
}

CudaDotWork plan_dot(const MfState& state, std::span<const Index> candidates, CsrView exclude,
                     std::uint64_t free, std::string_view gpu) {
  const std::uint64_t available = available_memory(free);
  const std::uint64_t fixed = session_bytes(state, candidates.size(), exclude);
  const std::uint64_t least =
      fixed + kBlockUsers * batch_bytes_per_user(state.factors, kLongestGpuList);
  if (least > available) {
    throw DeviceError(
        fmt::format("recommending needs {} of GPU memory and {} has {} left; take {} cpu",
                    size_text(least), gpu, size_text(available), option_name("device")));
  }
  CudaDotWork work;
  work.state = &state;
  work.exclude = exclude;
  work.candidates = candidates;
  for (const std::size_t at : promising_first(state, candidates)) {
    work.items.push_back(candidates[at]);
    work.rank.push_back(static_cast<Index>(at));
  }
  work.batch_bytes = std::min(available - fixed, kMostListBatchBytes);
  work.item_exponent = scale_exponent(largest(state.item_factors));
  work.largest_item_bias = largest(state.item_bias);
  const float constants = std::abs(state.mean) + largest(state.user_bias) + work.largest_item_bias;
  constexpr int kMostConstantExponent = 30;
  work.most_exponent =
      constants == 0 ? 2 * kMostScaleExponent : kMostConstantExponent - std::ilogb(constants);
  return work;
}

}  // namespace tusk
