#include "support/check_option.hpp"

#include <cmath>

#include <fmt/format.h>

#include <tusk/error.hpp>

namespace tusk {

void check_option(double value, bool good, std::string_view option, std::string_view range) {
  if (!good || !std::isfinite(value)) {
    throw UsageError(fmt::format("--{} is {:g}; it must be {}", option, value, range));
  }
}

}  // namespace tusk
