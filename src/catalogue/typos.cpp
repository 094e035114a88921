#include "catalogue/typos.hpp"

#include <algorithm>
#include <vector>

namespace tusk {

std::size_t typo_distance(std::string_view a, std::string_view b, std::size_t most) {
  const std::size_t difference = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (difference > most) return most + 1;
  // Rows of the table of distances between beginnings: two back, one back, this one.
  thread_local std::vector<std::size_t> rows;
  const std::size_t width = b.size() + 1;
  rows.resize(3 * width);
  std::size_t* before = rows.data();
  std::size_t* last = before + width;
  std::size_t* row = last + width;
  for (std::size_t j = 0; j < width; ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    std::size_t least = i;
    for (std::size_t j = 1; j < width; ++j) {
      const bool equal = a[i - 1] == b[j - 1];
      row[j] = std::min({last[j - 1] + (equal ? 0 : 1), last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
      least = std::min(least, row[j]);
    }
    // A swap reaches over a row, so a row alone does not end it.
    if (least > most && *std::min_element(last, last + width) > most) return most + 1;
    std::size_t* const oldest = before;
    before = last;
    last = row;
    row = oldest;
  }
  return std::min(last[width - 1], most + 1);
}

std::uint64_t letters_of(std::string_view word) {
  std::uint64_t letters = 0;
  for (const char c : word) letters |= std::uint64_t{1} << (static_cast<unsigned char>(c) & 63);
  return letters;
}

}  // namespace tusk
