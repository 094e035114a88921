// The matrix product that top-K is measured against.
#pragma once

#include <span>

namespace tusk::bench {

// Every score of rows of user factors, [users, factors], with rows of item factors, [items,
// factors], by Eigen's product: a block of users by a tile of items at a time on each of `threads`
// threads, each tile overwritten by the next. Returns one of the scores.
float bare_gemm(std::span<const float> user_factors, std::span<const float> item_factors,
                int factors, int threads);

}  // namespace tusk::bench
