#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/train.hpp>

#include "tests/support/datasets.hpp"

namespace tusk {
namespace {

using test::make_dataset;
using test::random_dataset;

MfOptions quick() {
  MfOptions options;
  options.factors = 8;
  options.learning_rate = 0.03f;
  options.bias_learning_rate = 0.01f;
  options.init_std = 0.05f;
  options.epochs = 40;
  options.early_stop = 10;
  return options;
}

// Whose error on new ratings soon rises again.
MfOptions overfitting() {
  MfOptions options = quick();
  options.regularization = 0;
  options.learning_rate = 0.06f;
  options.epochs = 400;
  return options;
}

class TrainTest : public testing::Test {
 protected:
  std::unique_ptr<Device> device_ = open_device({"cpu", 2});
};

TEST_F(TrainTest, BeatsTheBiasesAndTheMeanOnHeldOutRatings) {
  const Dataset data = random_dataset(200, 100, 8'000, 1);
  const Partition split = make_split(data, parse_split("random:0.2"), 1);
  const auto rmse = [&](std::string_view kind) {
    const TrainOptions options = kind == "mf" ? quick() : TrainOptions(kind);
    const Model model = train(*device_, data, options, split);
    return evaluate(*device_, model, select_ratings(data, split.label, split.test)).all.rmse();
  };
  const double mean = rmse("mean");
  const double bias = rmse("bias");
  const double mf = rmse("mf");
  EXPECT_LT(bias, 0.95 * mean);
  EXPECT_LT(mf, 0.8 * bias);
}

// What is held out must have no influence: change it, and the model stays the same.
TEST_F(TrainTest, NeverLooksAtTheTestPart) {
  const Dataset data = random_dataset(60, 40, 1'000, 2);
  const Partition split = make_split(data, parse_split("random:0.2"), 1);
  Dataset changed = data;
  for (std::size_t at = 0; at < data.rating.size(); ++at) {
    if (split.test.test(split.label[at])) changed.rating[at] = 6 - data.rating[at];
  }
  for (const std::string_view kind : {"mean", "bias", "mf", "popular"}) {
    const TrainOptions options = kind == "mf" ? quick() : TrainOptions(kind);
    const Model a = train(*device_, data, options, split);
    const Model b = train(*device_, changed, options, split);
    EXPECT_EQ(a.state().mean, b.state().mean);
    EXPECT_EQ(a.state().user_bias, b.state().user_bias);
    EXPECT_EQ(a.state().item_factors, b.state().item_factors);
    EXPECT_EQ(a.seen().item, b.seen().item);
  }
}

TEST_F(TrainTest, RefitsOnAllTrainingRatingsForTheEpochsChosen) {
  const Dataset data = random_dataset(100, 80, 3'000, 3);
  MfOptions options = overfitting();
  std::vector<EpochReport> reports;
  Observer observer;
  observer.on_epoch = [&](auto r) { reports.insert(reports.end(), r.begin(), r.end()); };
  const Model model = train(*device_, data, options, {}, observer);
  const int epochs = std::stoi(model.metadata.at("epochs"));
  int best = 0;
  double lowest = std::numeric_limits<double>::infinity();
  int selected = 0;
  int fitted = 0;
  for (const EpochReport& report : reports) {
    if (report.phase == Phase::select) {
      ++selected;
      ASSERT_TRUE(report.validation_rmse);
      if (*report.validation_rmse < lowest) {
        lowest = *report.validation_rmse;
        best = report.epoch;
      }
    } else {
      EXPECT_FALSE(report.validation_rmse);
      ++fitted;
    }
  }
  ASSERT_LT(best, selected) << "a best epoch that is not the last";
  EXPECT_EQ(epochs, best);
  EXPECT_EQ(fitted, best);
  EXPECT_DOUBLE_EQ(std::stod(model.metadata.at("validation_rmse")), lowest);

  options.early_stop = 0;
  options.epochs = epochs;
  const Model direct = train(*device_, data, options);
  EXPECT_EQ(model.state().user_factors, direct.state().user_factors);
}

TEST_F(TrainTest, KeepsTheBestEpochsModelIfAsked) {
  const Dataset data = random_dataset(100, 80, 3'000, 3);
  MfOptions options = overfitting();
  options.after_stop = AfterStop::best;
  int last = 0;
  int fits = 0;
  Observer observer;
  observer.on_epoch = [&](auto reports) {
    last = reports[0].epoch;
    fits += reports[0].phase == Phase::fit ? 1 : 0;
  };
  const Model kept = train(*device_, data, options, {}, observer);
  EXPECT_EQ(fits, 0);
  options.epochs = std::stoi(kept.metadata.at("epochs"));
  ASSERT_LT(*options.epochs, last) << "a best epoch that is not the last";
  const Model shorter = train(*device_, data, options);
  EXPECT_EQ(kept.state().user_factors, shorter.state().user_factors);
}

TEST_F(TrainTest, LeavesNothingRandomForUsersAndItemsItDoesNotKnow) {
  const Dataset data = make_dataset(3, 3, {{0, 0, 1}, {0, 1, 2}, {1, 0, 5}, {2, 2, 4}});
  Partition split;
  split.label = {0, 0, 0, 1};
  split.labels = 2;
  split.test.set(1);
  MfOptions options = quick();
  options.early_stop = 0;
  const Model model = train(*device_, data, options, split);
  EXPECT_FALSE(model.knows_user(2));
  EXPECT_FALSE(model.knows_item(2));
  for (std::size_t f = 0; f < 8; ++f) {
    EXPECT_EQ(model.state().user_factors[2 * 8 + f], 0);
    EXPECT_EQ(model.state().item_factors[2 * 8 + f], 0);
    EXPECT_NE(model.state().user_factors[f], 0);
  }
}

TEST_F(TrainTest, DivergenceIsAnError) {
  const Dataset data = random_dataset(60, 40, 1'000, 2);
  MfOptions options = quick();
  options.learning_rate = 5;
  EXPECT_THROW(train(*device_, data, options), DivergedError);
}

TEST_F(TrainTest, TrainsOnASingleRating) {
  const Dataset data = make_dataset(1, 1, {{0, 0, 4}});
  MfOptions options = quick();
  EXPECT_THROW(train(*device_, data, options), InputError) << "nothing to hold out";
  options.early_stop = 0;
  const Model model = train(*device_, data, options);
  EXPECT_FLOAT_EQ(model.predict_by_state(0, 0).rating, 4);
}

TEST_F(TrainTest, RefusesOptionsOutOfRange) {
  const Dataset data = random_dataset(10, 10, 50, 2);
  const auto refused = [&](const auto& change) {
    MfOptions options = quick();
    change(options);
    EXPECT_THROW(train(*device_, data, options), UsageError);
  };
  refused([](MfOptions& o) { o.factors = 0; });
  refused([](MfOptions& o) { o.factors = 4097; });
  refused([](MfOptions& o) { o.user_learning_rate = std::nanf(""); });
  refused([](MfOptions& o) { o.bias_learning_rate = -1; });
  refused([](MfOptions& o) { o.item_regularization = -0.1f; });
  refused([](MfOptions& o) { o.init_std = 0; });
  refused([](MfOptions& o) {
    o.bias_learning_rate = 0.5f;
    o.bias_regularization = 2;
  });
  refused([](MfOptions& o) { o.epochs = 0; });
  refused([](MfOptions& o) { o.early_stop = -1; });
  refused([](MfOptions& o) { o.holdout = 1; });
  refused([](MfOptions& o) { o.schedule = Schedule::exponential; });
  EXPECT_THROW(train(*device_, data, BiasOptions{-1, 10}), UsageError);
}

// Ratings of another scale and origin are trained alike: errors scale with the ratings.
TEST_F(TrainTest, DefaultsFollowTheScaleOfTheRatings) {
  Dataset data = random_dataset(100, 60, 3'000, 4);
  MfOptions options;
  options.factors = 8;
  options.biased = false;  // biases learn at a rate of their own
  options.early_stop = 0;
  options.epochs = 30;
  const auto rmse = [&] {
    const Model model = train(*device_, data, options);
    return evaluate(*device_, model, match_ratings(model, data, Part::all)).all.rmse();
  };
  data.scale = {1, 5};
  const double before = rmse();
  for (float& rating : data.rating) rating = 25 * (rating - 1);
  data.scale = {0, 100};
  EXPECT_NEAR(rmse(), 25 * before, 0.01 * 25 * before);
}

TEST_F(TrainTest, ReportsHowManyRatingsItWasTrainedOn) {
  const Dataset data = random_dataset(100, 60, 3'000, 4);
  MfOptions options = quick();
  options.early_stop = 2;
  options.holdout = 0.1;
  options.after_stop = AfterStop::best;
  const int kept = std::stoi(train(*device_, data, options).metadata.at("training_ratings"));
  EXPECT_NEAR(kept, 0.9 * static_cast<double>(data.size()), 100);
  options.after_stop = AfterStop::refit;
  EXPECT_EQ(train(*device_, data, options).metadata.at("training_ratings"),
            std::to_string(data.size()));
}

TEST_F(TrainTest, MeanAndBiasAreWhatTheirFormulasSay) {
  // Three ratings of 1, 2 and 6 around a mean of 3; user 0 has two of them.
  const Dataset data = make_dataset(2, 2, {{0, 0, 1}, {0, 1, 2}, {1, 0, 6}});
  const Model mean = train(*device_, data, MeanOptions());
  EXPECT_FLOAT_EQ(mean.state().mean, 3);
  EXPECT_EQ(mean.predict_by_state(0, 0).evidence, Evidence::global);
  const Model bias = train(*device_, data, BiasOptions{1, 2});
  double user[2] = {0, 0};
  double item[2] = {0, 0};
  for (int sweep = 0; sweep < 10; ++sweep) {
    item[0] = ((1 - 3 - user[0]) + (6 - 3 - user[1])) / (2 + 2);
    item[1] = (2 - 3 - user[0]) / (1 + 2);
    user[0] = ((1 - 3 - item[0]) + (2 - 3 - item[1])) / (2 + 1);
    user[1] = (6 - 3 - item[0]) / (1 + 1);
  }
  EXPECT_FLOAT_EQ(bias.state().user_bias[0], static_cast<float>(user[0]));
  EXPECT_FLOAT_EQ(bias.state().user_bias[1], static_cast<float>(user[1]));
  EXPECT_FLOAT_EQ(bias.state().item_bias[1], static_cast<float>(item[1]));
}

TEST_F(TrainTest, PopularIsTheBayesianMeanOfAnItemForEverybody) {
  // The mean is 3; item 2 has no rating and user 2 neither.
  const Dataset data = make_dataset(3, 3, {{0, 0, 1}, {0, 1, 2}, {1, 0, 6}});
  const Model model = train(*device_, data, PopularOptions{2});
  const float first = (1 + 6 + 2 * 3) / (2 + 2.0f);
  const float second = (2 + 2 * 3) / (1 + 2.0f);
  for (const Index user : {0, 1, 2, kNone}) {
    EXPECT_FLOAT_EQ(model.predict_by_state(user, 0).score, first);
    EXPECT_FLOAT_EQ(model.predict_by_state(user, 1).score, second);
    EXPECT_EQ(model.predict_by_state(user, 0).evidence, Evidence::item_only);
    EXPECT_EQ(model.predict_by_state(user, 2).evidence, Evidence::global);
  }
  EXPECT_EQ(model.metadata.at("item_damping"), "2");
  EXPECT_FALSE(model.metadata.contains("user_damping"));
  EXPECT_FLOAT_EQ(train(*device_, data, PopularOptions{0}).predict_by_state(kNone, 0).score, 3.5f);
}

TEST_F(TrainTest, AnInterruptKeepsWhatTrainingHadReached) {
  const Dataset data = random_dataset(60, 40, 1'000, 2);
  MfOptions options = quick();
  options.early_stop = 0;
  int epochs = 0;
  Observer observer{[&] { return epochs == 7; }};
  observer.on_epoch = [&](auto) { ++epochs; };
  const Model model = train(*device_, data, options, {}, observer);
  EXPECT_EQ(model.metadata.at("interrupted"), "true");
  EXPECT_EQ(model.metadata.at("epochs"), "7");
  options.epochs = 7;
  EXPECT_EQ(model.state().user_factors, train(*device_, data, options).state().user_factors);
}

TEST_F(TrainTest, AnInterruptedRefitGivesTheModelThatChoseTheEpochs) {
  const Dataset data = random_dataset(100, 80, 3'000, 3);
  MfOptions options = overfitting();
  bool refitting = false;
  Observer observer{[&] { return refitting; }};
  observer.on_epoch = [&](auto reports) { refitting = reports[0].phase == Phase::fit; };
  const Model interrupted = train(*device_, data, options, {}, observer);
  EXPECT_EQ(interrupted.metadata.at("interrupted"), "true");
  EXPECT_EQ(interrupted.metadata.at("refit"), "false");
  options.after_stop = AfterStop::best;
  const Model kept = train(*device_, data, options);
  EXPECT_EQ(interrupted.state().user_factors, kept.state().user_factors);
  EXPECT_EQ(interrupted.metadata.at("epochs"), kept.metadata.at("epochs"));
}

TEST_F(TrainTest, RatingsThatAreAllTheSameAreNoDivergence) {
  for (const float same : {0.0f, 3.0f, -2.0f}) {
    Dataset data = random_dataset(20, 10, 100, 3);
    std::fill(data.rating.begin(), data.rating.end(), same);
    data.scale = {same, same};
    EXPECT_FLOAT_EQ(train(*device_, data, quick()).predict_by_state(0, 0).rating, same);
  }
}

TEST_F(TrainTest, TakesScalesOfAnyWidth) {
  for (const float factor : {1e-6f, 1e6f}) {
    Dataset data = random_dataset(60, 30, 1'000, 3);
    for (float& rating : data.rating) rating *= factor;
    data.scale = {factor, 5 * factor};
    MfOptions options;
    options.factors = 4;
    options.epochs = 20;
    options.early_stop = 0;
    EXPECT_NO_THROW(train(*device_, data, options)) << factor;
  }
}

TEST_F(TrainTest, LeavesTheInnerHoldOutOutOfTheMean) {
  const Dataset data = random_dataset(100, 80, 3'000, 3);
  MfOptions options = quick();
  options.early_stop = 2;
  options.holdout = 0.4;
  options.after_stop = AfterStop::best;
  const Model kept = train(*device_, data, options);
  options.early_stop = 0;
  EXPECT_NE(kept.state().mean, train(*device_, data, options).state().mean);
  EXPECT_EQ(kept.metadata.at("holdout"), "0.4");
}

TEST_F(TrainTest, TheSeedDrawsTheHoldOut) {
  const Dataset data = random_dataset(100, 80, 3'000, 3);
  MfOptions mf = quick();
  mf.early_stop = 2;
  mf.holdout = 0.4;
  mf.after_stop = AfterStop::best;
  TrainOptions options = mf;
  const float mean = train(*device_, data, options).state().mean;
  options.seed = 2;
  EXPECT_NE(train(*device_, data, options).state().mean, mean);
}

TEST_F(TrainTest, RefusesLabelsThatDoNotFit) {
  const Dataset data = random_dataset(20, 10, 100, 3);
  const LabelSet all = LabelSet().set();
  std::vector<Label> label(data.rating.size() - 1);
  EXPECT_THROW(fit(*device_, data, label, {&all, 1}, quick()), UsageError);
  label.push_back(kMaxLabels);
  EXPECT_THROW(fit(*device_, data, label, {&all, 1}, quick()), UsageError);
  EXPECT_THROW(make_model(data, {}, {}), UsageError);
}

TEST_F(TrainTest, CrossValidationTestsEveryRatingOnceByAModelThatHasNotSeenIt) {
  const Dataset data = random_dataset(80, 60, 2'000, 6);
  MfOptions options = quick();
  const auto folds = cross_validate(*device_, data, make_folds(data, parse_folds("4"), 1), options);
  ASSERT_EQ(folds.size(), 4u);
  std::int64_t tested = 0;
  for (std::size_t f = 0; f < folds.size(); ++f) {
    tested += folds[f].metrics.all.count;
    const Partition one = make_split(data, parse_split("kfold:4:" + std::to_string(f + 1)), 1);
    const Model alone = train(*device_, data, options, one);
    const auto metrics = evaluate(*device_, alone, select_ratings(data, one.label, one.test));
    EXPECT_EQ(metrics.all.count, folds[f].metrics.all.count);
    EXPECT_EQ(metrics.all.rmse(), folds[f].metrics.all.rmse()) << "the same model to the bit";
  }
  EXPECT_EQ(tested, data.size());
}

// The mark of the first issue; the defaults must reach it on real data.
TEST_F(TrainTest, DefaultsReachTheMarkOnTheOfficialFolds) {
  if (test::sanitized()) GTEST_SKIP() << "too slow under sanitizers";
  TUSK_REAL_DATA(folder, "ml-100k");
  const Dataset data = read_dataset(folder);
  const Partition folds = make_folds(data, parse_folds("official"), 1);
  double mean = 0;
  for (const FoldResult& fold : cross_validate(*device_, data, folds, {})) {
    mean += fold.metrics.all.rmse() / 5;
  }
  EXPECT_LT(mean, 0.9060);
}

TEST(ParameterError, NamesOthersAndTakesNoBraceOfAValueForAName) {
  const auto written = [](std::string_view name) { return "--" + std::string(name); };
  EXPECT_EQ(ParameterError("decay", "needs " + option_name("schedule")).what_with(written),
            "--decay needs --schedule");
  EXPECT_STREQ(ParameterError("factors", "{", "a number").what(),
               "factors is {; it must be a number");
  EXPECT_EQ(with_names("{\"a\":{}} {", written), "{\"a\":{}} {");
  EXPECT_EQ(ParameterError("out", "'{seed}' must end in .tsv").what_with(written),
            "--out '{seed}' must end in .tsv");
}

}  // namespace
}  // namespace tusk
