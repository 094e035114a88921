// Bayesian matrix factorization as a model: predictions, new users, edges, interrupts, files.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/tusk.hpp>

#include "algebra/random_draws.hpp"
#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "model/score.hpp"
#include "models/bayes/bayes_state.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/scores.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

BayesOptions some_options(RatingLinks link = RatingLinks::both) {
  BayesOptions options;
  options.factors = 3;
  options.link = link;
  options.sweeps = 40;
  options.burn_in = 10;
  options.chains = 1;
  options.draws = 12;
  return options;
}

class BayesTest : public testing::Test {
 protected:
  std::vector<float> scores(const Model& model) {
    return test::scores_of(*model.open(*backend_), data_.users.size(), data_.items.size());
  }

  const Dataset data_ = test::random_dataset(70, 50, 900, 5);
  const std::unique_ptr<Backend> backend_ = make_cpu_backend(2);
};

TEST_F(BayesTest, PredictsBetterThanBiases) {
  const Dataset data = test::random_dataset(300, 200, 9000, 5);
  const Partition folds = make_folds(data, parse_folds("3"), 1);
  const auto error = [&](const TrainOptions& options) {
    return spread(cross_validate(*backend_, data, folds, options), &ErrorSums::rmse).mean;
  };
  const double of_biases = error(BiasOptions());
  for (const RatingLinks link : {RatingLinks::none, RatingLinks::both}) {
    BayesOptions options = some_options(link);
    options.sweeps = 120;
    options.draws = 60;
    EXPECT_LT(error(options), of_biases - 0.01) << to_string(link);
  }
}

TEST_F(BayesTest, ThreadsChangeNoBit) {
  for (const int chains : {1, 3}) {
    BayesOptions options = some_options();
    options.chains = chains;
    const Model one = train(*make_cpu_backend(1), data_, options);
    for (const int threads : {2, 3}) {
      const Model other = train(*make_cpu_backend(threads), data_, options);
      EXPECT_EQ(one.state().user_factors, other.state().user_factors);
      EXPECT_EQ(one.state().item_bias, other.state().item_bias);
      EXPECT_EQ(scores(one), scores(other));
    }
  }
}

TEST_F(BayesTest, SeedsAndChainsDiffer) {
  TrainOptions options = some_options();
  const auto first = scores(train(*backend_, data_, options));
  options.as<BayesOptions>().chains = 2;
  EXPECT_NE(scores(train(*backend_, data_, options)), first);
  options.as<BayesOptions>().chains = 1;
  options.seed = 2;
  EXPECT_NE(scores(train(*backend_, data_, options)), first);
}

TEST_F(BayesTest, KeepsAsManyDrawsAsAskedFor) {
  for (const auto& [draws, chains, kept] : {std::tuple(12, 1, "12"), std::tuple(1, 1, "1"),
                                            std::tuple(1000, 2, "60"), std::tuple(7, 3, "7")}) {
    BayesOptions options = some_options();
    options.draws = draws;
    options.chains = chains;
    const Model model = train(*backend_, data_, options);
    EXPECT_EQ(model.metadata.at("kept_draws"), kept);
    for (const float score : scores(model)) ASSERT_TRUE(std::isfinite(score));
  }
}

TEST_F(BayesTest, AMeanOfFactorsIsCloseToTheMeanOfTheDraws) {
  BayesOptions options = some_options();
  options.sweeps = 200;
  options.draws = 50;
  const Model model = train(*backend_, data_, options);
  options.draws = 0;
  const Model flat = train(*backend_, data_, options);
  EXPECT_TRUE(flat.learned().is_dot_product());
  const auto exact = scores(model);
  const auto close = scores(flat);
  double difference = 0;
  double spread = 0;
  double mean = 0;
  for (const float one : exact)
    mean += static_cast<double>(one) / static_cast<double>(exact.size());
  for (std::size_t k = 0; k < exact.size(); ++k) {
    difference += std::pow(static_cast<double>(exact[k] - close[k]), 2);
    spread += std::pow(static_cast<double>(exact[k]) - mean, 2);
  }
  EXPECT_LT(difference, 0.1 * spread);
  EXPECT_GT(difference, 0);
}

TEST_F(BayesTest, SaysWhatAPredictionRestsOn) {
  const Dataset data = test::make_dataset(4, 4, {{0, 0, 5}, {1, 1, 2}, {1, 0, 4}, {2, 1, 1}});
  const Model model = train(*backend_, data, some_options());
  const auto predictor = model.open(*backend_);
  const std::vector<Index> user = {0, 3, 0, 3, kNone, kNone};
  const std::vector<Index> item = {0, 0, 3, 3, kNone, 1};
  const std::vector<Evidence> expected = {Evidence::full,      Evidence::item_only,
                                          Evidence::user_only, Evidence::global,
                                          Evidence::global,    Evidence::item_only};
  const auto predictions = predictor->predict(user, item);
  for (std::size_t p = 0; p < user.size(); ++p) {
    EXPECT_EQ(predictions[p].evidence, expected[p]) << p;
    EXPECT_TRUE(std::isfinite(predictions[p].score));
    EXPECT_TRUE(data.scale.contains(predictions[p].rating));
  }
}

// Whoever has no ratings is, on average over the draws, what the prior expects.
TEST_F(BayesTest, ThoseWithoutRatingsAreAlike) {
  const Dataset data = test::make_dataset(5, 4, {{0, 0, 5}, {1, 1, 2}, {1, 0, 4}, {2, 1, 1}});
  const Model model = train(*backend_, data, some_options());
  EXPECT_NEAR(model.state().user_bias[3], model.state().user_bias[4], 1e-5);
  EXPECT_NEAR(model.state().item_bias[2], model.state().item_bias[3], 1e-5);
  EXPECT_NE(model.state().user_bias[3], model.state().user_bias[0]);
}

TEST_F(BayesTest, DeviationsAreThoseOfTheDrawsAndOfTheNoise) {
  const Model model = train(*backend_, data_, some_options());
  const auto& draws = dynamic_cast<const BayesState&>(model.learned()).draws();
  const auto predictor = model.open(*backend_);
  const std::vector<Index> user = {3, 60, kNone};
  const std::vector<Index> item = {7, 0, 1};
  const std::vector<float> deviations = predictor->deviations(user, item);
  const auto predictions = predictor->predict(user, item);
  ASSERT_EQ(deviations.size(), user.size());
  const auto count = static_cast<std::size_t>(draws.count);
  const auto width = static_cast<std::size_t>(draws.width);
  for (std::size_t p = 0; p < user.size(); ++p) {
    const float* const x = draws.user_row(user[p] == kNone ? draws.users : user[p]);
    const float* const y = draws.item_row(item[p]);
    std::vector<double> value(count);
    double noise = 0;
    double mean = 0;
    double clipped = 0;
    for (std::size_t s = 0; s < count; ++s) {
      double sum = static_cast<double>(x[(width - 1) * count + s] + y[(width - 1) * count + s]);
      for (std::size_t f = 0; f + 1 < width; ++f) {
        sum += static_cast<double>(x[f * count + s]) * static_cast<double>(y[f * count + s]);
      }
      value[s] = static_cast<double>(draws.mean) + static_cast<double>(draws.spread) * sum;
      mean += value[s] / draws.count;
      clipped += static_cast<double>(data_.scale.clip(static_cast<float>(value[s]))) / draws.count;
      noise += std::pow(static_cast<double>(draws.spread), 2) /
               static_cast<double>(draws.alpha[s]) / draws.count;
    }
    double variance = noise;
    for (const double one : value) variance += std::pow(one - mean, 2) / (draws.count - 1);
    EXPECT_NEAR(deviations[p], std::sqrt(variance), 1e-4);
    EXPECT_NEAR(predictions[p].score, mean, 1e-4);
    EXPECT_NEAR(predictions[p].rating, clipped, 1e-4);
  }
}

TEST_F(BayesTest, PredictionsDoNotDependOnThePairsBesideThem) {
  const Model model = train(*backend_, data_, some_options());
  const auto predictor = model.open(*backend_);
  const auto all = test::scores_of(*predictor, data_.users.size(), data_.items.size());
  const auto items = static_cast<std::size_t>(data_.items.size());
  for (const Index user : {0, 13, 69}) {
    for (const Index item : {0, 31}) {
      const float alone = predictor->predict({{user}}, {{item}}).front().score;
      EXPECT_EQ(alone,
                all[static_cast<std::size_t>(user) * items + static_cast<std::size_t>(item)]);
    }
  }
  ASSERT_TRUE(predictor->has_score_rows(RankBy::rating));
  const std::vector<Index> users = {13, 0};
  predictor->score_rows(RankBy::rating, users, [&](std::size_t u, std::span<float> row) {
    ASSERT_EQ(row.size(), items);
    const auto first = static_cast<std::size_t>(users[u]) * items;
    for (std::size_t i = 0; i < items; ++i) EXPECT_NEAR(row[i], all[first + i], 1e-5);
    const Index item = 31;
    EXPECT_EQ(predictor->rank(RankBy::rating, {{users[u]}}, {{item}}).front().score, row[31]);
  });
}

TEST_F(BayesTest, FoldsInNewUsers) {
  for (const RatingLinks link : {RatingLinks::none, RatingLinks::both}) {
    const Model model = train(*backend_, data_, some_options(link));
    const auto predictor = model.open(*backend_);
    const auto folded = predictor->fold_in(data_.ratings());
    // Who is folded in from the ratings of a trained user is predicted about as that user is.
    const auto of_folded = test::scores_of(*folded, data_.users.size(), data_.items.size());
    const auto of_trained = scores(model);
    double difference = 0;
    double spread = 0;
    for (std::size_t k = 0; k < of_folded.size(); ++k) {
      difference += std::pow(static_cast<double>(of_folded[k] - of_trained[k]), 2);
      spread += std::pow(static_cast<double>(of_trained[k] - model.state().mean), 2);
    }
    EXPECT_LT(difference, 0.2 * spread);
    const Prediction one = folded->predict({{0}}, {{0}}).front();
    EXPECT_EQ(one.evidence, Evidence::folded_in);
    const CsrView alone = data_.ratings().some_rows(0, 1);
    EXPECT_EQ(predictor->fold_in(alone)->predict({{0}}, {{0}}).front().score, one.score);
    const std::vector<std::int64_t> nothing = {0, 0};
    const auto nobody = predictor->fold_in({nothing, {}, {}, data_.items.size()});
    EXPECT_EQ(nobody->predict({{0}}, {{3}}).front().evidence, Evidence::item_only);
    EXPECT_NEAR(nobody->predict({{0}}, {{3}}).front().score,
                predictor->predict({{kNone}}, {{3}}).front().score, 0.2);
  }
}

TEST_F(BayesTest, FilesGiveTheSameModel) {
  for (const RatingLinks link : {RatingLinks::none, RatingLinks::items, RatingLinks::both}) {
    for (const int draws : {5, 0}) {
      BayesOptions options = some_options(link);
      options.draws = draws;
      const Model model = train(*backend_, data_, options);
      const test::TempFolder folder;
      save_model(model, folder.path() / "n.st");
      const Model loaded = load_model(folder.path() / "n.st");
      EXPECT_EQ(loaded.algorithm().name, "bayes");
      EXPECT_EQ(scores(loaded), scores(model));
      const auto folded = [&](const Model& one) {
        const auto predictor = one.open(*backend_);
        return test::scores_of(*predictor->fold_in(data_.ratings()), 5, 9);
      };
      EXPECT_EQ(folded(loaded), folded(model));
    }
  }
}

TEST_F(BayesTest, KeepsWhatItHasWhenItIsInterrupted) {
  for (const int stop : {1, 10, 11, 25}) {
    int sweeps = 0;
    Observer observer;
    observer.on_epoch = [&](std::span<const EpochReport>) { ++sweeps; };
    observer.should_stop = [&] { return sweeps == stop; };
    const Model stopped = train(*backend_, data_, some_options(), {}, observer);
    EXPECT_EQ(stopped.metadata.at("interrupted"), "true");
    const test::TempFolder folder;
    save_model(stopped, folder.path() / "n.st");
    EXPECT_EQ(scores(load_model(folder.path() / "n.st")), scores(stopped));
    for (const float score : scores(stopped)) ASSERT_TRUE(std::isfinite(score));
  }
  Observer at_once;
  at_once.should_stop = [] { return true; };
  EXPECT_THROW(train(*backend_, data_, some_options(), {}, at_once), Interrupted);
}

TEST_F(BayesTest, TheSmallestDataAreEnough) {
  for (const RatingLinks link : {RatingLinks::none, RatingLinks::both}) {
    const Model one = train(*backend_, test::make_dataset(1, 1, {{0, 0, 5}}), some_options(link));
    EXPECT_EQ(one.open(*backend_)->predict({{0}}, {{0}}).front().rating, 5);
    const Dataset same = test::make_dataset(3, 2, {{0, 0, 3}, {1, 0, 3}, {1, 1, 3}, {2, 1, 3}});
    const Model constant = train(*backend_, same, some_options(link));
    EXPECT_NEAR(constant.open(*backend_)->predict({{0}}, {{1}}).front().rating, 3, 0.01);
    BayesOptions wide = some_options(link);
    wide.factors = 40;
    for (const float score : scores(train(*backend_, data_, wide))) {
      ASSERT_TRUE(std::isfinite(score));
    }
  }
}

TEST_F(BayesTest, UnitsOfRatingsDoNotMatter) {
  Dataset larger = data_;
  for (float& rating : larger.rating) rating *= 16;
  larger.scale = {16 * data_.scale.low, 16 * data_.scale.high};
  const auto small = scores(train(*backend_, data_, some_options()));
  const auto large = scores(train(*backend_, larger, some_options()));
  for (std::size_t k = 0; k < small.size(); ++k) EXPECT_NEAR(large[k], 16 * small[k], 0.01);
}

TEST_F(BayesTest, OptionsThatMakeNoSenseAreRefused) {
  BayesOptions options;
  options.burn_in = options.sweeps;
  EXPECT_THROW(TrainOptions(options).check(), ParameterError);
  EXPECT_NO_THROW(TrainOptions(BayesOptions()).check());
}

// The accuracy of the defaults; docs/models.md has the figures.
TEST_F(BayesTest, PredictsRealRatings) {
  if (test::sanitized()) GTEST_SKIP() << "this takes minutes";
  TUSK_REAL_DATA(folder, "ml-latest-small");
  const Dataset data = read_dataset(folder);
  const Partition split = make_split(data, parse_split("random:0.2"), 1);
  const Model model = train(*backend_, data, BayesOptions(), split);
  const RatingMetrics metrics =
      evaluate(*backend_, model, select_ratings(data, split.label, split.test));
  EXPECT_LT(metrics.all.rmse(), 0.84);
}

}  // namespace
}  // namespace tusk
