// A page about a training, a cross-validation, a search or a comparison: one HTML file that needs
// nothing else. Its script draws what the JSON beside it holds; see report.js for what that may be.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/comparison.hpp>
#include <tusk/dataset.hpp>
#include <tusk/evaluate.hpp>
#include <tusk/json.hpp>
#include <tusk/list_order.hpp>
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

// The lists of something on each fold, or on one part.
struct ListsOf {
  std::string label;
  std::vector<RankingMetrics> folds;
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
  // `of` says which ratings they are of: "the test part". Nothing where there are no errors; where
  // predictions have deviations, how true these are, too.
  void add_errors(const std::string& of, const RatingMetrics& metrics);
  // How lists are found to be: a row for each of `rows`, the means over its folds.
  void add_lists(const std::vector<ListsOf>& rows);
  // For three users with few, with middling and with many training ratings: what they rated highest
  // and the list that they get, with their ratings of it that were held out. Of a model with
  // factors a map of the most rated items, too: the first two principal components of their
  // factors. The model is of this data.
  void add_model(Device& device, const Model& model, const Dataset& data,
                 const ListOrder& order = {});
  // The page is about this training, with its curve unless it is empty.
  void add_training(const Model& model, const FitSummary& fit, const RatingMetrics& test,
                    const std::optional<RankingMetrics>& ranking,
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
  // The NDCG of lists as a large figure.
  void add_lists_score(std::span<const RankingMetrics> folds, const std::string& on);

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
    double watched = 0;
    int models = 0;
  };

  void add(const EpochReport& report);

  std::vector<Sums> select_;  // by epoch
  std::vector<Sums> fit_;
};

}  // namespace tusk
