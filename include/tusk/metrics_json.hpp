// Metrics as JSON and as a model's metadata.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <tusk/evaluate.hpp>
#include <tusk/json.hpp>
#include <tusk/ranking.hpp>
#include <tusk/train.hpp>

namespace tusk {

// Means over the folds whose predictions have deviations, of which there is one.
Json calibration_json(std::span<const FoldResult> folds);

// Adds rmse, mae, mse, count and by_evidence; the errors of no ratings are null. Adds nothing where
// there are no errors: of models that predict no ratings.
void add_metrics(Json& json, const RatingMetrics& metrics);

// An object with the protocol, the counts and the figures, which are null where no user counted.
Json ranking_json(const RankingMetrics& metrics);

// An object with the protocol, users and tied users of all folds, and the means of the figures over
// the `folds` that have one; null if none has.
Json ranking_means_json(std::span<const RankingMetrics> folds);

// Adds what was measured on the test part to a model's metadata: test_rmse, test_mae and
// test_ratings unless there are none, and of a ranking its protocol, test_precision and so on.
void store_test(std::map<std::string, std::string>& metadata, const RatingMetrics& metrics,
                const std::optional<RankingMetrics>& ranking);

// An event for an epoch. `model_key` is what one of several models is called, from 1: "fold"; empty
// for a single one.
Json epoch_json(const EpochReport& report, const std::string& model_key = {});

// An event for the memory that training would take on a device.
Json memory_json(const MfMemory& memory, std::string_view device);

// The result of a training: what was measured on the test part, if anything, and how it went.
Json training_json(const Model& model, const FitSummary& fit, const RatingMetrics& test,
                   const std::optional<RankingMetrics>& ranking);

// An event for a fold of a cross-validation, from 0, and the result of all: means of the errors and
// their deviations, evidence and count of all folds together.
Json fold_json(const FoldResult& result, std::size_t fold);
Json cross_validation_json(std::span<const FoldResult> results, const Partition& folds);

}  // namespace tusk
