#include "models/knn/knn_parameters.hpp"

#include <set>

#include <fmt/format.h>

#include <tusk/train_options.hpp>

namespace tusk {
namespace {

// Those that are the neighbours' own, and not of the bias model within.
std::vector<Parameter> neighbour_parameters() {
  std::vector<Parameter> own = find_algorithm(UserKnnOptions::kModel).parameters;
  std::erase_if(own, [](const Parameter& p) { return p.group != kNearestNeighbours; });
  return own;
}

}  // namespace

std::map<std::string, std::string> to_metadata(const KnnParams& params) {
  const TrainOptions options = UserKnnOptions(params);
  std::map<std::string, std::string> metadata;
  for (const Parameter& own : neighbour_parameters()) {
    const auto value = options.get(own.name);
    if (value) metadata[own.key()] = to_string(*value);
  }
  return metadata;
}

KnnParams knn_params_from(const std::map<std::string, std::string>& metadata) {
  UserKnnOptions given;
  given.weight_shrinkage = 0;  // in files from before there was one
  // What a file may lack: what it was written before, and what has no value.
  const std::set<std::string> optional = {"weight-shrinkage", "asymmetry", "low-weight",
                                          "relevance"};
  TrainOptions options = given;
  try {
    for (const Parameter& own : neighbour_parameters()) {
      const auto found = metadata.find(own.key());
      if (found != metadata.end()) {
        options.set_text(own.name, found->second);
      } else if (!optional.contains(own.name)) {
        throw FormatError("its metadata lacks " + own.key());
      }
    }
    options.check();
  } catch (const ParameterError& error) {
    throw FormatError(fmt::format("its metadata is bad: {}", error.what()));
  }
  return options.as<UserKnnOptions>().params();
}

}  // namespace tusk
