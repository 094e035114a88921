// Implicit alternating least squares: src/backend/als_session.hpp.
#pragma once

#include <vector>

#include <tusk/models.hpp>

#include "backend/als_session.hpp"
#include "models/algorithm.hpp"

namespace tusk {

const Algorithm& ials_algorithm();

std::vector<Parameter> ials_parameters();
AlsParams als_params(const IalsOptions& options, std::uint64_t seed);

}  // namespace tusk
