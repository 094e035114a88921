// The range check of a hyper-parameter.
#pragma once

#include <string_view>

namespace tusk {

// Throws UsageError, "--shrinkage is -1; it must be 0 or more", unless `good` and finite.
void check_option(double value, bool good, std::string_view option, std::string_view range);

}  // namespace tusk
