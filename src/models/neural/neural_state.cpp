#include "models/neural/neural_state.hpp"

#include <algorithm>
#include <string>

#include <tusk/error.hpp>
#include <tusk/model.hpp>

#include "model/model_tensors.hpp"
#include "model/safetensors.hpp"
#include "models/metadata_options.hpp"
#include "models/neural/neural.hpp"
#include "models/neural/neural_predictor.hpp"

namespace tusk {
namespace {

constexpr const char* kNetwork = "neural_network";
constexpr const char* kNoise = "neural_noise";
constexpr const char* kDescribed = "neural_described";

}  // namespace

NeuralState::NeuralState(MfState base, NeuralParts parts, std::vector<float> ratings,
                         const NeuralOptions& options)
    : ModelState(std::move(base)),
      shape_(neural_params(options, 0).shape()),
      squashed_(options.output == NetworkOutput::sigmoid),
      parts_(std::move(parts)),
      ratings_(std::move(ratings)) {}

const AlgorithmInfo& NeuralState::algorithm() const { return neural_algorithm().info(); }

void NeuralState::save(SafetensorsWriter& writer) const {
  if (!ratings_.empty()) write_ratings(writer, ratings_);
  check_finite(parts_.weights, kNetwork);
  writer.add(kNetwork, parts_.weights);
  writer.add<float>(kNoise, {&parts_.noise, 1}, {1});
  if (!parts_.described.empty()) writer.add(kDescribed, parts_.described);
}

std::unique_ptr<const Predictor> NeuralState::open(Backend& backend, const Model& model) const {
  return std::make_unique<NeuralPredictor>(backend, model, *this);
}

std::shared_ptr<const ModelState> load_neural(const SafetensorsReader& reader, MfState base,
                                              const SeenItems& seen) {
  const auto options =
      options_from_metadata(neural_algorithm().info(), reader.metadata()).as<NeuralOptions>();
  NeuralParams params;
  try {
    params = neural_params(options, 0);
  } catch (const ParameterError& error) {
    throw FormatError(std::string("in its metadata ") + error.what());
  }
  check_format(base.factors == params.factors && base.biased == params.biased &&
                   (!params.hidden.empty() || params.products),
               "it does not have the tensors of its kind of model");
  NeuralParts parts;
  const auto size = static_cast<Index>(params.shape().size());
  parts.weights = read_rows(reader, kNetwork, size, 0, 1);
  parts.noise = read_variance(reader, kNoise);
  if (reader.has(kDescribed)) {
    parts.described = reader.read<char>(kDescribed);
    check_format(parts.described.size() == static_cast<std::size_t>(base.items),
                 "tensor neural_described does not fit the number of items");
  }
  auto ratings = read_ratings(reader, seen.item.size());
  return std::make_shared<NeuralState>(std::move(base), std::move(parts), std::move(ratings),
                                       options);
}

}  // namespace tusk
