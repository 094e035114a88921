// Scores of pairs, of models that score all items for a user together.
#pragma once

#include <span>
#include <vector>

#include <tusk/predictor.hpp>

namespace tusk {

// The scores of user[k] and item[k] by score_rows(), which a predictor's rank() may return; 0 where
// one of them is kNone.
std::vector<float> scores_by_rows(const Predictor& predictor, RankBy by,
                                  std::span<const Index> user, std::span<const Index> item);

}  // namespace tusk
