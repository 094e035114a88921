// Ranking metrics as text, as JSON and as a model's metadata.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include <tusk/ranking.hpp>
#include <tusk/train.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

// evaluate_ranking with progress on a terminal, and note_ties().
RankingMetrics judge_ranking(Console& console, Backend& backend, const Model& model,
                             const RatingList& test, const RankingOptions& options);

// An object with the protocol, the counts and the figures, which are null where no user counted.
Json ranking_json(const RankingMetrics& metrics);

// A line that tells the protocol, and a table.
void print_ranking(const Console& console, const RankingMetrics& metrics);

// The rankings of folds that were judged.
std::vector<RankingMetrics> rankings_of(const std::vector<FoldResult>& folds);
// How many of them have a user to judge lists by.
std::int64_t folds_with_lists(std::span<const RankingMetrics> folds);
inline constexpr const char* kLackLists = "have no user with a relevant test rating";

// Says so where the lists of more than 1% of the users end inside a tie.
void note_ties(const Console& console, std::span<const RankingMetrics> rankings);
void note_ties(const Console& console, std::int64_t tied, std::int64_t lists,
               std::string_view consequence);

// The same of several folds, one a row, and their means over those that have a figure.
void print_ranking_of_folds(const Console& console, std::span<const RankingMetrics> folds);

// An object with the protocol, users and tied users of all folds, and the means of the figures over
// the `folds` that have one; null if none has.
Json ranking_means_json(std::span<const RankingMetrics> folds);

// Adds test_ranking, the protocol, and test_precision and so on.
void store_ranking(std::map<std::string, std::string>& metadata, const RankingMetrics& metrics);

}  // namespace tusk::cli
