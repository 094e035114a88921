// The parameters of content models.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <tusk/models.hpp>
#include <tusk/parameters.hpp>

#include "catalogue/item_features.hpp"

namespace tusk {

std::vector<Parameter> content_parameters();

FieldWeights field_weights(const ContentOptions& options);
WordOptions word_options(const ContentOptions& options);

}  // namespace tusk
