// Lists whose items are unlike each other.
#pragma once

#include <cstddef>
#include <vector>

#include <tusk/recommend.hpp>

namespace tusk {

// Throws UsageError for a model by which items cannot be compared: without factors and genres.
void check_diversity(const Model& model);

// k of the items of a list that is best first, by maximal marginal relevance (Carbonell and
// Goldstein: "The Use of MMR", 1998): one after another, the item with the highest
//   (1 - diversity) relevance - diversity * highest similarity to an item before it,
// where relevance is the score between the lowest (0) and the highest (1) of the list. Similarity
// is the cosine of factors or, without factors, the share of common genres.
std::vector<Recommendation> diverse(const Model& model, std::vector<Recommendation> list,
                                    float diversity, std::size_t k);

}  // namespace tusk
