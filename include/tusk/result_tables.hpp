// Results as rows of texts, with as many decimals as are worth showing.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tusk/evaluate.hpp>
#include <tusk/ranking.hpp>
#include <tusk/text_grid.hpp>
#include <tusk/train.hpp>

namespace tusk {

// "-" where no user counted.
std::string figure_text(const RankingFigure& figure);

// The means over the folds of the figures of all lengths that were judged, one length after
// another; NaN where no fold has one. Of several lengths each heading has its own: "coverage@10".
// There is at least one fold.
std::vector<RankingFigure> figures_of_all_lengths(std::span<const RankingMetrics> folds);

// A header and a row: how many ratings, their errors and the calibration, if there are any, how
// many users and the figures of lists, one length after another.
TextRows evaluation_table(const std::string& model, const RatingMetrics& metrics,
                          const std::optional<RankingMetrics>& ranking);

// The same with a row for each fold, then their means and the deviations of the sample. There is at
// least one fold.
TextRows cross_validation_table(std::span<const FoldResult> folds);

}  // namespace tusk
