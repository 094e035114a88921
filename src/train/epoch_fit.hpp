// Training epoch by epoch, of any model that has a session for it: early stopping on an inner
// hold-out, and training anew for the number of epochs that it has chosen.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <tusk/models.hpp>
#include <tusk/train.hpp>

#include "backend/backend.hpp"
#include "models/algorithm.hpp"
#include "train/checkpoint.hpp"
#include "train/epoch_stepper.hpp"
#include "train/inner_holdout.hpp"

namespace tusk {

// For how long a model is trained.
struct EpochLimits {
  int most = 1;
  int patience = 0;  // 0: for exactly so many epochs
  double holdout = 0;
  AfterStop after_stop = AfterStop::refit;
};

// Of a model whose options have these fields.
template <class Options>
EpochLimits limits_of(const Options& options) {
  return {options.most_epochs(), options.patience(), options.holdout, options.after_stop};
}

// The labels of all ratings and what each model does with them.
struct TrainingParts {
  std::span<const Label> label;
  std::span<const TrainingPart> part;
};

struct EpochFit {
  const FitContext& context;
  EpochLimits limits;
  std::uint64_t seed = 0;
  std::span<const LabelSet> train;  // one model for each
  std::vector<ModelPlan> plans;     // of each
  // Opens a session of all models.
  std::function<std::unique_ptr<EpochSession>(const TrainingParts&)> open;
  // What training has made of a model of that session. `is_result`: whether it is the model that is
  // returned, and not one that another will follow.
  std::function<std::shared_ptr<const ModelState>(EpochSession&, std::size_t model,
                                                  const TrainingParts&, bool is_result)>
      state;
  std::optional<Checkpoint> checkpoint = {};  // of one model
};

// All of a FitResult but its metadata. Throws InputError, DivergedError, Interrupted.
std::vector<FitResult> fit_epochs(EpochFit fit);

// Calls use(parts) with the parts that the first session of the fit would have.
void with_first_parts(const EpochFit& fit, const std::function<void(const TrainingParts&)>& use);

// What the metadata of any such model say of its training.
void describe_epochs(const EpochLimits& limits, FitResult& result);

}  // namespace tusk
