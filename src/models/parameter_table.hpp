// Writes the table of a model's parameters, from how each is found in the model's own options.
#pragma once

#include <any>
#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tusk/parameters.hpp>

#include "support/text.hpp"

namespace tusk {

inline NumberRange from(double low) { return {.low = low}; }
inline NumberRange from_to(double low, double high) { return {.low = low, .high = high}; }
inline NumberRange above(double low) { return {.low = low, .low_is_open = true}; }
inline NumberRange between(double low, double high) { return {low, high, true, true}; }

template <class Value>
struct OptionalOf {
  using Held = Value;
  static constexpr bool kOptional = false;
};
template <class Value>
struct OptionalOf<std::optional<Value>> {
  using Held = Value;
  static constexpr bool kOptional = true;
};

// A float's shortest decimal, so that 0.005f is 0.005.
template <class Value>
ParameterValue parameter_value(const Value& value) {
  if constexpr (std::is_same_v<Value, bool> || std::is_same_v<Value, std::string>) {
    return value;
  } else if constexpr (std::is_enum_v<Value>) {
    return std::string(to_string(value));
  } else if constexpr (std::is_integral_v<Value>) {
    return static_cast<std::int64_t>(value);
  } else {
    return parse_double(fmt::format("{}", value)).value_or(static_cast<double>(value));
  }
}

// `Options` are a model's own.
template <class Options>
class ParameterTable {
 public:
  explicit ParameterTable(std::string group) : group_(std::move(group)) {}

  // A flag or a number; access(options) is a reference to it. It may be std::optional if the
  // default is a formula.
  template <class Access>
  Parameter& add(std::string name, Access access, NumberRange range, std::string help) {
    using Value = typename OptionalOf<
        std::remove_reference_t<decltype(access(std::declval<Options&>()))>>::Held;
    Parameter& added = add_any(std::move(name), access, std::move(help));
    added.range = range;
    added.type = std::is_same_v<Value, bool> ? Parameter::Type::flag
                 : std::is_integral_v<Value> ? Parameter::Type::whole
                                             : Parameter::Type::number;
    added.write = [access](std::any& options, const ParameterValue& value) {
      auto& place = access(std::any_cast<Options&>(options));
      std::visit(
          [&](const auto& given) {
            if constexpr (std::is_arithmetic_v<std::remove_cvref_t<decltype(given)>>) {
              place = static_cast<Value>(given);
            }
          },
          value);
    };
    return added;
  }

  // A choice between all values of an enumeration, whose names to_string() gives.
  template <class Access, class Value>
  Parameter& choose(std::string name, Access access, std::vector<Value> all, std::string help) {
    Parameter& added = add_any(std::move(name), access, std::move(help));
    added.type = Parameter::Type::choice;
    for (const Value value : all) added.choices.emplace_back(to_string(value));
    added.write = [access, all](std::any& options, const ParameterValue& given) {
      for (const Value value : all) {
        if (to_string(value) == std::get<std::string>(given)) {
          access(std::any_cast<Options&>(options)) = value;
        }
      }
    };
    return added;
  }

  // Any text; access(options) is a std::string. A search does not set it.
  template <class Access>
  Parameter& add_text(std::string name, Access access, std::string help) {
    Parameter& added = add_any(std::move(name), access, std::move(help));
    added.type = Parameter::Type::text;
    added.searchable = false;
    added.write = [access](std::any& options, const ParameterValue& given) {
      access(std::any_cast<Options&>(options)) = std::get<std::string>(given);
    };
    return added;
  }

  std::vector<Parameter> take() { return std::move(parameters_); }

 private:
  template <class Access>
  Parameter& add_any(std::string name, Access access, std::string help) {
    Parameter& added = parameters_.emplace_back();
    added.name = std::move(name);
    added.group = group_;
    added.help = std::move(help);
    added.read = [access](const std::any& options) -> std::optional<ParameterValue> {
      const auto& value = access(std::any_cast<const Options&>(options));
      if constexpr (OptionalOf<std::remove_cvref_t<decltype(value)>>::kOptional) {
        if (!value) return std::nullopt;
        return parameter_value(*value);
      } else {
        return parameter_value(value);
      }
    };
    if (const auto usual = added.read(Options())) added.usual = to_string(*usual);
    return added;
  }

  std::string group_;
  std::vector<Parameter> parameters_;
};

// In a table: ACCESS(factors) finds `options.factors`.
#define TUSK_OPTION(place) \
  [](auto& options) -> auto& { return options.place; }

}  // namespace tusk
