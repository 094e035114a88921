// What to ask a new user about.
#pragma once

#include <vector>

#include <tusk/model.hpp>

namespace tusk {

// At most `count` items, first those that most people know: popular, and unlike each other, so that
// every rating tells something new. Each next one is that with the highest
//   log(1 + n) / log(1 + most n) - the largest similarity to those before it
// where n is its number of training ratings and similarity is the cosine of genres, words of titles
// and years, or of the vectors of a model that uses content (maximal marginal relevance; Carbonell,
// Goldstein, 1998). Chosen among the 20 `count` most rated items; the same for the same model.
// Throws UsageError unless 1 <= count <= 1000.
std::vector<Index> items_to_rate(const Model& model, int count);

inline constexpr int kMostToRate = 1000;

}  // namespace tusk
