#include "cli/suggest.hpp"

#include <fmt/format.h>

#include "support/edit_distance.hpp"

namespace tusk::cli {

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  std::size_t nearest = near_distance(word) + 1;
  const std::string* best = nullptr;
  for (const std::string& candidate : known) {
    // A word that was begun and not finished is near too.
    const bool begun = word.size() >= 3 && candidate.starts_with(word);
    const std::size_t distance = begun ? 1 : edit_distance(word, candidate);
    if (distance < nearest) {
      nearest = distance;
      best = &candidate;
    }
  }
  return best == nullptr ? "" : fmt::format(" (did you mean {}?)", *best);
}

}  // namespace tusk::cli
