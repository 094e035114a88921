// Hyper-parameters as data. Each model has one table of them, from which the program's options,
// settings in files, range checks, metadata, searches and the reference page are made.
#pragma once

#include <any>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tusk/error.hpp>

namespace tusk {

// A switch, a whole number, a number, or a word of a choice or any text.
using ParameterValue = std::variant<bool, std::int64_t, double, std::string>;

// "true", "20", "0.005", "pearson": parse_parameter() reads it back.
std::string to_string(const ParameterValue& value);

// The values from `low` to `high`, with or without those two.
struct NumberRange {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_is_open = false;
  bool high_is_open = false;

  bool contains(double value) const;  // false for NaN and infinity
  std::string text() const;           // " from 1 to 4096", " above 0", or nothing
};

struct Parameter {
  enum class Type { flag, whole, number, choice, text };

  std::string name;  // "learning-rate": words joined by hyphens
  Type type = Type::number;
  NumberRange range;                 // of a number
  std::vector<std::string> choices;  // of a choice
  // One line, without the default; other parameters are written as {name}.
  std::string help;
  std::string usual;  // the default, for people; a formula in words, as in help, if it is one
  std::string group;  // the heading that help lists it under
  std::string off;    // of a flag that is on by default: the name of the opposite, its option
  std::vector<std::string> aliases;  // names that other programs give it
  bool searchable = true;            // whether a search may set it

  // The range of a search around the default, "64..400:log", for ratings of this standard
  // deviation, where the other parameters are as in the model's options; empty: such a search
  // leaves it alone.
  std::function<std::string(float spread, const std::any& options)> search;

  // Why the value is not used with the other values of `options`, as the end of a sentence that
  // begins with the name; empty if it is used.
  std::function<std::string(const std::any& options)> idle;

  // How it is written to and read from the model's own options. read() gives nothing where no value
  // is set and the default is a formula.
  std::function<void(std::any& options, const ParameterValue& value)> write;
  std::function<std::optional<ParameterValue>(const std::any& options)> read;

  // Its name as an option of the program, in files and in searches: `off` where there is one.
  const std::string& option() const { return off.empty() ? name : off; }
  // Whether `given`, one of its names, says the opposite of option().
  bool is_opposite(std::string_view given) const { return !off.empty() && given != off; }

  std::string key() const;       // in metadata: "learning_rate"
  std::string expected() const;  // "a whole number from 1 to 4096"
};

// A parameter or an option of a call that is out of range, or that makes no sense beside another.
// what() begins with its name.
class ParameterError : public UsageError {
 public:
  // "factors is 0; it must be a whole number from 1 to 4096"
  ParameterError(std::string name, const std::string& value, const std::string& expected);
  // "decay needs schedule", with option_name() of other parameters. An error of several has no name
  // of its own: it is empty.
  ParameterError(std::string name, const std::string& problem);

  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

// A text of a table with the names of parameters, {name}, written out.
std::string with_names(std::string_view text, const NameWriter& written);

// Both throw ParameterError; a whole number serves as a number, and the other way round if it is
// whole.
ParameterValue parse_parameter(const Parameter& parameter, std::string_view text);
ParameterValue checked(const Parameter& parameter, const ParameterValue& value);

}  // namespace tusk
