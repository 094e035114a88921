#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include <tusk/parameters.hpp>

#include "support/text.hpp"

namespace tusk {
namespace {

std::string shown(std::string_view text) {
  return text.empty() ? "empty" : std::string(short_text(text));
}

std::string with_subject(const std::string& name, const std::string& problem) {
  return name.empty() ? problem : option_name(name) + " " + problem;
}

}  // namespace

std::string to_string(const ParameterValue& value) {
  return std::visit([](const auto& held) { return fmt::format("{}", held); }, value);
}

bool NumberRange::contains(double value) const {
  if (!std::isfinite(value)) return false;
  return (low_is_open ? low < value : low <= value) &&
         (high_is_open ? value < high : value <= high);
}

std::string NumberRange::text() const {
  const bool bounded = std::isfinite(high);
  if (!std::isfinite(low)) return "";
  if (low_is_open && high_is_open && bounded) return fmt::format(" between {} and {}", low, high);
  const std::string from = fmt::format("{} {}", low_is_open ? " above" : " from", low);
  if (!bounded) return from;
  return fmt::format("{} {} {}", from, low_is_open ? "and at most" : "to", high);
}

std::string Parameter::key() const {
  std::string key = name;
  std::replace(key.begin(), key.end(), '-', '_');
  return key;
}

std::string Parameter::expected() const {
  switch (type) {
    case Type::flag:
      return "true or false";
    case Type::whole:
      return "a whole number" + range.text();
    case Type::number:
      return "a number" + range.text();
    case Type::text:
      return "a text";
    case Type::choice:
      break;
  }
  return "one of " + list_text(choices);
}

ParameterError::ParameterError(std::string name, const std::string& value,
                               const std::string& expected)
    : UsageError(fmt::format("{} is {}; it must be {}", option_name(name), shown(value),
                             with_names(expected, option_name))),
      name_(std::move(name)) {}

ParameterError::ParameterError(std::string name, const std::string& problem)
    : UsageError(with_subject(name, problem)), name_(std::move(name)) {}

std::string with_names(std::string_view text, const NameWriter& written) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789-";
  std::string all;
  while (!text.empty()) {
    const auto end = text.front() == '{' ? text.find_first_not_of(kLetters, 1) : text.npos;
    const bool name = end != text.npos && end > 1 && text[end] == '}';
    all += name ? written(text.substr(1, end - 1)) : std::string(1, text.front());
    text.remove_prefix(name ? end + 1 : 1);
  }
  return all;
}

ParameterValue parse_parameter(const Parameter& parameter, std::string_view text) {
  const auto fail = [&]() -> ParameterValue {
    throw ParameterError(parameter.name, std::string(text), parameter.expected());
  };
  switch (parameter.type) {
    case Parameter::Type::flag:
      if (text != "true" && text != "false") return fail();
      return text == "true";
    case Parameter::Type::whole: {
      std::int64_t value = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      const bool whole = error == std::errc{} && end == text.data() + text.size();
      return whole ? checked(parameter, value) : fail();
    }
    case Parameter::Type::number: {
      const auto value = parse_double(text);
      return value ? checked(parameter, *value) : fail();
    }
    case Parameter::Type::choice:
    case Parameter::Type::text:
      break;
  }
  return checked(parameter, std::string(text));
}

ParameterValue checked(const Parameter& parameter, const ParameterValue& value) {
  const auto fail = [&]() -> ParameterValue {
    throw ParameterError(parameter.name, to_string(value), parameter.expected());
  };
  const auto number = [&]() -> std::optional<double> {
    if (const auto* const whole = std::get_if<std::int64_t>(&value))
      return static_cast<double>(*whole);
    if (const auto* const real = std::get_if<double>(&value)) return *real;
    return std::nullopt;
  };
  switch (parameter.type) {
    case Parameter::Type::flag:
      return std::holds_alternative<bool>(value) ? value : fail();
    case Parameter::Type::whole:
      if (!number() || *number() != std::floor(*number()) || !parameter.range.contains(*number())) {
        return fail();
      }
      return static_cast<std::int64_t>(*number());
    case Parameter::Type::number:
      if (!number() || std::abs(*number()) > std::numeric_limits<float>::max() ||
          !parameter.range.contains(*number())) {
        return fail();
      }
      return *number();
    case Parameter::Type::text:
      return std::holds_alternative<std::string>(value) ? value : fail();
    case Parameter::Type::choice:
      break;
  }
  const auto* const word = std::get_if<std::string>(&value);
  const auto& choices = parameter.choices;
  if (word == nullptr) return fail();
  const auto choice = std::find(choices.begin(), choices.end(), canonical_name(*word));
  return choice != choices.end() ? *choice : fail();
}

}  // namespace tusk
