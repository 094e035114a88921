// A model's hyper-parameters in the metadata of its file.
#pragma once

#include <map>
#include <string>

#include <tusk/train_options.hpp>

namespace tusk {

// The options with the values that the metadata have, and defaults for others. Throws FormatError
// for a value that is no value of its parameter.
TrainOptions options_from_metadata(const AlgorithmInfo& algorithm,
                                   const std::map<std::string, std::string>& metadata);

// Adds what of the options is set and has an effect.
void add_metadata(const TrainOptions& options, std::map<std::string, std::string>& metadata);

}  // namespace tusk
