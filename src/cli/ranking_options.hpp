// The options that say how lists of best items are judged.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include <tusk/metric.hpp>
#include <tusk/ranking.hpp>

#include "cli/console.hpp"
#include "cli/list_order_options.hpp"

namespace tusk::cli {

class RankingFlags {
 public:
  // `top` is the name of the option for the length of a list.
  void declare(CLI::App& app, const std::string& top = "--top");

  // nullopt where no ranking is wanted. `seed` draws sampled candidates. Throws UsageError.
  std::optional<RankingOptions> options(std::uint64_t seed) const;

  // The same where a metric is what counts: lists are as long as it asks for. Throws UsageError if
  // it judges lists and none are wanted.
  std::optional<RankingOptions> options(std::uint64_t seed, const Metric& metric) const;

  const ListOrderFlags& order() const { return order_; }

  // How lists are judged, but for their length and order.
  std::string text() const;

  // Warns of figures that mean little: by the ratings' scale or by the candidates.
  void warn(const Console& console, RatingScale scale) const;

 private:
  int top_ = RankingOptions().k;
  std::optional<float> relevance_;
  std::string candidates_ = to_string(CandidatePolicy());
  ListOrderFlags order_;
};

}  // namespace tusk::cli
