// Rows divided for conflict-free parallel training: users and items are each divided into stripes,
// and blocks of one user stripe and one item stripe that share neither can be trained at the same
// time (Gemulla, Nijkamp, Haas, Sismanis: "Large-Scale Matrix Factorization with Distributed
// Stochastic Gradient Descent", 2011).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tusk/types.hpp>

namespace tusk {

// Users, or items, divided into stripes of nearly equal numbers of ratings. They are renumbered: a
// stripe's rows follow each other, those with most ratings first, so that what is used together
// lies together.
struct Stripes {
  std::vector<int> stripe;   // by user
  std::vector<Index> row;    // by user: where its parameters are
  std::vector<Index> first;  // row of each stripe; one more at the end

  Index first_row(int of_stripe) const { return first[static_cast<std::size_t>(of_stripe)]; }
};

// `count` has the ratings of each user. The largest count first, each to the stripe with least.
Stripes balance_stripes(const std::vector<std::int64_t>& count, int stripes);

// From the row of each user or item to the user or item of each row.
std::vector<Index> ids_of_rows(std::span<const Index> row);

}  // namespace tusk
