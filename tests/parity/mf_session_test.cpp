// MfSession.
#include <algorithm>
#include <cmath>
#include <vector>

#include "backend/backend.hpp"
#include "tests/parity/mf_session_fixture.hpp"

namespace tusk {
namespace {

TEST_P(MfSessionTest, CommutingUpdatesMatchTheDefinition) {
  const auto ratings = test::commuting_ratings(50);
  const Dataset data = make_dataset(50, 50, ratings);
  const auto label = all_zero(data);
  for (const int factors : {1, 2, 15, 16, 17, 33, 64, 96, 128, 200, 256, 257, 300, 512, 513}) {
    for (const bool biased : {true, false}) {
      MfParams params = test::coarse_params(factors);
      params.biased = biased;
      const auto session = backend_->open_mf(problem(data, label, params));
      auto reference = test::reference_of(session->state(0));
      for (int epoch = 0; epoch < 3; ++epoch) {
        double squared = 0;
        for (const auto& r : ratings) {
          squared += std::pow(reference.update(params, r.user, r.item, r.value), 2);
        }
        const auto error = session->run_epoch(std::vector<float>{1.0f});
        EXPECT_EQ(error[0].count, 50);
        EXPECT_NEAR(error[0].sum, squared, 10 * GetParam().tolerance * squared);
      }
      EXPECT_LT(test::largest_difference(reference, session->state(0)), GetParam().tolerance)
          << factors << " factors";
      EXPECT_EQ(session->state(0).user_bias.size(), biased ? 50u : 0u);
    }
  }
}

// A single item's ratings are in one block, and a block's runs are visited in an order that the
// reference can follow if every run has one rating.
TEST_P(MfSessionTest, OneUserOneItemOneRating) {
  const Dataset data = make_dataset(1, 1, {{0, 0, 5}});
  const auto label = all_zero(data);
  const MfParams params = test::coarse_params(3);
  const auto session = backend_->open_mf(problem(data, label, params));
  auto reference = test::reference_of(session->state(0));
  for (int epoch = 0; epoch < 50; ++epoch) {
    reference.update(params, 0, 0, 5);
    session->run_epoch(std::vector<float>{1.0f});
  }
  EXPECT_LT(test::largest_difference(reference, session->state(0)), GetParam().tolerance);
}

TEST_P(MfSessionTest, TrainsToTheErrorOfASequentialReference) {
  const Dataset data = random_dataset(300, 200, 20'000, 1);
  const auto label = all_zero(data);
  const MfParams params = test::coarse_params(8);
  const auto session = backend_->open_mf(problem(data, label, params));
  auto reference = test::reference_of(session->state(0));
  std::vector<std::pair<Index, std::size_t>> order;
  data.ratings().each([&](Index user, std::size_t at) { order.emplace_back(user, at); });
  RandomSequence random(1, 1);
  double reference_sum = 0;
  double sum = 0;
  for (int epoch = 0; epoch < 12; ++epoch) {
    random.shuffle(order);
    reference_sum = 0;
    for (const auto& [u, at] : order) {
      reference_sum += std::pow(reference.update(params, u, data.item[at], data.rating[at]), 2);
    }
    sum = session->run_epoch(std::vector<float>{1.0f})[0].sum;
  }
  const auto ratings = static_cast<double>(data.size());
  EXPECT_NEAR(std::sqrt(sum / ratings), std::sqrt(reference_sum / ratings), 0.004);
}

TEST_P(MfSessionTest, GivesTheSameBitsAgainAndWithOneThread) {
  if (!GetParam().same_bits) GTEST_SKIP() << "threads that race do not give the same bits twice";
  const Dataset data = random_dataset(300, 200, 20'000, 2);
  std::vector<Label> label = all_zero(data);
  for (std::size_t at = 0; at < label.size(); at += 10) label[at] = 9;
  const LabelSet held = LabelSet().set(9);
  const MfProblem parts = problem(data, label, test::coarse_params(20), ~held, held);
  const auto other = GetParam().same_bits();
  const auto a = backend_->open_mf(parts);
  const auto b = other->open_mf(parts);
  for (int epoch = 0; epoch < 4; ++epoch) {
    EXPECT_EQ(a->run_epoch(std::vector<float>{1.0f})[0].sum,
              b->run_epoch(std::vector<float>{1.0f})[0].sum);
    EXPECT_EQ(a->validate()[0].squared, b->validate()[0].squared);
    EXPECT_EQ(a->validate()[0].absolute, b->validate()[0].absolute);
  }
  EXPECT_EQ(a->state(0).user_factors, b->state(0).user_factors);
  EXPECT_EQ(a->state(0).item_factors, b->state(0).item_factors);
  EXPECT_EQ(a->state(0).user_bias, b->state(0).user_bias);
}

TEST_P(MfSessionTest, ValidatesClippedPredictionsOfTheHeldOutRatings) {
  const Dataset data = random_dataset(60, 50, 1'500, 4);
  std::vector<Label> label = all_zero(data);
  for (std::size_t at = 0; at < label.size(); at += 3) label[at] = 9;
  MfParams params = test::coarse_params(20);
  params.init_std = 0.6f;  // so that some predictions leave the scale
  const LabelSet held = LabelSet().set(9);
  const auto session = backend_->open_mf(problem(data, label, params, ~held, held));
  session->run_epoch(std::vector<float>{1.0f});
  const auto reference = test::reference_of(session->state(0));
  double sum = 0;
  double distance = 0;
  std::int64_t count = 0;
  int clipped = 0;
  data.ratings().each([&](Index user, std::size_t at) {
    if (label[at] != 9) return;
    const double raw = reference.predict(user, data.item[at]);
    const double predicted = std::clamp(raw, 1.0, 5.0);
    clipped += raw != predicted ? 1 : 0;
    sum += std::pow(data.rating[at] - predicted, 2);
    distance += std::abs(data.rating[at] - predicted);
    ++count;
  });
  ASSERT_GT(clipped, 10);
  EXPECT_EQ(session->validate()[0].count, count);
  EXPECT_NEAR(session->validate()[0].squared, sum, 1e-4 * sum);
  EXPECT_NEAR(session->validate()[0].absolute, distance, 1e-4 * distance);
}

TEST_P(MfSessionTest, CheckpointIsWhatStateReturnsAndRetireStops) {
  const Dataset data = random_dataset(60, 50, 1'500, 4);
  const auto label = all_zero(data);
  const auto session = backend_->open_mf(problem(data, label, test::coarse_params(5)));
  session->run_epoch(std::vector<float>{1.0f});
  const MfState first = session->state(0);
  session->checkpoint(0);
  session->run_epoch(std::vector<float>{1.0f});
  EXPECT_EQ(session->state(0).user_factors, first.user_factors);
  session->checkpoint(0);
  const MfState second = session->state(0);
  EXPECT_NE(second.user_factors, first.user_factors);
  session->retire(0);
  const auto error = session->run_epoch(std::vector<float>{1.0f});
  EXPECT_EQ(error[0].count, 0);
  EXPECT_EQ(session->validate()[0].count, 0);
  EXPECT_EQ(session->state(0).user_factors, second.user_factors);
}

TEST_P(MfSessionTest, AZeroRateChangesNothing) {
  const Dataset data = random_dataset(60, 50, 1'500, 4);
  const auto label = all_zero(data);
  const auto session = backend_->open_mf(problem(data, label, test::coarse_params(5)));
  const MfState before = session->state(0);
  session->run_epoch(std::vector<float>{0.0f});
  EXPECT_EQ(session->state(0).user_factors, before.user_factors);
  EXPECT_EQ(session->state(0).item_bias, before.item_bias);
}

// With factors of nearly nothing the biases after an epoch depend on the order of the ratings
// alone.
TEST_P(MfSessionTest, TheSeedAndTheEpochDrawTheOrder) {
  const Dataset data = random_dataset(300, 200, 20'000, 5);
  const auto label = all_zero(data);
  const auto biases = [&](std::uint64_t seed, int idle_epochs) {
    MfParams params = test::coarse_params(4);
    params.init_std = 1e-30f;
    params.seed = seed;
    const auto session = backend_->open_mf(problem(data, label, params));
    for (int epoch = 0; epoch < idle_epochs; ++epoch) session->run_epoch({{0.0f}});
    session->run_epoch({{1.0f}});
    return session->state(0).user_bias;
  };
  EXPECT_TRUE(!GetParam().same_bits || biases(1, 0) == biases(1, 0));
  EXPECT_NE(biases(1, 0), biases(2, 0));
  EXPECT_NE(biases(1, 0), biases(1, 1));
}

TEST_P(MfSessionTest, TheSeedDrawsTheFactors) {
  const Dataset data = random_dataset(30, 20, 200, 5);
  const auto label = all_zero(data);
  MfParams params = test::coarse_params(4);
  const auto first = backend_->open_mf(problem(data, label, params))->state(0);
  params.seed = 99;
  const auto second = backend_->open_mf(problem(data, label, params))->state(0);
  EXPECT_NE(first.user_factors, second.user_factors);
  EXPECT_NE(first.item_factors, second.item_factors);
}

TEST_P(MfSessionTest, TheRateOfAnEpochScalesAllLearningRates) {
  // Of ratings that commute, threads that race make the same bits, too.
  const Dataset data = make_dataset(30, 30, test::commuting_ratings(30));
  const auto label = all_zero(data);
  MfParams params = test::coarse_params(4);
  const auto scaled = backend_->open_mf(problem(data, label, params));
  scaled->run_epoch({{0.5f}});
  params.user_learning_rate /= 2;
  params.item_learning_rate /= 2;
  params.bias_learning_rate /= 2;
  const auto halved = backend_->open_mf(problem(data, label, params));
  halved->run_epoch({{1.0f}});
  EXPECT_EQ(scaled->state(0).user_factors, halved->state(0).user_factors);
  EXPECT_EQ(scaled->state(0).item_factors, halved->state(0).item_factors);
  EXPECT_EQ(scaled->state(0).user_bias, halved->state(0).user_bias);
}

// The longest rows that there are, and all lengths beside which a kernel ends.
TEST_P(MfSessionTest, TakesAnyNumberOfFactors) {
  const Dataset data = make_dataset(2, 2, {{0, 1, 5}, {1, 0, 2}});
  const auto label = all_zero(data);
  for (const int factors : {160, 161, 192, 224, 225, 384, 385, 1000, 4095, 4096}) {
    MfParams params = test::coarse_params(factors);
    params.init_std = 0.02f;
    const auto session = backend_->open_mf(problem(data, label, params));
    auto reference = test::reference_of(session->state(0));
    for (int epoch = 0; epoch < 2; ++epoch) {
      reference.update(params, 0, 1, 5);
      reference.update(params, 1, 0, 2);
      EXPECT_EQ(session->run_epoch({{1.0f}})[0].count, 2);
    }
    EXPECT_LT(test::largest_difference(reference, session->state(0)), GetParam().tolerance)
        << factors << " factors";
  }
}

// One user, one item, and users whose histories are longer than a GPU trains in one go.
TEST_P(MfSessionTest, TrainsOddShapes) {
  struct Shape {
    Index users;
    Index items;
    std::int64_t ratings;
  };
  for (const auto& [users, items, size] : {Shape{1, 60, 60}, Shape{60, 1, 60}, Shape{1, 3000, 3000},
                                           Shape{3, 2000, 5000}, Shape{2000, 3, 5000}}) {
    const Dataset data = random_dataset(users, items, size, 6);
    const auto label = all_zero(data);
    const MfParams params = test::coarse_params(33);
    const auto session = backend_->open_mf(problem(data, label, params));
    auto reference = test::reference_of(session->state(0));
    double expected = 0;
    double sum = 0;
    for (int epoch = 0; epoch < 8; ++epoch) {
      expected = 0;
      data.ratings().each([&](Index user, std::size_t at) {
        expected += std::pow(reference.update(params, user, data.item[at], data.rating[at]), 2);
      });
      const auto error = session->run_epoch({{1.0f}})[0];
      EXPECT_EQ(error.count, data.size());
      sum = error.sum;
    }
    const auto ratings = static_cast<double>(data.size());
    EXPECT_NEAR(std::sqrt(sum / ratings), std::sqrt(expected / ratings), 0.1)
        << users << " users, " << items << " items";
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, MfSessionTest, testing::ValuesIn(backends()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace tusk
