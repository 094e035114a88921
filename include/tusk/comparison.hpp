// Models that have been measured on the same folds.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tusk/json.hpp>
#include <tusk/metric.hpp>
#include <tusk/observer.hpp>
#include <tusk/paired.hpp>
#include <tusk/ranking.hpp>
#include <tusk/search.hpp>
#include <tusk/table_text.hpp>
#include <tusk/text_grid.hpp>
#include <tusk/train.hpp>

namespace tusk {

struct ComparedModel {
  std::string label;
  Candidate candidate;
  std::vector<FoldResult> folds;
  double seconds = 0;  // that training and measuring took
  PairedTest test;     // against the best
  double p = 1;        // of the test, adjusted for the number of tests; NaN with one fold

  // Trains and measures it on every fold; `ranking` says how lists are judged but for their order.
  // Throws as cross_validate().
  void measure(Device& device, const Dataset& data, const Partition& on,
               std::optional<RankingOptions> ranking, const Observer& observer = {});

  RatingMetrics all_folds() const;
  // By fold; NaN where a fold has no figure, having no user with a relevant rating.
  std::vector<double> values(const Metric& metric) const;
  double mean(const Metric& metric) const { return score(values(metric)).mean; }
};

// The figures of lists that a table of models has.
inline constexpr auto kListColumns = std::span(kListFigures).first<3>();

struct Comparison {
  Metric metric;  // that models are ordered and tested by
  Partition folds;
  std::optional<RankingOptions> ranking;  // how lists were judged, if they were
  std::vector<ComparedModel> models;

  // Puts the best first and tests the others against it. Folds without a figure are left
  // out. Throws InputError if lists are to be compared and no user of any fold has a relevant
  // rating.
  void order_and_test();
};

// An event for the model at a place of a comparison in order.
Json model_json(const Comparison& comparison, std::size_t place);

// What a table of models has a column of, from its second on: errors, and figures of lists.
std::vector<Metric> table_metrics(const Comparison& comparison);
// A table for people with a header, a row for each model in order.
TextRows model_table(const Comparison& comparison);
// The best figures of that table, by what is shown of them; nothing of a single model.
TableCells best_cells(const Comparison& comparison);
// The same for programs, with every fold.
std::string comparison_csv(const Comparison& comparison, Cells cells);

}  // namespace tusk
