// Text as people compare it.
#pragma once

#include <string>
#include <string_view>

namespace tusk {

// `text` without differences of case, accents and width (Unicode compatibility decomposition, case
// folding, marks removed): "AMÉLIE" and "amelie" are equal. Text that is not UTF-8 has its ASCII
// letters lowered.
std::string folded(std::string_view text);

}  // namespace tusk
