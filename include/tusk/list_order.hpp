// What a list of items is ordered by. It changes no predicted rating.
#pragma once

#include <map>
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
  // Of models that know deviations: what each deviation of a prediction counts for. The score is
  // the mean plus risk times the deviation. Below 0 what is sure comes first, above 0 what may
  // surprise.
  float risk = 0;
};

// -1 to 1. Throws ParameterError.
float parse_risk(std::string_view text);

// Whether the scores of such a model are predicted ratings. Those of the others order lists: of
// models that only rank, and of all that are trained on weights (Model::of_weights()).
bool predicts_ratings(const AlgorithmInfo& algorithm, bool of_weights);
bool predicts_ratings(const Model& model);
// Throws UsageError, which says what predicts ratings, for a model that does not.
void check_predicts_ratings(const Model& model);

// What lists of a model are ordered by where this is asked for. Of models of neighbours that are
// trained on weights it is always the sum: an average of weights does not say who chooses an item.
RankBy used_rank_by(RankBy by, const Model& model);
// Whether the scores that lists of a model are ordered by are predicted ratings.
bool orders_by_ratings(RankBy by, const Model& model);
// What they are: "rating", "sum", or "score" of a model's own that is neither.
std::string_view rank_by_text(RankBy by, const Model& model);

// "ranked by rating", "ranked by rating - 0.5 deviations with support prior 5:3". `rank_by` is
// rank_by_text().
std::string order_text(std::string_view rank_by, const ListOrder& order);

// Parts of an order as settings: their names, "rank-by", "support-prior" and "risk"; set_order() is
// false for another name and throws UsageError for a bad value.
std::vector<std::string> order_settings();
bool is_order_setting(std::string_view name);
bool set_order(ListOrder& order, std::string_view name, std::string_view value);

// The order that a model's lists have where none is asked for: that which store_order() put into
// its metadata, or by ratings. Throws FormatError.
ListOrder order_of(const Model& model);
void store_order(std::map<std::string, std::string>& metadata, const ListOrder& order);

// Throws UsageError for an order that is out of range or that such a model does not have.
void check_list_order(const ListOrder& order, const AlgorithmInfo& algorithm);

}  // namespace tusk
