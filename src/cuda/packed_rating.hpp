// Ratings as the GPU reads them: eight bytes each.
#pragma once

#include <cstdint>

#include <tusk/types.hpp>

namespace tusk {

// A rating of a user who is known from elsewhere.
struct alignas(8) PackedRating {
  Index item = 0;  // its row
  float value = 0;
};

// A rating within a block of a user stripe and an item stripe.
struct alignas(8) BlockRating {
  std::uint16_t user = 0;  // its row, counted from the first of the stripe
  std::uint16_t item = 0;  // likewise
  float value = 0;
};

inline constexpr Index kMostRowsOfStripe = 65536;

}  // namespace tusk
