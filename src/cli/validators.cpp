#include "cli/validators.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "support/text.hpp"

namespace tusk::cli {
namespace {

std::string refusal(const std::string& value, const std::string& range) {
  return fmt::format("is {}; it must be {}", value.empty() ? "empty" : short_text(value), range);
}

template <class Number>
CLI::Validator whole_number_of(Number low, Number high) {
  const std::string range = high == std::numeric_limits<Number>::max()
                                ? fmt::format("a whole number from {}", low)
                                : fmt::format("a whole number from {} to {}", low, high);
  return CLI::Validator(
      [=](const std::string& text) -> std::string {
        Number value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool whole = error == std::errc{} && end == text.data() + text.size();
        return whole && low <= value && value <= high ? "" : refusal(text, range);
      },
      "");
}

CLI::Validator number(const std::function<bool(double)>& good, const std::string& range) {
  return CLI::Validator(
      [=](const std::string& text) -> std::string {
        const auto value = parse_double(text);
        const bool usable = value && std::abs(*value) <= std::numeric_limits<float>::max();
        return usable && good(*value) ? "" : refusal(text, range);
      },
      "");
}

}  // namespace

CLI::Validator whole_number(std::int64_t low, std::int64_t high) {
  return whole_number_of(low, high);
}

CLI::Validator seed_number() {
  return whole_number_of<std::uint64_t>(0, std::numeric_limits<std::uint64_t>::max());
}

CLI::Validator any_number() {
  return number([](double) { return true; }, "a number");
}

CLI::Validator number_from(double low) {
  return number([=](double value) { return value >= low; }, fmt::format("a number from {}", low));
}

CLI::Validator number_above(double low) {
  return number([=](double value) { return value > low; }, fmt::format("a number above {}", low));
}

CLI::Validator number_between(double low, double high) {
  return number([=](double value) { return low < value && value < high; },
                fmt::format("a number between {} and {}", low, high));
}

CLI::Validator one_of(std::vector<std::string> words) {
  return CLI::Validator(
      [words = std::move(words)](const std::string& text) -> std::string {
        if (std::find(words.begin(), words.end(), text) != words.end()) return "";
        return refusal(text, fmt::format("{}", fmt::join(words, ", ")));
      },
      "");
}

CLI::Validator memory_size() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        const std::string given = text;
        try {
          // CLI11 takes -1 for a very large number, and 0x10 and 010 for other ones.
          const auto digits = std::min(given.find_first_not_of("0123456789"), given.size());
          const bool unit = given.find_first_of("0123456789", digits) == std::string::npos;
          if (digits > 0) text.erase(0, std::min(text.find_first_not_of('0'), digits - 1));
          if (digits > 0 && unit && CLI::AsSizeValue(false)(text).empty()) return "";
        } catch (const CLI::ValidationError&) {
        }
        return refusal(given, "a size such as 512M");
      },
      "");
}

}  // namespace tusk::cli
