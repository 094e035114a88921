#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/train.hpp>

#include "distributed/collectives.hpp"
#include "models/algorithm.hpp"
#include "support/text.hpp"
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

// Processes that compute on different devices, or whose models would differ in their last bits,
// make none.
void check_alike(const Backend& backend, Communicator& processes) {
  const auto check_all = [&](std::string_view own, const char* differ, const char* option) {
    const auto all = gather_on_all(processes, std::vector<char>(own.begin(), own.end()));
    for (const auto& one : all) {
      if (one == all.front()) continue;
      throw UsageError(fmt::format("the processes {} ({} and {}): give all of them the same {}",
                                   differ, std::string(all.front().begin(), all.front().end()),
                                   std::string(one.begin(), one.end()), option_name(option)));
    }
  };
  check_all(backend.name(), "compute on different devices", "device");
  check_all(backend.bits(), "round differently", "cpu-kernels");
}

void check_resumes(const AlgorithmInfo& algorithm, std::size_t models) {
  if (models > 1) throw UsageError("a checkpoint is of the training of one model");
  if (algorithm.capabilities.resumes) return;
  std::vector<std::string> others;
  for (const AlgorithmInfo* other : algorithms()) {
    if (other->capabilities.resumes) others.push_back(other->name);
  }
  throw ParameterError("checkpoint", fmt::format("is for {}: training {} does not go on from one",
                                                 list_text(others), with_article(algorithm.name)));
}

}  // namespace

double largest_r_hat(const FitSummary& fit) {
  double largest = std::numeric_limits<double>::quiet_NaN();
  for (const auto& [of, value] : fit.r_hat) largest = std::fmax(largest, value);
  return largest;
}

void check_distributed(const TrainOptions& options) {
  options.implementation().check_distributed(options);
}

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
                           const Observer& observer, const FitExtras& extras) {
  check(data, label, options);
  if (train.empty()) return {};
  FitContext context{backend_of(device), data, label, observer};
  context.extras = extras;
  if (data.processes) {
    if (train.size() > 1) throw UsageError("several processes train one model at a time");
    check_distributed(options);
    check_alike(context.backend, *data.processes);
  }
  if (extras.checkpoint) {
    check_resumes(options.algorithm(), train.size());
    if (extras.checkpoint->every < 1) {
      throw ParameterError("every", "must be at least 1");
    }
  }
  std::vector<FitResult> fits = options.implementation().fit(context, options, train);
  for (FitResult& result : fits) result.metadata[kOptionsKey] = to_string(options);
  return fits;
}

}  // namespace tusk
