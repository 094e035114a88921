// Biases of users on days and of items in periods: what `bayes` predicts at a time.
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/tusk.hpp>

#include "algebra/random_draws.hpp"
#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "models/bayes/bayes_state.hpp"
#include "models/bayes/time_biases.hpp"
#include "support/philox.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/random_matrices.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

constexpr std::int64_t kDay = kSecondsOfADay;

TEST(RatedPeriods, AreFoundByTimeWithinTheirRow) {
  SparseMatrixOf ratings;
  ratings.columns = 3;
  ratings.offset = {0, 3, 3, 5};
  ratings.column = {0, 1, 2, 0, 2};
  ratings.value = {1, 1, 1, 1, 1};
  const std::vector<std::int64_t> time = {kDay, kDay - 1, 2 * kDay - 1, -1, kNoTime};
  const RatedPeriods days(ratings.view(), time, kDay);
  EXPECT_EQ(days.offset(), (std::vector<std::int64_t>{0, 2, 2, 3}));
  EXPECT_EQ(days.period(), (std::vector<std::int64_t>{0, 1, -1}));
  EXPECT_EQ(days.find(0, 0), 0);
  EXPECT_EQ(days.find(0, kDay), 1);
  EXPECT_EQ(days.find(0, 2 * kDay), kNone);
  EXPECT_EQ(days.find(0, -1), kNone);
  EXPECT_EQ(days.find(1, 0), kNone);
  EXPECT_EQ(days.find(2, -kDay), 2);
  EXPECT_EQ(days.find(2, -kDay - 1), kNone);
  EXPECT_EQ(days.find(2, kNoTime), kNone);
  EXPECT_EQ(days.find(2, std::numeric_limits<std::int64_t>::max()), kNone);
  const TimeGroups groups(ratings.view(), time);
  EXPECT_EQ(groups.user_group, (std::vector<Index>{1, 0, 1, 2, kNone}));
  EXPECT_EQ(groups.periods.offset().size(), 4u);
  EXPECT_EQ(groups.item_group[4], kNone);
  EXPECT_NE(groups.item_group[0], groups.item_group[3]);  // of one item, far apart
}

TEST(RatedPeriods, AboutSoManyHoldAllTimes) {
  for (const std::int64_t last : {0, 1, 29, 30, 31, 1'000'003}) {
    const std::vector<std::int64_t> time = {last, kNoTime, 0};
    const std::int64_t length = period_length(time, 30);
    EXPECT_GE(length, 1);
    EXPECT_LT(last / length, 30) << last;
  }
}

class BayesTimeTest : public testing::Test {
 protected:
  // Ratings with a strong mood of the user on each of five days.
  static Dataset moody() {
    RandomSequence random(7, 1);
    std::vector<double> mood(60 * 5);
    for (double& one : mood) one = draw_normal(random);
    std::vector<test::Rating> ratings;
    for (Index user = 0; user < 60; ++user) {
      for (Index item = 0; item < 60; ++item) {
        if (random.below(2) != 0) continue;
        const auto day = static_cast<std::int64_t>(random.below(5));
        const double rating =
            3 + mood[static_cast<std::size_t>(user * 5 + day)] + 0.5 * draw_normal(random);
        ratings.push_back({user, item, static_cast<float>(rating),
                           kDay * (10'000 + 400 * day) + random.below(1000)});
      }
    }
    return test::make_dataset(61, 61, ratings);
  }
  static BayesOptions some_options() {
    BayesOptions options;
    options.factors = 2;
    options.sweeps = 60;
    options.burn_in = 20;
    options.draws = 24;
    options.time = true;
    return options;
  }
  static const BayesDraws& draws_of(const Model& model) {
    return dynamic_cast<const BayesState&>(model.learned()).draws();
  }

  // The predictions of all ratings, at their times.
  std::vector<float> scores(const Model& model) const {
    const std::vector<Label> label(data_.rating.size(), 0);
    const RatingList list = select_ratings(data_, label, only(0));
    std::vector<float> scores;
    for (const Prediction& one :
         model.open(*backend_)->predict_at(list.user, list.item, list.time)) {
      scores.push_back(one.score);
    }
    return scores;
  }

  const Dataset data_ = moody();
  const std::unique_ptr<Backend> backend_ = make_cpu_backend(2);
};

TEST_F(BayesTimeTest, TimesMakePredictionsBetter) {
  const Partition split = make_split(data_, parse_split("random:0.2"), 1);
  BayesOptions options = some_options();
  const Model model = train(*backend_, data_, options, split);
  EXPECT_TRUE(model.learned().uses_times());
  RatingList test = select_ratings(data_, split.label, split.test);
  const RatingMetrics with = evaluate(*backend_, model, test);
  EXPECT_LT(with.all.rmse(), 0.8);
  EXPECT_NEAR(with.calibration.coverage_90(), 0.9, 0.05);
  test.time.clear();
  const RatingMetrics without = evaluate(*backend_, model, test);
  EXPECT_GT(without.all.rmse(), 0.9);
  // A deviation knows that the mood is not known.
  EXPECT_NEAR(without.calibration.coverage_90(), 0.9, 0.05);
  options.time = false;
  const Model plain = train(*backend_, data_, options, split);
  EXPECT_FALSE(plain.learned().uses_times());
  EXPECT_NEAR(evaluate(*backend_, plain, test).all.rmse(), without.all.rmse(), 0.1);
}

TEST_F(BayesTimeTest, PredictionsAreThoseOfTheDraws) {
  const Model model = train(*backend_, data_, some_options());
  const BayesDraws& draws = draws_of(model);
  const auto predictor = model.open(*backend_);
  const std::int64_t known = data_.timestamp[0];
  const std::vector<Index> user = {0, 0, 0, kNone, 60, 0};
  const Index rated = data_.item[0];
  const std::vector<Index> item = {rated, rated, rated, rated, rated, kNone};
  const std::vector<std::int64_t> time = {known, known + 7 * kDay, kNoTime, known, known, known};
  const auto predictions = predictor->predict_at(user, item, time);
  const auto deviations = predictor->deviations_at(user, item, time);
  const auto count = static_cast<std::size_t>(draws.count);
  const auto width = static_cast<std::size_t>(draws.width);
  ASSERT_EQ(draws.user_times.precision.size(), count);
  for (std::size_t p = 0; p < user.size(); ++p) {
    const Index u = user[p] == kNone ? draws.users : user[p];
    const Index i = item[p] == kNone ? draws.items : item[p];
    const float* const x = draws.user_row(u);
    const float* const y = draws.item_row(i);
    const Index day = draws.user_times.periods.find(u, time[p]);
    const Index period = draws.item_times.periods.find(i, time[p]);
    EXPECT_EQ(day != kNone, p == 0 || p == 5) << p;
    EXPECT_EQ(period != kNone, p != 2 && p != 5) << p;
    double noise = 0;
    std::vector<double> value(count);
    double mean = 0;
    for (std::size_t s = 0; s < count; ++s) {
      double sum = static_cast<double>(x[(width - 1) * count + s] + y[(width - 1) * count + s]);
      for (std::size_t f = 0; f + 1 < width; ++f) {
        sum += static_cast<double>(x[f * count + s]) * static_cast<double>(y[f * count + s]);
      }
      double variance = 1 / static_cast<double>(draws.alpha[s]);
      for (const auto& [biases, found] :
           {std::pair(&draws.user_times, day), std::pair(&draws.item_times, period)}) {
        if (found == kNone) {
          variance += 1 / static_cast<double>(biases->precision[s]);
        } else {
          sum += static_cast<double>(biases->bias[static_cast<std::size_t>(found) * count + s]);
        }
      }
      value[s] = static_cast<double>(draws.mean) + static_cast<double>(draws.spread) * sum;
      mean += value[s] / draws.count;
      noise += std::pow(static_cast<double>(draws.spread), 2) * variance / draws.count;
    }
    for (const double one : value) noise += std::pow(one - mean, 2) / (draws.count - 1);
    EXPECT_NEAR(predictions[p].score, mean, 1e-4) << p;
    EXPECT_NEAR(deviations[p], std::sqrt(noise), 1e-4) << p;
  }
  EXPECT_NE(predictions[0].score, predictions[2].score);
  EXPECT_EQ(predictor->predict({{0}}, {{rated}}).front().score, predictions[2].score);
  EXPECT_EQ(predictor->deviations({{0}}, {{rated}}).front(), deviations[2]);
  EXPECT_EQ(predictor->rank(RankBy::rating, {{Index{0}}}, {{kNone}}).front().score,
            predictor->predict({{0}}, {{kNone}}).front().score);
  // A user who is folded in has no day.
  const auto folded = predictor->fold_in(data_.ratings());
  EXPECT_EQ(folded->predict_at({{0}}, {{kNone}}, {{known}}).front().score,
            folded->predict({{0}}, {{kNone}}).front().score);
  EXPECT_NE(folded->predict_at({{0}}, {{rated}}, {{known}}).front().score,
            folded->predict({{0}}, {{rated}}).front().score);
}

TEST_F(BayesTimeTest, NeitherThreadsNorAFileChangeABit) {
  for (const int chains : {1, 3}) {
    BayesOptions options = some_options();
    options.chains = chains;
    const Model model = train(*make_cpu_backend(1), data_, options);
    EXPECT_EQ(scores(train(*make_cpu_backend(3), data_, options)), scores(model));
    const test::TempFolder folder;
    save_model(model, folder.path() / "m");
    const Model loaded = load_model(folder.path() / "m");
    EXPECT_TRUE(loaded.learned().uses_times());
    EXPECT_EQ(loaded.metadata.at("time"), "true");
    EXPECT_EQ(scores(loaded), scores(model));
  }
}

TEST_F(BayesTimeTest, AnInterruptKeepsTheBiasesOfItsDraws) {
  int sweeps = 0;
  Observer observer;
  observer.on_epoch = [&](std::span<const EpochReport>) { ++sweeps; };
  observer.should_stop = [&] { return sweeps == 30; };
  const Model stopped = train(*backend_, data_, some_options(), {}, observer);
  const BayesDraws& draws = draws_of(stopped);
  EXPECT_EQ(draws.count, 6);
  EXPECT_EQ(draws.item_times.precision.size(), 6u);
  EXPECT_EQ(draws.user_times.bias.size(), 6 * draws.user_times.periods.period().size());
  for (const float precision : draws.user_times.precision) EXPECT_GT(precision, 0);
}

TEST_F(BayesTimeTest, SomeTimesAreEnoughAndNoneAreRefused) {
  const Dataset one = test::make_dataset(1, 1, {{0, 0, 5, 1'000'000}});
  const Model smallest = train(*backend_, one, some_options());
  EXPECT_TRUE(std::isfinite(smallest.open(*backend_)->deviations({{0}}, {{0}}).front()));
  Dataset some = data_;
  for (std::size_t at = 1; at < some.timestamp.size(); ++at) some.timestamp[at] = kNoTime;
  EXPECT_EQ(draws_of(train(*backend_, some, some_options())).user_times.periods.period().size(),
            1u);
  some.timestamp[0] = kNoTime;
  EXPECT_THROW(train(*backend_, some, some_options()), InputError);
  some.timestamp.clear();
  EXPECT_THROW(train(*backend_, some, some_options()), InputError);
  BayesOptions flat = some_options();
  flat.draws = 0;
  try {
    train(*backend_, data_, flat);
    FAIL() << "there are no draws of the biases";
  } catch (const ParameterError& error) {
    EXPECT_EQ(error.name(), "time");
  }
}

}  // namespace
}  // namespace tusk
