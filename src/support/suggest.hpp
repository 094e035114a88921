// "Did you mean ...?"
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tusk {

// " (did you mean X?)" with the known word nearest to `word`, or nothing if none is near.
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

}  // namespace tusk
