// Ranking metrics as text, as JSON and as a model's metadata.
#pragma once

#include <map>
#include <span>
#include <string>

#include <tusk/ranking.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

// evaluate_ranking with progress on a terminal.
RankingMetrics judge_ranking(Console& console, Backend& backend, const Model& model,
                             const RatingList& test, const RankingOptions& options);

// An object with the protocol, the counts and the figures, which are null where no user counted.
Json ranking_json(const RankingMetrics& metrics);

// A line that tells the protocol, and a table.
void print_ranking(const Console& console, const RankingMetrics& metrics);

// The same of several folds, one a row, and their means.
void print_ranking_of_folds(const Console& console, std::span<const RankingMetrics> folds);

// An object with the protocol and the means of the figures over folds.
Json ranking_means_json(std::span<const RankingMetrics> folds);

// Adds test_ranking, the protocol, and test_precision and so on.
void store_ranking(std::map<std::string, std::string>& metadata, const RankingMetrics& metrics);

}  // namespace tusk::cli
