// What models are chosen by.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <tusk/ranking.hpp>
#include <tusk/train_options.hpp>
#include <tusk/types.hpp>

namespace tusk {

struct Metric {
  enum class Kind { rmse, mae, lists };
  Kind kind = Kind::rmse;
  const ListFigure* figure = nullptr;  // of kListFigures, of lists
  int k = 10;                          // length of a list

  // Whether it judges lists and not predicted ratings.
  bool of_lists() const { return kind == Kind::lists; }
  // Whether `a` is the better of two values: more of what lists find, less of an error.
  bool better(double a, double b) const { return of_lists() ? a > b : a < b; }

  bool operator==(const Metric&) const = default;
};

// "rmse", "mae", or a figure of lists with their length, "hit-rate@10". parse_metric throws
// UsageError.
std::string to_string(const Metric& metric);
Metric parse_metric(std::string_view text);

// "rmse, mae, precision@K, ...": all that parse_metric takes.
std::string metric_names();

// What models are chosen by unless somebody says otherwise: "rmse", or NDCG of lists of `k` where
// one of the models predicts no ratings. `lists_alone`: whatever the model, there are no errors:
// the data's ratings are weights, or users are held out.
Metric usual_metric(std::span<const AlgorithmInfo* const> models, bool lists_alone, int k);
// Throws ParameterError for an error as the metric where there are none.
void check_metric(const Metric& metric, const AlgorithmInfo& model, bool lists_alone);

// The value of a metric of lists.
double value_of(const Metric& metric, const ListMetrics& lists);
// The value of an error.
double value_of(const Metric& metric, const ErrorSums& errors);

}  // namespace tusk
