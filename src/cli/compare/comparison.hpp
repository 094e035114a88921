// Models that have been measured on the same folds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tusk/metric.hpp>
#include <tusk/paired.hpp>
#include <tusk/ranking.hpp>
#include <tusk/search.hpp>
#include <tusk/train.hpp>

namespace tusk::cli {

struct ComparedModel {
  std::string label;
  Candidate candidate;
  std::vector<FoldResult> folds;
  double seconds = 0;  // that training and measuring took
  PairedTest test;     // against the best
  double p = 1;        // of the test, adjusted for the number of tests; NaN with one fold

  RatingMetrics all_folds() const;
  // By fold; NaN where a fold has no figure, having no user with a relevant rating.
  std::vector<double> values(const Metric& metric) const;
  double mean(const Metric& metric) const { return score(values(metric)).mean; }
};

struct Comparison {
  Metric metric;  // that models are ordered and tested by
  Folds folds;
  std::optional<RankingOptions> ranking;  // how lists were judged, if they were
  std::vector<ComparedModel> models;

  // Puts the best first and tests the others against it. Folds without a figure are left
  // out. Throws InputError if lists are to be compared and no user of any fold has a relevant
  // rating.
  void order_and_test();
};

}  // namespace tusk::cli
