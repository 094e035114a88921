#include "synthetic/titles.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string_view>

#include <fmt/format.h>

namespace tusk {
namespace {

constexpr std::array<std::string_view, 40> kAdjectives = {
    "Silent",   "Golden",    "Broken",   "Distant",   "Hidden",   "Crimson",  "Last",   "Burning",
    "Frozen",   "Wandering", "Lonely",   "Electric",  "Midnight", "Paper",    "Iron",   "Gentle",
    "Stolen",   "Forgotten", "Endless",  "Velvet",    "Wild",     "Quiet",    "Bitter", "Second",
    "Amber",    "Hollow",    "Restless", "Northern",  "Secret",   "Falling",  "Savage", "Painted",
    "Borrowed", "Perfect",   "Rusty",    "Invisible", "Tender",   "Reckless", "Sunken", "Final"};
constexpr std::array<std::string_view, 40> kNouns = {
    "Harbor",  "Empire",   "Garden",  "Promise",  "Station",  "Mirror",    "Orchard", "Voyage",
    "Letter",  "Kingdom",  "River",   "Stranger", "Summer",   "Bridge",    "Machine", "Shadow",
    "Melody",  "Frontier", "Witness", "Island",   "Carnival", "Detective", "Winter",  "Soldier",
    "Lantern", "Horizon",  "Gambler", "Daughter", "Signal",   "Castle",    "Engine",  "Tide",
    "Dancer",  "Verdict",  "Desert",  "Painter",  "Fortress", "Echo",      "Highway", "Clockmaker"};
constexpr std::array<std::string_view, 2 * kPlantedFactors> kFactorGenres = {
    "Action", "Romance", "Comedy",  "Drama",      "Thriller", "Children",
    "Sci-Fi", "War",     "Horror",  "Animation",  "Mystery",  "Adventure",
    "Crime",  "Fantasy", "Musical", "Documentary"};

}  // namespace

std::string made_up_title(Index item) {
  auto rest = static_cast<std::size_t>(item);
  const auto noun = kNouns[rest % kNouns.size()];
  rest /= kNouns.size();
  const auto adjective = kAdjectives[rest % kAdjectives.size()];
  rest /= kAdjectives.size();
  const std::size_t part = rest / 3 + 1;
  const std::size_t year = 1930 + static_cast<std::size_t>(item) * 37 % 90;
  const std::string sequel = part > 1 ? fmt::format(" {}", part) : "";
  switch (rest % 3) {
    case 0:
      return fmt::format("{} {}{} ({})", adjective, noun, sequel, year);
    case 1:
      return fmt::format("{} {}{}, The ({})", adjective, noun, sequel, year);
    default:
      return fmt::format("{} of the {} One{} ({})", noun, adjective, sequel, year);
  }
}

std::string made_up_genres(const PlantedVector& factors) {
  std::array<std::size_t, kPlantedFactors> order{};
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::abs(factors[a]) > std::abs(factors[b]);
  });
  std::string genres;
  const float strongest = std::abs(factors[order[0]]);
  for (std::size_t n = 0; n < 3; ++n) {
    const float factor = factors[order[n]];
    if (std::abs(factor) < 0.6f * strongest) break;
    if (n > 0) genres += '|';
    genres += kFactorGenres[2 * order[n] + (factor < 0 ? 1 : 0)];
  }
  return genres;
}

}  // namespace tusk
