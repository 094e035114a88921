// Slope One by its definition, with and without the table of all pairs of items.
#include <cmath>
#include <memory>
#include <numeric>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/tusk.hpp>

#include "cpu/cpu_backend.hpp"
#include "lists/list_scorer.hpp"
#include "models/slope_one/slope_one_predictor.hpp"
#include "tests/support/datasets.hpp"

namespace tusk {
namespace {

constexpr Index kSlopeUsers = 30;
constexpr Index kSlopeItems = 25;

class SlopeOneTest : public testing::Test {
 protected:
  const Dataset data_ = test::random_dataset(kSlopeUsers, kSlopeItems, 260, 5);
  const std::unique_ptr<Backend> backend_ = make_cpu_backend(1);
  const Model model_ = train(*backend_, data_, SlopeOneOptions());

  std::optional<double> rating(Index user, Index item) const {
    const CsrView ratings = data_.ratings();
    const auto row = ratings.row(user);
    for (std::size_t n = 0; n < row.size(); ++n) {
      if (row[n] != item) continue;
      return ratings
          .value[static_cast<std::size_t>(ratings.offset[static_cast<std::size_t>(user)]) + n];
    }
    return std::nullopt;
  }

  double by_definition(Index user, Index item) const {
    double mean = 0;
    double rated = 0;
    double slope = 0;
    double slopes = 0;
    for (Index other = 0; other < kSlopeItems; ++other) {
      if (!rating(user, other)) continue;
      mean += *rating(user, other);
      ++rated;
      double difference = 0;
      double both = 0;
      for (Index v = 0; v < kSlopeUsers; ++v) {
        if (other == item || !rating(v, item) || !rating(v, other)) continue;
        difference += *rating(v, item) - *rating(v, other);
        ++both;
      }
      if (both == 0) continue;
      slope += difference / both;
      ++slopes;
    }
    return mean / rated + (slopes > 0 ? slope / slopes : 0);
  }

  std::vector<Prediction> predict(const SlopeOnePredictor& predictor, Index user) const {
    const std::vector<Index> users(kSlopeItems, user);
    return predictor.predict(users, test::first_indices(kSlopeItems));
  }
};

TEST_F(SlopeOneTest, PredictsByTheDefinition) {
  const SlopeOnePredictor predictor(*backend_, model_);
  for (Index user = 0; user < kSlopeUsers; ++user) {
    const auto all = predict(predictor, user);
    for (Index item = 0; item < kSlopeItems; ++item) {
      if (!model_.knows_user(user) || !model_.knows_item(item)) continue;
      EXPECT_NEAR(all[static_cast<std::size_t>(item)].score, by_definition(user, item), 1e-6);
    }
  }
}

// Pair by pair, a user's items at once, before and after the table is made, and without one.
TEST_F(SlopeOneTest, EveryWayGivesTheSameBits) {
  const SlopeOnePredictor without(*backend_, model_, 0);
  const SlopeOnePredictor with(*backend_, model_);
  for (int round = 0; round < 3; ++round) {
    for (Index user = 0; user < kSlopeUsers; ++user) {
      const auto expected = predict(without, user);
      const auto all = predict(with, user);
      for (Index item = 0; item < kSlopeItems; ++item) {
        const auto i = static_cast<std::size_t>(item);
        EXPECT_EQ(all[i].score, expected[i].score);
        EXPECT_EQ(all[i].evidence, expected[i].evidence);
        EXPECT_EQ(with.predict(std::span(&user, 1), std::span(&item, 1))[0].score,
                  expected[i].score);
        EXPECT_EQ(without.predict(std::span(&user, 1), std::span(&item, 1))[0].score,
                  expected[i].score);
      }
    }
  }
}

TEST_F(SlopeOneTest, ItsTableCountsAsMemoryThatListsTake) {
  const std::uint64_t table = std::uint64_t{kSlopeItems} * kSlopeItems * sizeof(float);
  EXPECT_EQ(SlopeOnePredictor(*backend_, model_).table_bytes(RankBy::rating), table);
  EXPECT_EQ(SlopeOnePredictor(*backend_, model_, table - 1).table_bytes(RankBy::rating), 0u);
  EXPECT_EQ(ListScorer(*backend_, model_, {}).state_bytes(), table);
}

TEST_F(SlopeOneTest, AnInterruptInTheMakingOfTheTableIsHeeded) {
  bool stop = false;
  const auto backend = make_cpu_backend(1, cpu_kernels(), [&] { return stop; });
  const SlopeOnePredictor predictor(*backend, model_);
  const auto before = predict(predictor, 0);
  stop = true;
  EXPECT_THROW(
      {
        for (Index user = 0; user < kSlopeUsers; ++user) predict(predictor, user);
      },
      Interrupted);
  stop = false;
  for (int round = 0; round < 3; ++round) {
    for (Index user = 0; user < kSlopeUsers; ++user) predict(predictor, user);
  }
  const auto after = predict(predictor, 0);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_EQ(after[i].score, before[i].score);
}

}  // namespace
}  // namespace tusk
