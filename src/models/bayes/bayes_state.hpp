// What Gibbs sampling ends with, and how a file holds it.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include <tusk/models.hpp>
#include <tusk/predictor.hpp>

#include "models/bayes/bayes_draws.hpp"

namespace tusk {

class SafetensorsReader;
struct SeenItems;

class BayesState : public ModelState {
 public:
  // `base`: factors and biases that predict about as the mean of the draws does. Without draws they
  // are all that there is. `ratings`: those trained on.
  BayesState(MfState base, BayesDraws draws, std::vector<float> ratings);

  const AlgorithmInfo& algorithm() const override;
  bool is_dot_product() const override { return draws_.count == 0; }
  bool knows_deviations() const override { return draws_.count > 0; }
  bool uses_times() const override { return !draws_.user_times.empty(); }
  std::span<const float> ratings() const override { return ratings_; }
  const BayesDraws& draws() const { return draws_; }
  void save(SafetensorsWriter& writer) const override;
  std::unique_ptr<const Predictor> open(Backend& backend, const Model& model) const override;

 private:
  BayesDraws draws_;
  std::vector<float> ratings_;
};

// Throws FormatError.
std::shared_ptr<const ModelState> load_bayes(const SafetensorsReader& reader, MfState base,
                                             const SeenItems& seen);

}  // namespace tusk
