// Genres of items.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace tusk {

// Calls visit(name) for each of the genres "Action|Comedy"; empty names are left out.
template <class Visit>
void each_genre(std::string_view genres, const Visit& visit) {
  while (!genres.empty()) {
    const std::size_t end = std::min(genres.find('|'), genres.size());
    if (end > 0) visit(genres.substr(0, end));
    genres.remove_prefix(std::min(end + 1, genres.size()));
  }
}

}  // namespace tusk
