#include "support/suggest.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "support/edit_distance.hpp"
#include "support/text.hpp"
#include "support/unicode.hpp"

namespace tusk {

std::string suggestion(std::string_view word, const std::vector<std::string>& known,
                       std::string_view before) {
  const std::string wanted = folded(word);
  std::size_t nearest = near_distance(wanted) + 1;
  const std::string* best = nullptr;
  for (const std::string& one : known) {
    const std::string candidate = folded(one);
    // A word that was begun and not finished is nearest.
    const bool begun = wanted.size() >= 3 && candidate.starts_with(wanted);
    const std::size_t longer = std::max(wanted.size(), candidate.size());
    const std::size_t shorter = std::min(wanted.size(), candidate.size());
    if (!begun && longer - shorter >= nearest) continue;  // as many edits at least
    const std::size_t distance = begun ? 0 : edit_distance(wanted, candidate);
    if (distance < nearest) {
      nearest = distance;
      best = &one;
    }
  }
  return best == nullptr ? "" : fmt::format(" (did you mean {}{}?)", before, short_text(*best));
}

std::vector<std::string> nearest_first(std::string_view word, std::vector<std::string> words) {
  const std::string wanted = folded(word);
  std::vector<std::pair<std::size_t, std::string>> ordered;
  for (std::string& one : words) {
    const std::string candidate = folded(one);
    const bool within = candidate.find(wanted) != std::string::npos;
    ordered.emplace_back(within ? 0 : edit_distance(wanted, candidate), std::move(one));
  }
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  words.clear();
  for (auto& [distance, one] : ordered) words.push_back(std::move(one));
  return words;
}

}  // namespace tusk
