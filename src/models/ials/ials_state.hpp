// What training of iALS ends with.
#pragma once

#include <memory>
#include <vector>

#include <tusk/models.hpp>
#include <tusk/predictor.hpp>

namespace tusk {

// Factors without biases, the options by which users are folded in, and the training ratings, from
// which an updated model is trained again; models that are measured and forgotten keep none.
class IalsState : public ModelState {
 public:
  IalsState(MfState factors, const IalsOptions& options, std::vector<float> ratings);

  const IalsOptions& options() const { return options_; }

  const AlgorithmInfo& algorithm() const override;
  bool is_dot_product() const override { return true; }
  std::span<const float> ratings() const override { return ratings_; }
  void save(SafetensorsWriter& writer) const override;
  std::unique_ptr<const Predictor> open(Backend& backend, const Model& model) const override;

 private:
  IalsOptions options_;
  std::vector<float> ratings_;
};

}  // namespace tusk
