// Predictions by a weighted sum of those of several models.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <tusk/model.hpp>

#include "models/blend/blend_state.hpp"

namespace tusk {

// Evidence is the best of any part.
class BlendPredictor : public Predictor {
 public:
  // All is borrowed.
  BlendPredictor(Backend& backend, const Model& model, const BlendState& state);

  std::vector<Prediction> predict(std::span<const Index> user,
                                  std::span<const Index> item) const override;
  std::vector<Prediction> predict_at(std::span<const Index> user, std::span<const Index> item,
                                     std::span<const std::int64_t> time) const override;
  // Where all parts fold in.
  std::unique_ptr<const Predictor> fold_in(CsrView ratings) const override;
  std::int64_t pairs_at_once() const override;
  std::uint64_t table_bytes(RankBy by) const override;

 private:
  struct Shared;
  using Parts = std::vector<std::shared_ptr<const Predictor>>;
  BlendPredictor(std::shared_ptr<const Shared> shared, Parts parts);

  std::shared_ptr<const Shared> shared_;
  Parts parts_;
};

}  // namespace tusk
