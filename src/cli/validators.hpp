// What values an option takes. Each check answers with "is VALUE; it must be ...", which follows
// the option's name.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace tusk::cli {

// A whole number in decimal digits.
CLI::Validator whole_number(std::int64_t low,
                            std::int64_t high = std::numeric_limits<std::int64_t>::max());

// A whole number from 0 to 2^64 - 1.
CLI::Validator seed_number();

// A finite number in decimal notation that a float holds.
CLI::Validator any_number();
CLI::Validator number_from(double low);
CLI::Validator number_above(double low);
CLI::Validator number_between(double low, double high);  // neither of them

CLI::Validator one_of(std::vector<std::string> words);

// A number of bytes such as 512M, in powers of 1024, which it turns into the plain number.
CLI::Validator memory_size();

}  // namespace tusk::cli
