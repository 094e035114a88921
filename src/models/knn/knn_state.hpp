// What a neighbour model has learned, and how a file holds it.
#pragma once

#include <memory>
#include <utility>

#include <tusk/knn.hpp>
#include <tusk/predictor.hpp>

#include "model/safetensors.hpp"

namespace tusk {

struct SeenItems;

class KnnModelState : public ModelState {
 public:
  KnnModelState(const AlgorithmInfo& algorithm, KnnRows rows, MfState base, KnnState knn)
      : ModelState(std::move(base)), algorithm_(algorithm), rows_(rows), knn_(std::move(knn)) {}

  const AlgorithmInfo& algorithm() const override { return algorithm_; }
  KnnRows rows() const { return rows_; }
  const KnnState& knn() const { return knn_; }
  std::span<const float> ratings() const override { return knn_.rating; }
  void save(SafetensorsWriter& writer) const override;
  std::unique_ptr<const Predictor> open(Backend& backend, const Model& model) const override;

 private:
  const AlgorithmInfo& algorithm_;
  KnnRows rows_;
  KnnState knn_;
};

// Throws FormatError.
std::shared_ptr<const ModelState> load_knn(const SafetensorsReader& reader,
                                           const AlgorithmInfo& algorithm, KnnRows rows,
                                           MfState base, const SeenItems& seen);

}  // namespace tusk
