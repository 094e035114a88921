// "Did you mean ...?"
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tusk {

// " (did you mean X?)" with the known word nearest to `word`, whatever their case, or nothing if
// none is near. `before` stands before all of them where they are written: "--", "TUSK_".
std::string suggestion(std::string_view word, const std::vector<std::string>& known,
                       std::string_view before = "");

// The words, those that have `word` within first, then the nearest to it.
std::vector<std::string> nearest_first(std::string_view word, std::vector<std::string> words);

}  // namespace tusk
