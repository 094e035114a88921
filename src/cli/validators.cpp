#include "cli/validators.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tusk/train_options.hpp>

#include "support/text.hpp"

namespace tusk::cli {
namespace {

// check(text) throws ParameterError; it may write the text otherwise.
template <class Check>
CLI::Validator validator(const Check& check) {
  return CLI::Validator(
      [check](std::string& text) -> std::string {
        try {
          check(text);
        } catch (const ParameterError& error) {
          const std::string what = error.what_with(with_dashes);
          return what.substr(what.find(' ') + 1);
        }
        return "";
      },
      "");
}

CLI::Validator number(NumberRange range, Parameter::Type type = Parameter::Type::number) {
  Parameter parameter;
  parameter.type = type;
  parameter.range = range;
  return value_of(parameter);
}

}  // namespace

CLI::Validator value_of(const Parameter& parameter) {
  return validator([parameter](const std::string& text) { parse_parameter(parameter, text); });
}

CLI::Validator whole_number(std::int64_t low, std::int64_t high) {
  NumberRange range{static_cast<double>(low)};
  if (high < std::numeric_limits<std::int64_t>::max()) range.high = static_cast<double>(high);
  return number(range, Parameter::Type::whole);
}

CLI::Validator seed_number() {
  return validator([](const std::string& text) { parse_seed(text); });
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
  return validator(
      [parameter](std::string& text) { text = to_string(parse_parameter(parameter, text)); });
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
        return fmt::format("is {}; it must be a size such as 512M",
                           given.empty() ? "empty" : short_text(given));
      },
      "");
}

std::string with_dashes(std::string_view name) { return fmt::format("--{}", name); }

}  // namespace tusk::cli
