// What a neural model has learned, and how a file holds it.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <tusk/models.hpp>
#include <tusk/predictor.hpp>

#include "algebra/network.hpp"

namespace tusk {

class SafetensorsReader;
struct SeenItems;

// What it holds beside embeddings and biases.
struct NeuralParts {
  std::vector<float> weights;   // of the network, as NetworkShape says
  float noise = 1;              // variance of a rating around its prediction
  std::vector<char> described;  // by item, whether it has features; empty if none has
};

class NeuralState : public ModelState {
 public:
  // `base`: mean, embeddings for factors, and biases. Users and items without training ratings have
  // the mean embedding, with the item's features added. `ratings`: those trained on.
  NeuralState(MfState base, NeuralParts parts, std::vector<float> ratings,
              const NeuralOptions& options);

  const AlgorithmInfo& algorithm() const override;
  std::span<const float> ratings() const override { return ratings_; }
  const NetworkShape& shape() const { return shape_; }
  const NeuralParts& network() const { return parts_; }
  bool is_squashed() const { return squashed_; }
  void save(SafetensorsWriter& writer) const override;
  std::unique_ptr<const Predictor> open(Backend& backend, const Model& model) const override;

 private:
  NetworkShape shape_;
  bool squashed_;
  NeuralParts parts_;
  std::vector<float> ratings_;
};

// Throws FormatError.
std::shared_ptr<const ModelState> load_neural(const SafetensorsReader& reader, MfState base,
                                              const SeenItems& seen);

}  // namespace tusk
