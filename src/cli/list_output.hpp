// Lists of recommendations, on the terminal, as JSON or into a table.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/list_writer.hpp>
#include <tusk/recommend.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

class ListOutput {
 public:
  // Everything is borrowed. `many`: rows name their user.
  ListOutput(const Console& console, const Model& model, std::optional<ListWriter>& table,
             bool many)
      : console_(console), model_(model), table_(table), many_(many) {}

  void add_header() const;
  // The list of a user who was folded in from `folded_from` ratings, or was trained (0).
  void add(std::string_view user, std::span<const Recommendation> list,
           std::int64_t folded_from = 0);

  std::int64_t lists() const { return lists_; }
  std::int64_t rows() const { return rows_; }
  std::int64_t empty_lists() const { return empty_lists_; }
  std::int64_t explained_rows() const { return explained_rows_; }  // with a reason
  std::int64_t global_lists() const { return global_lists_; }  // of users of whom nothing is known

 private:
  void add_popularity(RecommendationRow& row);
  void print(const RecommendationRow& row) const;
  // The predicted rating, or the score of a model that predicts none.
  std::string shown_value(const Recommendation& recommendation) const;
  std::string deviation_column(std::string_view text) const;

  const Console& console_;
  const Model& model_;
  std::optional<ListWriter>& table_;
  bool many_;
  std::vector<std::int64_t> ratings_;  // of each item, when they are needed first
  std::int64_t lists_ = 0;
  std::int64_t rows_ = 0;
  std::int64_t empty_lists_ = 0;
  std::int64_t global_lists_ = 0;
  std::int64_t explained_rows_ = 0;
};

}  // namespace tusk::cli
