#include "cli/metrics_output.hpp"

#include <fmt/format.h>

#include <tusk/figures.hpp>

namespace tusk::cli {
namespace {

Evidence evidence(std::size_t kind) { return static_cast<Evidence>(kind); }

}  // namespace

void print_missing_folds(const Console& console, std::int64_t with, std::int64_t of,
                         std::string_view lack) {
  if (with < of) console.print("means are over {} of {} folds; the others {}", with, of, lack);
}

void print_metrics(const Console& console, const RatingMetrics& metrics) {
  const auto row = [&](std::string_view name, const ErrorSums& sums) {
    if (sums.count == 0) return;
    console.print("{:<12}{:>10}  {:<6}  {:<6}  {}", name, sums.count, error_text(sums.rmse()),
                  error_text(sums.mae()), error_text(sums.mse()));
  };
  console.print("{:<12}{:>10}  {:<6}  {:<6}  MSE", "evidence", "ratings", "RMSE", "MAE");
  for (std::size_t kind = 0; kind < metrics.by_evidence.size(); ++kind) {
    row(to_string(evidence(kind)), metrics.by_evidence[kind]);
  }
  row("all", metrics.all);
}

}  // namespace tusk::cli
