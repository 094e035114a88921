// What models are chosen by.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <tusk/ranking.hpp>
#include <tusk/types.hpp>

namespace tusk {

struct Metric {
  enum class Kind { rmse, mae, precision, recall, ndcg, map, mrr, hit_rate };
  Kind kind = Kind::rmse;
  int k = 10;  // length of a list; of all kinds but rmse and mae

  // Whether it judges lists, see ListMetrics, and not predicted ratings.
  bool of_lists() const { return kind != Kind::rmse && kind != Kind::mae; }
  // Whether `a` is the better of two values: more of what lists find, less of an error.
  bool better(double a, double b) const { return of_lists() ? a > b : a < b; }

  bool operator==(const Metric&) const = default;
};

// "rmse", "mae", "precision@K", "recall@K", "ndcg@K", "map@K", "mrr@K", "hit-rate@K". parse_metric
// throws UsageError.
std::string to_string(const Metric& metric);
Metric parse_metric(std::string_view text);

// The value of a metric of lists.
double value_of(const Metric& metric, const ListMetrics& lists);
// The value of an error.
double value_of(const Metric& metric, const ErrorSums& errors);

}  // namespace tusk
