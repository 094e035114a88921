#include "train/fold_ratings.hpp"

#include <algorithm>
#include <vector>

#include "model/transposed.hpp"

namespace tusk {
namespace {

// The state under the merged ids, with zeros for users and items that it does not know.
MfState widened(const MfState& state, const MergedRatings& merged) {
  MfState wide;
  wide.users = merged.users.ids.size();
  wide.items = merged.items.ids.size();
  wide.factors = state.factors;
  wide.biased = state.biased;
  wide.mean = state.mean;
  const auto move = [](const std::vector<float>& from, const std::vector<Index>& to,
                       std::size_t width, Index size) {
    std::vector<float> rows(static_cast<std::size_t>(size) * width, 0);
    for (std::size_t i = 0; i < to.size(); ++i) {
      std::copy_n(from.data() + i * width, width,
                  rows.data() + static_cast<std::size_t>(to[i]) * width);
    }
    return rows;
  };
  const auto factors = static_cast<std::size_t>(state.factors);
  wide.user_factors = move(state.user_factors, merged.users.of_model, factors, wide.users);
  wide.item_factors = move(state.item_factors, merged.items.of_model, factors, wide.items);
  if (state.biased) {
    wide.user_bias = move(state.user_bias, merged.users.of_model, 1, wide.users);
    wide.item_bias = move(state.item_bias, merged.items.of_model, 1, wide.items);
  }
  return wide;
}

// Folds the rows of one side into a state, starting from `before`, by their ratings of those of the
// other side that `usable` has. `old` has the ratings that a row of `before` was learned from.
class SideFolding {
 public:
  SideFolding(Backend& backend, const MfState& before, MfState& state, const FactorPrior& prior,
              Side side)
      : backend_(backend),
        before_(before),
        state_(state),
        side_(side),
        prior_(state, prior, side) {}

  // The rows with new ratings for which `wanted(row)` holds.
  template <class Wanted>
  void fold(const CsrView& old, const CsrView& fresh, const std::vector<bool>& usable,
            const Wanted& wanted) {
    if (prior_.size() == 0) return;
    // Each writes its own row, and reads the other side.
    backend_.parallel_for(fresh.rows(), [&](std::int64_t at) {
      const auto row = static_cast<Index>(at);
      if (fresh.row(row).empty() || !wanted(row)) return;
      std::vector<Index> others;
      std::vector<float> ratings;
      const auto first = static_cast<std::size_t>(fresh.offset[static_cast<std::size_t>(row)]);
      for (std::size_t k = 0; k < fresh.row(row).size(); ++k) {
        const Index other = fresh.row(row)[k];
        if (!usable[static_cast<std::size_t>(other)]) continue;
        others.push_back(other);
        ratings.push_back(fresh.value[first + k]);
      }
      if (old.row(row).empty()) {
        put(row, prior_.fold(others, ratings));
      } else if (!others.empty()) {
        put(row, prior_.update(vector_of(row), old.row(row), others, ratings));
      }
    });
  }

 private:
  std::vector<float> vector_of(Index row) const {
    const auto r = static_cast<std::size_t>(row);
    const auto factors = static_cast<std::size_t>(before_.factors);
    const auto& all = side_ == Side::user ? before_.user_factors : before_.item_factors;
    const auto& bias = side_ == Side::user ? before_.user_bias : before_.item_bias;
    std::vector<float> vector(all.data() + r * factors, all.data() + (r + 1) * factors);
    if (before_.biased) vector.push_back(bias[r]);
    return vector;
  }

  void put(Index row, const std::vector<float>& vector) {
    const auto r = static_cast<std::size_t>(row);
    const auto factors = static_cast<std::size_t>(state_.factors);
    auto& all = side_ == Side::user ? state_.user_factors : state_.item_factors;
    auto& bias = side_ == Side::user ? state_.user_bias : state_.item_bias;
    std::copy_n(vector.begin(), factors, all.data() + r * factors);
    if (state_.biased) bias[r] = vector[factors];
  }

  Backend& backend_;
  const MfState& before_;
  MfState& state_;
  Side side_;
  FoldIn prior_;
};

std::vector<bool> with_entries(const CsrView& matrix) {
  std::vector<bool> with;
  for (Index row = 0; row < matrix.rows(); ++row) with.push_back(!matrix.row(row).empty());
  return with;
}

bool has_new_rows(const CsrView& old, const CsrView& fresh) {
  for (Index row = 0; row < fresh.rows(); ++row) {
    if (old.row(row).empty() && !fresh.row(row).empty()) return true;
  }
  return false;
}

}  // namespace

MfState fold_ratings(Backend& backend, const MfState& known, const FactorPriors& priors,
                     const MergedRatings& merged) {
  const MfState before = widened(known, merged);
  MfState state = before;
  const CsrView old = merged.old.view();
  const CsrView fresh = merged.fresh.view();
  const Transposed old_items(old);
  const Transposed fresh_items(fresh);
  const std::vector<bool> known_item = with_entries(old_items.view());
  SideFolding users(backend, before, state, priors.user, Side::user);
  users.fold(old, fresh, known_item, [](Index) { return true; });
  const bool all_items = state.factors == 0;
  if (!all_items && !has_new_rows(old_items.view(), fresh_items.view())) return state;
  const std::vector<bool> any_user(static_cast<std::size_t>(state.users), true);
  SideFolding items(backend, before, state, priors.item, Side::item);
  items.fold(old_items.view(), fresh_items.view(), any_user,
             [&](Index item) { return all_items || !known_item[static_cast<std::size_t>(item)]; });
  // Once more those whose items have changed.
  const std::vector<bool> any_item(static_cast<std::size_t>(state.items), true);
  users.fold(old, fresh, any_item, [&](Index user) {
    const auto rated = fresh.row(user);
    return all_items || std::any_of(rated.begin(), rated.end(), [&](Index item) {
             return !known_item[static_cast<std::size_t>(item)];
           });
  });
  return state;
}

}  // namespace tusk
