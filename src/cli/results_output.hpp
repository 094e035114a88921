// Metrics and searches as text.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/evaluate.hpp>
#include <tusk/ranking.hpp>
#include <tusk/text_grid.hpp>
#include <tusk/train.hpp>
#include <tusk/tuning.hpp>

#include "cli/console.hpp"
#include "cli/progress.hpp"

namespace tusk::cli {

inline void print_table(const Console& console, const TextRows& rows) {
  for (const std::string& line : aligned(rows)) console.print("{}", line);
}

// A line that tells that means are over `with` of `of` folds, because the others `lack` something;
// nothing if all have a figure.
void print_missing_folds(const Console& console, std::int64_t with, std::int64_t of,
                         std::string_view lack);

// Says so where errors are of predictions that use the times of the ratings, or that lack them.
void note_use_of_times(const Console& console, const Model& model, bool data_have_times);

// A table of the errors, all and by evidence; nothing where there are none.
void print_metrics(const Console& console, const RatingMetrics& metrics);

// Calls work(observer), which shows the ranking on a terminal.
template <class Function>
auto with_ranking_progress(Console& console, const Function& work) {
  WorkProgress progress(console, Work::ranking);
  auto result = work(progress.observer());
  console.end_progress_line();
  return result;
}

// judge(observer) with progress on a terminal, and note_ties().
RankingMetrics judge_ranking(Console& console,
                             const std::function<RankingMetrics(const Observer&)>& judge);

// A line that tells the protocol, and a table.
void print_ranking(const Console& console, const RankingMetrics& metrics);

inline constexpr const char* kLackLists = "have no user with a relevant test rating";

// Says so where the lists of more than 1% of the users end inside a tie.
void note_ties(const Console& console, std::span<const RankingMetrics> rankings);
void note_ties(const Console& console, std::int64_t tied, std::int64_t lists,
               std::string_view consequence);

// The same of several folds, one a row, and their means over those that have a figure.
void print_ranking_of_folds(const Console& console, std::span<const RankingMetrics> folds);

// The best trials, those that are no worse by what can be told, and what the score is.
void print_search(const Console& console, std::string_view model, const SearchOutcome& outcome);

// What the best setting gives on the test part.
void print_test(const Console& console, const SearchOutcome& outcome);

// Of nested cross-validation: what the searches reach on the folds that they have not seen, as a
// table and as an event.
void print_nested(const Console& console, const std::vector<SearchOutcome>& outcomes);

}  // namespace tusk::cli
