#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tusk/figures.hpp>

namespace tusk {

namespace {

// With `decimals` on a scale from 1 to 10 wide and wider, and more on one that is narrower.
std::string on_scale(double value, const RatingScale& scale, int decimals) {
  constexpr int kMost = 9;
  const double spread = static_cast<double>(scale.high) - scale.low;
  const double size = spread > 0 ? spread : std::abs(static_cast<double>(scale.high));
  const int more = size > 0 ? std::max(0, -static_cast<int>(std::floor(std::log10(size)))) : 0;
  if (decimals + more > kMost) return fmt::format("{:.{}g}", value, decimals + 2);
  return fmt::format("{:.{}f}", value, decimals + more);
}

}  // namespace

std::string rating_text(float rating, const RatingScale& scale) {
  return on_scale(rating, scale, 2);
}

std::string moment_text(double value, const RatingScale& scale) {
  return on_scale(value, scale, 3);
}

std::string bar_text(float value, const RatingScale& scale) {
  constexpr int kFewest = 6;
  constexpr int kMost = 9;  // of a float
  const double largest = std::max(std::abs(scale.low), std::abs(scale.high));
  const double spread = static_cast<double>(scale.high) - scale.low;
  const int digits = spread > 0 ? 3 + static_cast<int>(std::log10(largest / spread)) : kFewest;
  return fmt::format("{:.{}g}", value, std::clamp(digits, kFewest, kMost));
}

std::string exact_text(float value) { return fmt::format("{}", value); }

std::string scale_text(const RatingScale& scale) {
  return fmt::format("{} .. {}", exact_text(scale.low), exact_text(scale.high));
}

std::string error_text(double value, double typical) {
  if (std::isnan(value)) return "-";
  constexpr double kSmall = 0.01;
  constexpr double kLarge = 1e7;
  const double size = std::abs(typical);
  const bool usual = size == 0 || (size >= kSmall && size < kLarge) || !std::isfinite(size);
  return usual ? fmt::format("{:.4f}", value) : fmt::format("{:#.4g}", value);
}

}  // namespace tusk
