// Checks of option values that CLI11 does not have.
#pragma once

#include <CLI/CLI.hpp>

namespace tusk::cli {

// A whole number from 0 to 2^64 - 1.
CLI::Validator whole_number();

// A number of bytes such as 512M, in powers of 1024, which it turns into the plain number.
CLI::Validator memory_size();

}  // namespace tusk::cli
