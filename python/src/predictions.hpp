// Predictions of pairs of users and items as arrays.
#pragma once

#include "binding.hpp"

namespace tusk::python {

// Users and items and, where they are given, the times at which ratings are given.
struct Pairs {
  std::span<const Index> user, item;
  std::span<const std::int64_t> time;

  Pairs part(std::size_t begin, std::size_t count) const;
};

using Times = std::optional<Column<std::int64_t>>;

// Borrows the columns.
Pairs pairs_of(const Column<Index>& users, const Column<Index>& items, const Times& times = {});

// (ratings, scores, evidence), without the GIL. Ctrl-C is raised.
nb::tuple predictions_of(const Predictor& predictor, const Pairs& pairs);
nb::tuple ranks_of(const Predictor& predictor, RankBy by, const Pairs& pairs);
// Standard deviations, or None of a model that knows none.
nb::object deviations_of(const Predictor& predictor, const Pairs& pairs);

}  // namespace tusk::python
