// Judged lists as files for other programs.
#pragma once

#include <string>

#include <tusk/dataset.hpp>
#include <tusk/model.hpp>
#include <tusk/ranking.hpp>
#include <tusk/text_grid.hpp>

namespace tusk {

// A row for each judged user: the id, the number of relevant test items, and the figures of each
// length, "ndcg@10".
std::string user_figures_csv(const Model& model, const RankingMetrics& metrics, Cells cells);

// The relevant test items of the judged users as trec_eval reads them: grades are 1, or with gains
// that are not binary the ratings. `test` are the ratings that were judged, from match_ratings() of
// `data`. Throws InputError for an id with blanks, and for a rating that is no whole number where
// it is a grade.
std::string qrels_text(const Model& model, const Dataset& data, const RatingList& test,
                       const RankingMetrics& metrics);

}  // namespace tusk
