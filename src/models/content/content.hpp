// Recommendation by what is known of the items beside ratings.
//
// With x_i the vector of item i, of length 1, mean_u the damped mean of user u's ratings and b_ui
// the bias model's prediction, sums over the items j other than i that u rated:
//   profile(u)     = sum (r_uj - mean_u) x_j, proportional to the centred, rating-weighted mean
//   score(u, i)    = cosine of profile(u) and x_i, by which lists are ordered
//   rating(u, i)   = b_ui + sum (r_uj - b_uj) s_ij / (sum s_ij + L)
// where s_ij = max(0, <x_j, x_i>). Vectors of words have no products below 0; embeddings may. The
// rating is that of item-knn with all items as neighbours (Lops, de Gemmis, Semeraro:
// "Content-based Recommender Systems: State of the Art and Trends", 2011).
#pragma once

#include "models/algorithm.hpp"

namespace tusk {

const Algorithm& content_algorithm();

}  // namespace tusk
