// Lists by a truncated singular value decomposition. With V the leading right singular vectors of
// the interactions X, users x items, a user's factors are the user's row of X V, an item's its row
// of V, and the scores X V V'.
#pragma once

#include "models/algorithm.hpp"

namespace tusk {

const Algorithm& pure_svd_algorithm();

}  // namespace tusk
