#include "models/metadata_options.hpp"

#include <fmt/format.h>

#include <tusk/error.hpp>

namespace tusk {

TrainOptions options_from_metadata(const AlgorithmInfo& algorithm,
                                   const std::map<std::string, std::string>& metadata) {
  TrainOptions options(algorithm.name);
  for (const Parameter& parameter : algorithm.parameters) {
    const auto found = metadata.find(parameter.key());
    if (found == metadata.end()) continue;
    try {
      options.set(parameter.name, parse_parameter(parameter, found->second));
    } catch (const ParameterError& error) {
      throw FormatError(fmt::format("in its metadata {}", error.what()));
    }
  }
  return options;
}

void add_metadata(const TrainOptions& options, std::map<std::string, std::string>& metadata) {
  for (const Parameter& parameter : options.algorithm().parameters) {
    const auto value = parameter.read(options.values());
    const bool counts = !parameter.idle || parameter.idle(options.values()).empty();
    if (value && counts) metadata[parameter.key()] = to_string(*value);
  }
}

}  // namespace tusk
