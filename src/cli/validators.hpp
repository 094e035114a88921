// Declaring options: headings, and what values they take. Each check answers with "is VALUE; it
// must be ...", which follows the option's name.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include <tusk/parameters.hpp>

namespace tusk::cli {

// Options that are declared as long as it lives stand under this heading of the help.
class Heading {
 public:
  Heading(CLI::App& app, const std::string& text)
      : app_(app), before_(app.option_defaults()->get_group()) {
    app.option_defaults()->group(text);
  }
  ~Heading() { app_.option_defaults()->group(before_); }
  Heading(const Heading&) = delete;
  Heading& operator=(const Heading&) = delete;

 private:
  CLI::App& app_;
  std::string before_;
};

// A whole number in decimal digits.
CLI::Validator whole_number(std::int64_t low,
                            std::int64_t high = std::numeric_limits<std::int64_t>::max());

// A whole number from 0 to 2^64 - 1.
CLI::Validator seed_number();

// A finite number in decimal notation that a float holds.
CLI::Validator any_number();
CLI::Validator number_above(double low);
CLI::Validator number_between(double low, double high);  // neither of them

// One of these words, as canonical_name() writes what is given: for CLI::Option::transform().
CLI::Validator one_of(std::vector<std::string> words);

// What a parameter takes.
CLI::Validator value_of(const Parameter& parameter);

// "--name", for with_names().
std::string with_dashes(std::string_view name);

// A number of bytes such as 512M, in powers of 1024, which it turns into the plain number.
CLI::Validator memory_size();

}  // namespace tusk::cli
