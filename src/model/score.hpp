// The predicted rating of a user and an item, before clipping.
#pragma once

#include <array>
#include <cstddef>

#include <tusk/types.hpp>

namespace tusk {

// Sums in sixteen lanes and then by halves: one order of addition, whatever the compiler
// vectorises.
inline float dot(const float* a, const float* b, int size) {
  constexpr int kPartialSums = 16;
  std::array<float, kPartialSums> lane{};
  int k = 0;
  for (; k + kPartialSums <= size; k += kPartialSums) {
    for (int l = 0; l < kPartialSums; ++l) lane[static_cast<std::size_t>(l)] += a[k + l] * b[k + l];
  }
  for (int l = 0; k + l < size; ++l) lane[static_cast<std::size_t>(l)] += a[k + l] * b[k + l];
  for (std::size_t half = kPartialSums / 2; half > 0; half /= 2) {
    for (std::size_t l = 0; l < half; ++l) lane[l] += lane[l + half];
  }
  return lane[0];
}

inline UserVectors vectors_of(const MfState& state) {
  return {state.users, state.user_factors, state.user_bias};
}

// Of one of `users`, who need not be the state's. kNone for a user or item adds nothing.
inline float score(const MfState& state, const UserVectors& users, Index user, Index item) {
  float sum = state.mean;
  const auto u = static_cast<std::size_t>(user);
  const auto i = static_cast<std::size_t>(item);
  if (state.biased && user != kNone) sum += users.bias[u];
  if (state.biased && item != kNone) sum += state.item_bias[i];
  if (state.factors > 0 && user != kNone && item != kNone) {
    const auto factors = static_cast<std::size_t>(state.factors);
    sum += dot(&users.factors[u * factors], &state.item_factors[i * factors], state.factors);
  }
  return sum;
}
inline float score(const MfState& state, Index user, Index item) {
  return score(state, vectors_of(state), user, item);
}

}  // namespace tusk
