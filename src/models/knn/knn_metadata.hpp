// The parameters of a KNN model as a model file's metadata.
#pragma once

#include <map>
#include <string>

#include <tusk/knn.hpp>

namespace tusk {

std::map<std::string, std::string> to_metadata(const KnnParams& params);

// Throws FormatError for parameters that are missing or out of range.
KnnParams knn_params_from(const std::map<std::string, std::string>& metadata);

// Throws UsageError, naming the option, for a value out of range.
void check_params(const KnnParams& params);

}  // namespace tusk
