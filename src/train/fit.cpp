#include <algorithm>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/train.hpp>

#include "models/algorithm.hpp"
#include "train/fold_model.hpp"

namespace tusk {
namespace {

void check(const Dataset& data, std::span<const Label> label, const TrainOptions& options) {
  options.check();
  if (std::ssize(label) != data.size() ||
      std::any_of(label.begin(), label.end(), [](Label l) { return l >= kMaxLabels; })) {
    throw UsageError(fmt::format("every rating needs a label below {}", kMaxLabels));
  }
}

}  // namespace

MfMemory plan_fit(Device& device, const Dataset& data, std::span<const Label> label,
                  std::span<const LabelSet> train, const TrainOptions& options) {
  check(data, label, options);
  return options.implementation().plan({backend_of(device), data, label, {}}, options, train);
}

std::vector<FitResult> fit_folds(Device& device, const Dataset& data, const Partition& folds,
                                 const TrainOptions& options, const Observer& observer) {
  check(data, folds.label, options);
  std::vector<LabelSet> train;
  for (std::size_t fold = 0; fold < folds.fold_count(); ++fold) train.push_back(folds.train(fold));
  FitContext context{backend_of(device), data, folds.label, observer};
  // Users are folded in by what serving needs.
  context.measured_only = folds.fold_in.none();
  return options.implementation().fit(context, options, train);
}

std::vector<FitResult> fit(Device& device, const Dataset& data, std::span<const Label> label,
                           std::span<const LabelSet> train, const TrainOptions& options,
                           const Observer& observer) {
  check(data, label, options);
  if (train.empty()) return {};
  std::vector<FitResult> fits =
      options.implementation().fit({backend_of(device), data, label, observer}, options, train);
  for (FitResult& result : fits) result.metadata[kOptionsKey] = to_string(options);
  return fits;
}

}  // namespace tusk
