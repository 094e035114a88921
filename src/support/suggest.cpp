#include "support/suggest.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "support/edit_distance.hpp"
#include "support/text.hpp"

namespace tusk {

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  std::size_t nearest = near_distance(word) + 1;
  const std::string* best = nullptr;
  for (const std::string& candidate : known) {
    // A word that was begun and not finished is near too.
    const bool begun = word.size() >= 3 && candidate.starts_with(word);
    const std::size_t longer = std::max(word.size(), candidate.size());
    const std::size_t shorter = std::min(word.size(), candidate.size());
    if (!begun && longer - shorter >= nearest) continue;  // as many edits at least
    const std::size_t distance = begun ? 1 : edit_distance(word, candidate);
    if (distance < nearest) {
      nearest = distance;
      best = &candidate;
    }
  }
  return best == nullptr ? "" : fmt::format(" (did you mean {}?)", short_text(*best));
}

}  // namespace tusk
