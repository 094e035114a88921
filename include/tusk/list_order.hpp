// What a list of items is ordered by. It changes no predicted rating.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/predictor.hpp>
#include <tusk/train_options.hpp>

namespace tusk {

// "rating", "sum". Throws UsageError.
std::string_view to_string(RankBy by);
RankBy parse_rank_by(std::string_view text);

// Draws items that few have rated towards one score: s of an item with n training ratings becomes
// score + (s - score) n / (n + strength).
struct SupportPrior {
  float strength = 0;          // in ratings; 0 leaves scores as they are
  std::optional<float> score;  // unset: the middle of the scale, or 0 for RankBy::sum
};

// "S" or "S:SCORE". parse_support_prior throws UsageError.
std::string to_string(const SupportPrior& prior);
SupportPrior parse_support_prior(std::string_view text);

struct ListOrder {
  RankBy by = RankBy::rating;
  SupportPrior prior;
};

// "ranked by rating", "ranked by sum with support prior 5:0".
std::string to_string(const ListOrder& order);

// Parts of an order as settings: their names, "rank-by" and "support-prior"; set_order() is false
// for another name and throws UsageError for a bad value.
std::vector<std::string> order_settings();
bool is_order_setting(std::string_view name);
bool set_order(ListOrder& order, std::string_view name, std::string_view value);

// Throws UsageError for an order that is out of range or that such a model does not have.
void check_list_order(const ListOrder& order, const AlgorithmInfo& algorithm);

}  // namespace tusk
