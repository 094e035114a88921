// Ranking metrics as text.
#pragma once

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

// A line that tells the protocol, and a table.
void print_ranking(const Console& console, const RankingMetrics& metrics);

inline constexpr const char* kLackLists = "have no user with a relevant test rating";

// Says so where the lists of more than 1% of the users end inside a tie.
void note_ties(const Console& console, std::span<const RankingMetrics> rankings);
void note_ties(const Console& console, std::int64_t tied, std::int64_t lists,
               std::string_view consequence);

// The same of several folds, one a row, and their means over those that have a figure.
void print_ranking_of_folds(const Console& console, std::span<const RankingMetrics> folds);

}  // namespace tusk::cli
