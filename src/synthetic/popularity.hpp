// Who rates how much and what is rated how often, in the heavy-tailed way of real data.
#pragma once

#include <vector>

#include <tusk/types.hpp>

namespace tusk {

// `count` numbers that fall from `top` to 0 as a Zipf-Mandelbrot law, (c / (c + rank)) ^ exponent
// less its last value, with c such that they add up to `sum`.
std::vector<double> heavy_tail(std::size_t count, double top, double sum, double exponent);

// Weights such that, when each user draws as many different items as `user_count` says with chances
// proportional to the weights, the item of rank r is drawn by about the share share[r] of all
// users. `share` falls. A user cannot draw an item twice, so weights of popular items rise above
// their shares.
std::vector<double> drawing_weights(const std::vector<double>& share,
                                    const std::vector<Index>& user_count);

}  // namespace tusk
