// Lists as arrays.
#pragma once

#include "binding.hpp"

namespace tusk::python {

// (items, scores, ratings, evidence) of lists, [lists, k]; places without an item have -1. With
// reasons a fifth: of each list and place the triples (item, rating, part).
nb::tuple arrays_of(const std::vector<std::vector<Recommendation>>& lists, int k, bool reasons);

// What may be recommended, and how, of a dict with the names of the fields.
RecommendOptions recommend_options(const Model& model, const nb::dict& given);

}  // namespace tusk::python
