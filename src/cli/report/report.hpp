// A page about a training, a cross-validation, a search or a comparison: one HTML file that needs
// nothing else. Its script draws what the JSON beside it holds; see report.js for what that may be.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/evaluate.hpp>
#include <tusk/search.hpp>

#include "cli/console.hpp"
#include "cli/search/search_outcome.hpp"

namespace tusk::cli {

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
  // `console` knows the command.
  Report(const Console& console, const std::string& title, std::string_view device);

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
  void add_search(const SearchOutcome& outcome);
  // What the page's table of models shows.
  void add_models(Json compared);

  // The page.
  std::string html() const;

 private:
  Json data_;
};

}  // namespace tusk::cli
