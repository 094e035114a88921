#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/list_order.hpp>
#include <tusk/model.hpp>
#include <tusk/parameters.hpp>

#include "support/names.hpp"
#include "support/text.hpp"

namespace tusk {

namespace {

constexpr std::array<std::string_view, 2> kRankBy = {"rating", "sum"};

// In metadata.
constexpr const char* kRankByKey = "rank_by";
constexpr const char* kSupportPriorKey = "support_prior";

}  // namespace

std::string_view to_string(RankBy by) { return name_of(kRankBy, by); }

RankBy parse_rank_by(std::string_view text) {
  return parse_name<RankBy>(kRankBy, text, "an order of lists");
}

std::string to_string(const SupportPrior& prior) {
  if (!prior.score) return fmt::format("{}", prior.strength);
  return fmt::format("{}:{}", prior.strength, *prior.score);
}

SupportPrior parse_support_prior(std::string_view text) {
  const auto parts = split_text(text, ":");
  const auto strength = parse_double(parts[0]);
  const auto score = parts.size() == 2 ? parse_double(parts[1]) : std::nullopt;
  if (!strength || parts.size() > 2 || (parts.size() == 2 && !score)) {
    throw UsageError(
        fmt::format("{} is no support prior. It is S or S:SCORE, a number of ratings and a score",
                    in_quotes(text)));
  }
  SupportPrior prior{static_cast<float>(*strength), {}};
  if (score) prior.score = static_cast<float>(*score);
  return prior;
}

void check_list_order(const ListOrder& order, const AlgorithmInfo& algorithm) {
  const auto check = [](float value, bool good, const char* expected) {
    if (!good) throw ParameterError("support-prior", fmt::format("{}", value), expected);
  };
  const SupportPrior& prior = order.prior;
  check(prior.strength, std::isfinite(prior.strength) && prior.strength >= 0,
        "a number of ratings, 0 or more");
  if (prior.score) check(*prior.score, std::isfinite(*prior.score), "S:SCORE, two numbers");
  if (order.by == RankBy::sum && !algorithm.capabilities.has_neighbours) {
    std::vector<std::string> models;
    for (const AlgorithmInfo* other : algorithms()) {
      if (other->capabilities.has_neighbours) models.push_back(other->name);
    }
    throw ParameterError("rank-by",
                         fmt::format("sum is for {}: {} model has no neighbours to sum over",
                                     list_text(models), with_article(algorithm.name)));
  }
}

bool predicts_ratings(const AlgorithmInfo& algorithm, bool of_weights) {
  return !algorithm.capabilities.only_ranks && !of_weights;
}

bool predicts_ratings(const Model& model) {
  return predicts_ratings(model.algorithm(), model.of_weights());
}

void check_predicts_ratings(const Model& model) {
  if (predicts_ratings(model)) return;
  if (model.of_weights()) {
    throw UsageError(fmt::format(
        "a model that was trained on weights ({}) only ranks: its scores order lists (recommend) "
        "and are no ratings",
        option_name("implicit")));
  }
  std::vector<std::string> others;
  for (const AlgorithmInfo* other : algorithms()) {
    if (predicts_ratings(*other, false)) others.push_back(other->name);
  }
  throw UsageError(
      fmt::format("{} model only ranks: its scores order lists (recommend) and are no ratings. "
                  "Models that predict ratings are {}",
                  with_article(model.algorithm().name), list_text(others, "and")));
}

RankBy used_rank_by(RankBy by, const Model& model) {
  const bool sums = model.of_weights() && model.algorithm().capabilities.has_neighbours;
  return sums ? RankBy::sum : by;
}

bool orders_by_ratings(RankBy by, const Model& model) {
  return by == RankBy::rating && predicts_ratings(model) &&
         model.algorithm().capabilities.order.empty();
}

std::string_view rank_by_text(RankBy by, const Model& model) {
  const RankBy used = used_rank_by(by, model);
  if (used == RankBy::rating && !orders_by_ratings(used, model)) return "score";
  return to_string(used);
}

std::string order_text(std::string_view rank_by, const SupportPrior& prior) {
  const std::string by = fmt::format("ranked by {}", rank_by);
  if (prior.strength == 0) return by;
  return fmt::format("{} with support prior {}", by, to_string(prior));
}

std::vector<std::string> order_settings() { return {"rank-by", "support-prior"}; }

ListOrder order_of(const Model& model) {
  ListOrder order;
  const auto stored = [&](const char* key) {
    const auto found = model.metadata.find(key);
    return found == model.metadata.end() ? nullptr : &found->second;
  };
  try {
    if (const std::string* by = stored(kRankByKey)) order.by = parse_rank_by(*by);
    if (const std::string* prior = stored(kSupportPriorKey)) {
      order.prior = parse_support_prior(*prior);
    }
    check_list_order(order, model.algorithm());
  } catch (const UsageError& error) {
    throw FormatError(fmt::format("its metadata is bad: {}", error.what()));
  }
  return order;
}

void store_order(std::map<std::string, std::string>& metadata, const ListOrder& order) {
  if (order.by != RankBy::rating) metadata[kRankByKey] = to_string(order.by);
  if (order.prior.strength > 0) metadata[kSupportPriorKey] = to_string(order.prior);
}

bool is_order_setting(std::string_view name) {
  return name == "rank-by" || name == "support-prior";
}

bool set_order(ListOrder& order, std::string_view name, std::string_view value) {
  if (name == "rank-by") order.by = parse_rank_by(value);
  if (name == "support-prior") order.prior = parse_support_prior(value);
  return is_order_setting(name);
}

}  // namespace tusk
