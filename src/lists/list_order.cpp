#include <algorithm>
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
constexpr const char* kRiskKey = "risk";

std::vector<std::string> models_that(bool Capabilities::*can) {
  std::vector<std::string> models;
  for (const AlgorithmInfo* algorithm : algorithms()) {
    if (algorithm->capabilities.*can) models.push_back(algorithm->name);
  }
  return models;
}

[[noreturn]] void bad_risk(std::string_view value) {
  throw ParameterError("risk", std::string(value), "a number from -1 to 1");
}

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

float parse_risk(std::string_view text) {
  const auto risk = parse_double(text);
  if (!risk) bad_risk(short_text(text));
  return static_cast<float>(*risk);
}

void check_list_order(const ListOrder& order, const AlgorithmInfo& algorithm) {
  const auto check = [](float value, bool good, const char* expected) {
    if (!good) throw ParameterError("support-prior", fmt::format("{}", value), expected);
  };
  const SupportPrior& prior = order.prior;
  check(prior.strength, std::isfinite(prior.strength) && prior.strength >= 0,
        "a number of ratings, 0 or more");
  if (prior.score) check(*prior.score, std::isfinite(*prior.score), "S:SCORE, two numbers");
  if (!(std::abs(order.risk) <= 1)) bad_risk(fmt::format("{}", order.risk));
  if (order.risk != 0 && !algorithm.capabilities.knows_deviations) {
    throw ParameterError(
        "risk", fmt::format("is for {}: {} model does not know how unsure its predictions are",
                            list_text(models_that(&Capabilities::knows_deviations)),
                            with_article(algorithm.name)));
  }
  if (order.by == RankBy::sum && !algorithm.capabilities.has_neighbours) {
    throw ParameterError("rank-by",
                         fmt::format("sum is for {}: {} model has no neighbours to sum over",
                                     list_text(models_that(&Capabilities::has_neighbours)),
                                     with_article(algorithm.name)));
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

std::string order_text(std::string_view rank_by, const ListOrder& order) {
  std::string text = fmt::format("ranked by {}", rank_by);
  if (order.risk != 0) {
    text += fmt::format(" {} {} deviations", order.risk < 0 ? '-' : '+', std::abs(order.risk));
  }
  if (order.prior.strength == 0) return text;
  return fmt::format("{} with support prior {}", text, to_string(order.prior));
}

std::vector<std::string> order_settings() { return {"rank-by", "support-prior", "risk"}; }

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
    if (const std::string* risk = stored(kRiskKey)) order.risk = parse_risk(*risk);
    check_list_order(order, model.algorithm());
  } catch (const UsageError& error) {
    throw FormatError(fmt::format("its metadata is bad: {}", error.what()));
  }
  return order;
}

void store_order(std::map<std::string, std::string>& metadata, const ListOrder& order) {
  if (order.by != RankBy::rating) metadata[kRankByKey] = to_string(order.by);
  if (order.prior.strength > 0) metadata[kSupportPriorKey] = to_string(order.prior);
  if (order.risk != 0) metadata[kRiskKey] = fmt::format("{}", order.risk);
}

bool is_order_setting(std::string_view name) {
  const std::vector<std::string> names = order_settings();
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool set_order(ListOrder& order, std::string_view name, std::string_view value) {
  if (name == "rank-by") order.by = parse_rank_by(value);
  if (name == "support-prior") order.prior = parse_support_prior(value);
  if (name == "risk") order.risk = parse_risk(value);
  return is_order_setting(name);
}

}  // namespace tusk
