// The two fusions of a hybrid's lists: by ranks, and exposure times preference.
#include <vector>

#include <gtest/gtest.h>

#include <tusk/models.hpp>

#include "models/hybrid/exposure.hpp"
#include "models/hybrid/rank_fusion.hpp"

namespace tusk {
namespace {

TEST(RankFusion, RanksShareTies) {
  const std::vector<float> scores = {0.5f, 0.9f, 0.5f, 0.1f};
  EXPECT_EQ(ranks_of(scores, 10), (std::vector<int>{2, 1, 2, 4}));
  EXPECT_EQ(ranks_of(scores, 1), (std::vector<int>{0, 1, 0, 0}));
  EXPECT_EQ(ranks_of(scores, 2), (std::vector<int>{2, 1, 2, 0})) << "a tie is on the list whole";
  EXPECT_EQ(ranks_of(scores, 10, 0.5f), (std::vector<int>{0, 1, 0, 0})) << "only what is above";
  EXPECT_EQ(ranks_of(scores, 10, 1), (std::vector<int>{0, 0, 0, 0}));
  EXPECT_TRUE(ranks_of({}, 3).empty());
}

TEST(RankFusion, AddsReciprocalRanks) {
  const std::vector<int> first = {1, 2, 0};
  const std::vector<int> second = {0, 1, 3};
  const std::vector<RankedPart> parts = {{first, 0.6f}, {second, 0.4f}};
  const auto sum = fused(parts, 60);
  EXPECT_NEAR(sum[0], 0.6 / 61, 1e-9);
  EXPECT_NEAR(sum[1], 0.6 / 62 + 0.4 / 61, 1e-9);
  EXPECT_NEAR(sum[2], 0.4 / 63, 1e-9);
}

TEST(RankFusion, TiesAreDecidedByRatingAndThenBySimilarity) {
  const std::vector<double> sum = {0.01, 0.02, 0.01, 0.01, 0.01, 0};
  const std::vector<float> similarity = {0.1f, 0, 0.3f, 0.1f, 0.1f, 1};
  const std::vector<float> rating = {3, 1, 3, 3, 5, 5};
  const auto scores = without_ties(sum, rating, similarity);
  EXPECT_GT(scores[1], scores[4]);
  EXPECT_GT(scores[4], scores[2]) << "the higher rating";
  EXPECT_GT(scores[2], scores[0]) << "the higher similarity";
  EXPECT_EQ(scores[0], scores[3]) << "no difference at all";
  EXPECT_GT(scores[3], scores[5]);
  EXPECT_EQ(scores[5], 0) << "on no list";
}

TEST(Preference, IsTheChanceOfARatingAboveTheMiddle) {
  const std::vector<float> ratings = {2, 4};  // of standard deviation 1
  HybridOptions options;
  options.preference_middle = 3.0f;
  options.preference_spread = 2;
  options.preference_power = 1;
  const Preference preference(options, {1, 5}, ratings);
  EXPECT_NEAR(preference(3), 0.5, 1e-12);
  EXPECT_NEAR(preference(5), 0.841344746, 1e-8);
  EXPECT_NEAR(preference(1), 0.158655254, 1e-8);
  options.preference_power = 2;
  EXPECT_NEAR(Preference(options, {1, 5}, ratings)(3), 0.25, 1e-12);
  options.preference_power = 0;
  EXPECT_EQ(Preference(options, {1, 5}, ratings)(-1e6), 1) << "no matter how it is liked";
  EXPECT_GT(Preference(options, {1, 5}, std::vector<float>(3, 4.0f))(4), 0) << "equal ratings";
}

TEST(Preference, HasItsMiddleAtTheSamePlaceOfEveryScale) {
  const std::vector<float> ratings = {1, 2};
  HybridOptions options;
  options.preference_power = 1;
  const auto at = [&](RatingScale scale, double rating) {
    return Preference(options, scale, ratings)(rating);
  };
  EXPECT_NEAR(at({1, 5}, 3.5), 0.5, 1e-6);
  EXPECT_NEAR(at({0.5f, 5}, 3.5), 0.5, 1e-6);
  EXPECT_NEAR(at({0, 100}, 62.5), 0.5, 1e-6);
}

}  // namespace
}  // namespace tusk
