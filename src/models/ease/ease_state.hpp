// What an EASE model has learned, and how a file holds it.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <tusk/models.hpp>
#include <tusk/predictor.hpp>

#include "models/ease/ease_weights.hpp"

namespace tusk {

class SafetensorsReader;
struct SeenItems;

class EaseState : public ModelState {
 public:
  // `mean`: a state without biases and factors. `ratings`: those trained on.
  EaseState(MfState mean, std::vector<float> ratings, EaseWeights weights,
            const EaseOptions& options)
      : ModelState(std::move(mean)),
        ratings_(std::move(ratings)),
        weights_(std::move(weights)),
        options_(options) {}

  const AlgorithmInfo& algorithm() const override;
  const EaseWeights& weights() const { return weights_; }
  const EaseOptions& options() const { return options_; }
  std::span<const float> ratings() const override { return ratings_; }
  void save(SafetensorsWriter& writer) const override;
  std::unique_ptr<const Predictor> open(Backend& backend, const Model& model) const override;

 private:
  std::vector<float> ratings_;
  EaseWeights weights_;
  EaseOptions options_;
};

// Throws FormatError.
std::shared_ptr<const ModelState> load_ease(const SafetensorsReader& reader, MfState base,
                                            const SeenItems& seen);

}  // namespace tusk
