// A page about a training, a cross-validation, a search or a comparison: one HTML file that needs
// nothing else. Its script draws what the JSON beside it holds; see report.js for what that may be.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/comparison.hpp>
#include <tusk/dataset.hpp>
#include <tusk/evaluate.hpp>
#include <tusk/json.hpp>
#include <tusk/observer.hpp>
#include <tusk/search.hpp>
#include <tusk/train.hpp>
#include <tusk/tuning.hpp>

namespace tusk {

// A learning curve, and the epoch that was chosen; 0 if none was.
struct Curve {
  std::string label;
  int epochs = 0;
  std::vector<CurvePoint> points;
};

// The scores of something on each fold.
struct FoldSeries {
  std::string label;
  std::vector<double> values;
};

class Report {
 public:
  // `command` is how the user made it.
  Report(const std::string& title, const std::string& command, std::string_view device);

  void add_fact(const std::string& name, const std::string& value);
  // A large figure. A standard error of 0 is not shown.
  void add_score(const std::string& label, double value, double standard_error,
                 const std::string& note);
  void add_data(const Dataset& data);
  // The first is the one that matters.
  void add_curves(const std::vector<Curve>& curves);
  void add_fold_scores(const Metric& metric, const std::vector<FoldSeries>& series);
  // `of` says which ratings they are of: "the test part".
  void add_errors(const std::string& of, const RatingMetrics& metrics);
  // The page is about this training, with its curve unless it is empty.
  void add_training(const Model& model, const FitSummary& fit, const RatingMetrics& test,
                    const std::vector<CurvePoint>& curve);
  // The page is about this cross-validation of a model.
  void add_cross_validation(const std::string& model, const Partition& folds,
                            std::span<const FoldResult> results,
                            const std::vector<CurvePoint>& curve);
  // The page is about these searches; several are those of nested cross-validation. `commands` are
  // what the user may type to train the best setting of each.
  void add_searches(const std::vector<SearchOutcome>& outcomes,
                    const std::vector<std::string>& commands);
  // The page is about this comparison.
  void add_comparison(const Comparison& comparison);

  // The page.
  std::string html() const;

 private:
  void add_search(const SearchOutcome& outcome, const std::string& command);

  Json data_;
};

// Listens to a training for its learning curve.
class CurveRecorder {
 public:
  // The same observer, which also tells this. It borrows it.
  Observer listen(Observer observer);

  // Means over the models that were trained: where epochs were chosen on a hold-out, of that, and
  // else of the training itself.
  std::vector<CurvePoint> curve() const;

 private:
  struct Sums {
    double train = 0;
    double validation = 0;
    int models = 0;
  };

  void add(const EpochReport& report);

  std::vector<Sums> select_;  // by epoch
  std::vector<Sums> fit_;
};

}  // namespace tusk
