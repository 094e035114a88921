// The parts of a blend and their weights, and how a file holds them.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <tusk/blend.hpp>
#include <tusk/predictor.hpp>
#include <tusk/train_options.hpp>

#include "models/blend/ridge.hpp"

namespace tusk {

class SafetensorsReader;
class SafetensorsWriter;
struct SeenItems;

class BlendState : public ModelState {
 public:
  // `base` is the mean alone. There is a weight for each part. `ratings`: those trained on.
  BlendState(MfState base, std::vector<ModelPart> parts, BlendWeights weights,
             std::vector<float> ratings);

  const AlgorithmInfo& algorithm() const override;
  std::span<const float> ratings() const override { return ratings_; }
  std::vector<ModelPart> parts() const override { return parts_; }
  bool uses_times() const override;
  const BlendWeights& weights() const { return weights_; }
  void save(SafetensorsWriter& writer) const override;
  std::unique_ptr<const Predictor> open(Backend& backend, const Model& model) const override;

 private:
  std::vector<ModelPart> parts_;
  BlendWeights weights_;
  std::vector<float> ratings_;
};

// The options of the parts, in their order. Throws ParameterError for what is no list of models
// that can be parts.
std::vector<TrainOptions> blend_parts(const BlendOptions& options, std::uint64_t seed);
// Their names, each its own: "mf", "mf-2".
std::vector<std::string> part_names(const std::vector<TrainOptions>& parts);

// Throws FormatError.
std::shared_ptr<const ModelState> load_blend(const SafetensorsReader& reader, MfState base,
                                             const SeenItems& seen);

}  // namespace tusk
