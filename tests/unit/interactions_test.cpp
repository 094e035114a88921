// What ratings and weights count in training of models that make lists.
#include "train/interactions.hpp"

#include <cmath>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/ranking.hpp>
#include <tusk/tusk.hpp>

#include "tests/support/datasets.hpp"

namespace tusk {
namespace {

Dataset weights(const std::vector<float>& values) {
  std::vector<std::int64_t> user(values.size(), 1);
  std::vector<std::int64_t> item;
  for (std::size_t i = 0; i < values.size(); ++i) item.push_back(static_cast<std::int64_t>(i));
  ReadOptions options;
  options.implicit = true;
  return Dataset::from_arrays(std::span<const std::int64_t>(user),
                              std::span<const std::int64_t>(item), values, {}, options);
}

SparseMatrixOf of_all(const Dataset& data, const InteractionOptions& options) {
  const std::vector<Label> label(data.rating.size(), 0);
  return interactions_of_part(data, label, only(0), options);
}

TEST(Interactions, RelevanceFollowsTheScale) {
  EXPECT_EQ(usual_relevance({1, 5}), 4);
  EXPECT_EQ(usual_relevance({0.5f, 5}), 4);
  EXPECT_EQ(usual_relevance({2, 4}), 4);
  EXPECT_EQ(usual_relevance({4.5f, 4.5f}), 4);
  EXPECT_EQ(usual_relevance({0, 100}), 75);
  EXPECT_EQ(usual_relevance({1, 9}), 7);
  EXPECT_EQ(usual_relevance({-10, 10}), 5);
  EXPECT_EQ(usual_relevance({0, 1}), 0.75f);
  EXPECT_EQ(usual_relevance({1, 1}), 1);  // all are liked
}

TEST(Interactions, RatingsBelowRelevanceCountLessOrNothing) {
  const Dataset data =
      test::make_dataset(2, 4, {{0, 0, 5}, {0, 1, 4}, {0, 3, 3.5f}, {1, 1, 1}, {1, 2, 4}});
  const SparseMatrixOf half = of_all(data, {.low_weight = 0.5f});
  EXPECT_EQ(half.offset, (std::vector<std::int64_t>{0, 3, 5}));
  EXPECT_EQ(half.column, (std::vector<Index>{0, 1, 3, 1, 2}));
  EXPECT_EQ(half.value, (std::vector<float>{1, 1, 0.5f, 0.5f, 1}));
  EXPECT_EQ(half.columns, 4);
  const SparseMatrixOf liked = of_all(data, {.low_weight = 0});
  EXPECT_EQ(liked.offset, (std::vector<std::int64_t>{0, 2, 3}));
  EXPECT_EQ(liked.column, (std::vector<Index>{0, 1, 2}));
  EXPECT_EQ(of_all(data, {.relevance = 3.5f, .low_weight = 0}).column,
            (std::vector<Index>{0, 1, 3, 2}));
}

TEST(Interactions, OnlyThePartCounts) {
  const Dataset data = test::make_dataset(2, 2, {{0, 0, 5}, {0, 1, 5}, {1, 1, 5}});
  const std::vector<Label> label = {0, 1, 1};
  const SparseMatrixOf part = interactions_of_part(data, label, only(1), {});
  EXPECT_EQ(part.offset, (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(part.column, (std::vector<Index>{1, 1}));
}

TEST(Interactions, WeightsCountInFullUnlessARelevanceIsGiven) {
  const Dataset data = weights({0.5f, 1, 7});
  EXPECT_EQ(of_all(data, {.low_weight = 0}).value, (std::vector<float>{1, 1, 1}));
  EXPECT_EQ(of_all(data, {.weighting = Weighting::linear}).value, (std::vector<float>{0.5f, 1, 7}));
  EXPECT_EQ(of_all(data, {.weighting = Weighting::log}).value,
            (std::vector<float>{std::log2(1.5f), 1, 3}));
  EXPECT_EQ(
      of_all(data, {.relevance = 1, .low_weight = 0.5f, .weighting = Weighting::linear}).value,
      (std::vector<float>{0.25f, 1, 7}));
}

TEST(Interactions, NewUsersHaveTheSameFormula) {
  const Dataset data =
      test::make_dataset(2, 4, {{0, 0, 5}, {0, 1, 4}, {0, 3, 3.5f}, {1, 1, 1}, {1, 2, 4}});
  const InteractionOptions options{.relevance = 4, .low_weight = 0.3f};
  const SparseMatrixOf trained = of_all(data, options);
  const SparseMatrixOf folded = weighted(data.ratings(), {options, data.scale, false});
  EXPECT_EQ(folded.offset, trained.offset);
  EXPECT_EQ(folded.column, trained.column);
  EXPECT_EQ(folded.value, trained.value);
}

TEST(Interactions, DataWithoutAnyAreRefused) {
  const Dataset data = test::make_dataset(1, 2, {{0, 0, 1}, {0, 1, 2}});
  EXPECT_THROW(of_all(data, {.relevance = 4, .low_weight = 0}), InputError);
  EXPECT_EQ(of_all(data, {.relevance = 4, .low_weight = 0.1f}).column.size(), 2u);
}

TEST(Interactions, RatingsHaveNoWeighting) {
  const Dataset data = test::make_dataset(1, 2, {{0, 0, 1}, {0, 1, 2}});
  EXPECT_THROW(of_all(data, {.weighting = Weighting::log}), ParameterError);
}

TEST(Interactions, LinearWeightsMayBeTooLarge) {
  const auto error = [](const auto& work) -> std::string {
    try {
      work();
    } catch (const ParameterError& problem) {
      return problem.what();
    }
    return "";
  };
  const Dataset larger = weights({1, 2e9f});
  EXPECT_EQ(error([&] { of_all(larger, {.weighting = Weighting::linear}); }),
            "weighting linear counts up to 2e+09, too large to train on; log, binary or larger "
            "units count less");
  for (const Weighting weighting : {Weighting::binary, Weighting::log}) {
    EXPECT_EQ(error([&] { of_all(larger, {.weighting = weighting}); }), "");
  }
  // Their squares are too large for files where users are fewer than items.
  const Dataset large = weights({1e8f, 1e8f, 1e8f});
  EaseOptions options;
  options.interactions.weighting = Weighting::linear;
  const auto device = open_device({"cpu", 1});
  EXPECT_TRUE(
      error([&] { train(*device, large, options); }).starts_with("weighting linear counts"));
}

}  // namespace
}  // namespace tusk
