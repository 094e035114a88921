#include "cli/validators.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "support/text.hpp"

namespace tusk::cli {
namespace {

std::string refusal(const std::string& value, const std::string& range) {
  return fmt::format("is {}; it must be {}", value.empty() ? "empty" : short_text(value), range);
}

CLI::Validator number(NumberRange range, Parameter::Type type = Parameter::Type::number) {
  Parameter parameter;
  parameter.type = type;
  parameter.range = range;
  return value_of(parameter);
}

}  // namespace

CLI::Validator value_of(const Parameter& parameter) {
  return CLI::Validator(
      [parameter](const std::string& text) -> std::string {
        try {
          parse_parameter(parameter, text);
        } catch (const ParameterError& error) {
          const std::string what = error.what_with(with_dashes);
          return what.substr(what.find(' ') + 1);
        }
        return "";
      },
      "");
}

CLI::Validator whole_number(std::int64_t low, std::int64_t high) {
  NumberRange range{static_cast<double>(low)};
  if (high < std::numeric_limits<std::int64_t>::max()) range.high = static_cast<double>(high);
  return number(range, Parameter::Type::whole);
}

CLI::Validator seed_number() {
  return CLI::Validator(
      [](const std::string& text) -> std::string {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool whole = error == std::errc{} && end == text.data() + text.size();
        return whole ? "" : refusal(text, "a whole number from 0");
      },
      "");
}

CLI::Validator any_number() { return number({}); }

CLI::Validator number_above(double low) {
  NumberRange range{low};
  range.low_is_open = true;
  return number(range);
}

CLI::Validator number_between(double low, double high) { return number({low, high, true, true}); }

CLI::Validator one_of(std::vector<std::string> words) {
  Parameter parameter;
  parameter.type = Parameter::Type::choice;
  parameter.choices = std::move(words);
  return value_of(parameter);
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

std::string with_dashes(std::string_view name) { return fmt::format("--{}", name); }

}  // namespace tusk::cli
