// "Did you mean ...?"
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tusk {

// " (did you mean X?)" with the known word nearest to `word`, whatever their case, or nothing if
// none is near.
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

// The words, those that have `word` within first, then the nearest to it.
std::vector<std::string> nearest_first(std::string_view word, std::vector<std::string> words);

}  // namespace tusk
