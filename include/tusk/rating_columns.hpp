// Which columns of a table hold ratings.
#pragma once

#include <array>
#include <span>
#include <string>

#include <tusk/types.hpp>

namespace tusk {

// Which of these names, as a table's header has them, are those of user, item, rating (with
// `implicit` the weight) and timestamp: their places, kNone for one that is not there or that
// several may be.
std::array<Index, 4> find_rating_columns(std::span<const std::string> names, bool implicit = false);

}  // namespace tusk
