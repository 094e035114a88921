// The parameters of hybrid models: their own and those of their parts.
#pragma once

#include <vector>

#include <tusk/models.hpp>
#include <tusk/parameters.hpp>

namespace tusk {

std::vector<Parameter> hybrid_parameters();

}  // namespace tusk
