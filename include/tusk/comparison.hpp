// Models that have been measured on the same folds.
#pragma once

#include <map>
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

// Two models over the users whose lists are judged: each user's figure, the mean over the folds
// that judge the user. It tells whether they differ for other users of the same kind; PairedTest
// tells it of other divisions of the ratings.
struct UserTest {
  std::int64_t users = 0;
  double difference = 0;  // the mean over users
  Interval interval;      // of that, from bootstrap_interval()
  double p = 1;           // of paired_t_test(), adjusted for the number of tests; NaN for one user
};

struct ComparedModel {
  std::string label;
  Candidate candidate;
  std::vector<FoldResult> folds;
  double seconds = 0;  // that training and measuring took
  PairedTest test;     // against the best
  double p = 1;        // of the test, adjusted for the number of tests; NaN with one fold
  std::optional<UserTest> user_test;  // against the best, if the metric judges lists

  // Trains and measures it on every fold, and adds that to what is there; `ranking` says how lists
  // are judged but for their order. Throws as cross_validate().
  void measure(Device& device, const Dataset& data, const Partition& on,
               std::optional<RankingOptions> ranking, const Observer& observer = {});

  RatingMetrics all_folds() const;
  // By fold; NaN where a fold has no figure, having no user with a relevant rating.
  std::vector<double> values(const Metric& metric) const;
  double mean(const Metric& metric) const { return score(values(metric)).mean; }
  // By user, the mean over the folds that judge the user, of a metric of lists.
  std::map<Index, double> user_values(const Metric& metric) const;
};

// The figures of lists that a table of models has, of each length.
inline constexpr auto kListColumns = std::span(kListFigures).first<3>();

struct Comparison {
  Metric metric;                          // that models are ordered and tested by
  Partition folds;                        // of the first seed, if there are several
  std::optional<RankingOptions> ranking;  // how lists were judged, if they were
  std::vector<ComparedModel> models;

  // The metrics that a table shows, from its second column on: the errors, if a model has some, and
  // figures of lists.
  std::vector<Metric> columns() const;
  // Whether predictions of a model have deviations: then a table has their calibration, too.
  bool has_calibration() const;

  // Puts the best first and tests the others against it. Folds without a figure are left
  // out. Throws InputError if lists are to be compared and no user of any fold has a relevant
  // rating.
  void order_and_test();
};

// Of models that differ by their seeds alone, in their order: their figures, the means over seeds
// and the standard deviations. A table with a header, and an array of objects with `seed`.
TextRows seed_table(const Comparison& seeds);
Json seeds_json(const Comparison& seeds);

// An event for the model at a place of a comparison in order.
Json model_json(const Comparison& comparison, std::size_t place);

// A table for people with a header, a row for each model in order.
TextRows model_table(const Comparison& comparison);
// The best figures of that table, by what is shown of them; nothing of a single model.
TableCells best_cells(const Comparison& comparison);
// The same for programs, with every fold.
std::string comparison_csv(const Comparison& comparison, Cells cells);

}  // namespace tusk
