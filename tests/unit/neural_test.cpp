// Neural networks: training, predictions, new users, side features, files, searches.
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/tusk.hpp>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/scores.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

NeuralOptions some_options(int epochs) {
  NeuralOptions options;
  options.factors = 6;
  options.hidden = "8,4";
  options.batch_size = 150;
  options.learning_rate = 0.01f;
  options.dropout = options.hidden_dropout = 0.1f;
  options.epochs = epochs;
  return options;
}

// Without the products and the biases, as a pure perceptron.
NeuralOptions plain(int epochs) {
  NeuralOptions options = some_options(epochs);
  options.products = options.biased = false;
  return options;
}

class NeuralTest : public testing::Test {
 protected:
  std::vector<float> scores(const Model& model) {
    return test::scores_of(*model.open(*backend_), data_.users.size(), data_.items.size());
  }

  const Dataset data_ = test::random_dataset(70, 50, 900, 5);
  const std::unique_ptr<Backend> backend_ = make_cpu_backend(2);
};

TEST_F(NeuralTest, LearnsTheRatings) {
  for (const char* const hidden : {"none", "8", "16,8"}) {
    for (const NetworkOutput output : {NetworkOutput::linear, NetworkOutput::sigmoid}) {
      std::vector<double> errors;
      Observer observer;
      observer.on_epoch = [&](std::span<const EpochReport> reports) {
        errors.push_back(reports.front().train_rmse);
      };
      NeuralOptions options = some_options(60);
      options.hidden = hidden;
      options.output = output;
      options.dropout = options.hidden_dropout = 0;
      options.weight_decay = 0;
      train(*backend_, data_, options, {}, observer);
      ASSERT_EQ(errors.size(), 60u);
      EXPECT_LT(errors.back(), 0.6 * errors.front()) << hidden;
    }
  }
}

TEST_F(NeuralTest, ThreadsChangeNoBit) {
  NeuralOptions with_features = some_options(3);
  with_features.item_features = ItemFeatures::genres;
  NeuralOptions decoupled = plain(3);
  decoupled.optimizer = Optimizer::adamw;
  decoupled.output = NetworkOutput::sigmoid;
  for (const NeuralOptions& options : {some_options(3), with_features, decoupled}) {
    const Model one = train(*make_cpu_backend(1), data_, options);
    const Model three = train(*make_cpu_backend(3), data_, options);
    EXPECT_EQ(one.state().user_factors, three.state().user_factors);
    EXPECT_EQ(one.state().item_bias, three.state().item_bias);
    EXPECT_EQ(scores(one), scores(three));
  }
}

TEST_F(NeuralTest, EverySeedHasANetworkOfItsOwn) {
  TrainOptions options = some_options(1);
  const Model one = train(*backend_, data_, options);
  options.seed = 2;
  EXPECT_NE(scores(one), scores(train(*backend_, data_, options)));
}

TEST_F(NeuralTest, RowsWithoutRatingsAreTheMean) {
  const Dataset data = test::make_dataset(3, 2, {{0, 0, 5}, {1, 0, 2}});
  const Model model = train(*backend_, data, some_options(3));
  const std::vector<float>& users = model.state().user_factors;
  for (std::size_t f = 0; f < 6; ++f) {
    EXPECT_NEAR(users[12 + f], (users[f] + users[6 + f]) / 2, 1e-7);
    EXPECT_EQ(model.state().item_factors[6 + f], model.state().item_factors[f]);
  }
}

TEST_F(NeuralTest, PredictionsDoNotDependOnThePairsBesideThem) {
  for (const NeuralOptions& options : {some_options(2), plain(2)}) {
    const Model model = train(*backend_, data_, options);
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
      for (std::size_t i = 0; i < items; ++i) EXPECT_EQ(row[i], all[first + i]);
    });
  }
}

TEST_F(NeuralTest, SquashedRatingsStayInTheScale) {
  NeuralOptions options = some_options(40);
  options.output = NetworkOutput::sigmoid;
  options.weight_decay = 0;
  for (const float score : scores(train(*backend_, data_, options))) {
    EXPECT_GE(score, data_.scale.low);
    EXPECT_LE(score, data_.scale.high);
  }
}

TEST_F(NeuralTest, SaysWhatAPredictionRestsOn) {
  const Dataset data = test::make_dataset(4, 4, {{0, 0, 5}, {1, 1, 2}, {1, 0, 4}, {2, 1, 1}});
  const Model model = train(*backend_, data, some_options(2));
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
  }
  // Whoever is unknown is the mean user, whether he has a number or not.
  EXPECT_NEAR(predictions[1].score, predictor->predict({{kNone}}, {{0}}).front().score, 1e-6);
}

// An item without ratings is told from others by its features alone.
TEST_F(NeuralTest, ItemsWithoutRatingsHaveTheirFeatures) {
  const Dataset data = test::random_dataset(80, 41, 1500, 3);
  // Odd items are liked, even ones are not; nobody has rated the last two.
  std::vector<test::Rating> all;
  data.ratings().each([&](Index user, std::size_t at) {
    if (data.item[at] < 39) {
      all.push_back({user, data.item[at], data.item[at] % 2 == 1 ? 5.0f : 1.0f});
    }
  });
  Dataset divided = test::make_dataset(80, 41, all);
  divided.catalogue.genres = {};
  for (Index item = 0; item < 41; ++item) {
    divided.catalogue.genres.push_back(item % 2 == 1 ? "Drama" : "Horror");
  }
  NeuralOptions options = some_options(40);
  options.item_features = ItemFeatures::genres;
  const Model model = train(*backend_, divided, options);
  const auto predictions = model.open(*backend_)->predict({{0, 0}}, {{39, 40}});
  EXPECT_EQ(predictions[0].evidence, Evidence::content);
  EXPECT_GT(predictions[0].rating, predictions[1].rating + 1);
  NeuralOptions without = some_options(40);
  const Model blind = train(*backend_, divided, without);
  const auto same = blind.open(*backend_)->predict({{0, 0}}, {{39, 40}});
  EXPECT_EQ(same[0].evidence, Evidence::user_only);
  EXPECT_EQ(same[0].score, same[1].score);
}

TEST_F(NeuralTest, FeaturesThatNobodyHasAreRefused) {
  NeuralOptions options = some_options(1);
  options.item_features = ItemFeatures::genres;
  EXPECT_THROW(train(*backend_, test::make_dataset(2, 2, {{0, 0, 1}, {1, 1, 2}}), options),
               InputError);
}

TEST_F(NeuralTest, FoldsInNewUsers) {
  for (const NeuralOptions& options : {some_options(60), plain(60)}) {
    const Model model = train(*backend_, data_, options);
    const auto predictor = model.open(*backend_);
    const auto folded = predictor->fold_in(data_.ratings());
    // Their own ratings are predicted better than those of the mean user.
    double of_folded = 0;
    double of_mean = 0;
    data_.ratings().each([&](Index user, std::size_t at) {
      const auto error = [&](const Predictor& by, Index who) {
        return std::pow(by.predict({{who}}, {{data_.item[at]}}).front().score - data_.rating[at],
                        2);
      };
      of_folded += error(*folded, user);
      of_mean += error(*predictor, kNone);
    });
    EXPECT_LT(of_folded, 0.9 * of_mean);
    const Prediction one = folded->predict({{0}}, {{0}}).front();
    EXPECT_EQ(one.evidence, Evidence::folded_in);
    // Nobody depends on the others who are folded in.
    const CsrView alone = data_.ratings().some_rows(0, 1);
    EXPECT_EQ(predictor->fold_in(alone)->predict({{0}}, {{0}}).front().score, one.score);
    // Without ratings: the mean user.
    const std::vector<std::int64_t> nothing = {0, 0};
    const auto nobody = predictor->fold_in({nothing, {}, {}, data_.items.size()});
    EXPECT_EQ(nobody->predict({{0}}, {{3}}).front().evidence, Evidence::item_only);
    EXPECT_NEAR(nobody->predict({{0}}, {{3}}).front().score,
                predictor->predict({{kNone}}, {{3}}).front().score, 1e-5);
  }
}

TEST_F(NeuralTest, FilesGiveTheSameModel) {
  NeuralOptions with_features = some_options(2);
  with_features.item_features = ItemFeatures::genres;
  for (const NeuralOptions& options : {some_options(2), plain(2), with_features}) {
    const Model model = train(*backend_, data_, options);
    const test::TempFolder folder;
    save_model(model, folder.path() / "n.st");
    const Model loaded = load_model(folder.path() / "n.st");
    EXPECT_EQ(loaded.algorithm().name, "neural");
    EXPECT_EQ(scores(loaded), scores(model));
    const auto folded = [&](const Model& one) {
      const auto predictor = one.open(*backend_);
      return test::scores_of(*predictor->fold_in(data_.ratings()), 5, 9);
    };
    EXPECT_EQ(folded(loaded), folded(model));
  }
}

TEST_F(NeuralTest, StopsEarlyAndTrainsAgainOnAllRatings) {
  NeuralOptions options = some_options(1);
  options.epochs.reset();
  options.learning_rate = 0.05f;
  options.weight_decay = 0;
  const Model model = train(*backend_, data_, options);
  const int epochs = std::stoi(model.metadata.at("epochs"));
  EXPECT_LT(epochs, options.most_epochs());
  EXPECT_EQ(model.metadata.at("refit"), "true");
  NeuralOptions exact = options;
  exact.epochs = epochs;
  EXPECT_EQ(scores(train(*backend_, data_, exact)), scores(model));
}

TEST_F(NeuralTest, KeepsWhatItHasWhenItIsInterrupted) {
  int epochs = 0;
  Observer observer;
  observer.on_epoch = [&](std::span<const EpochReport>) { ++epochs; };
  observer.should_stop = [&] { return epochs == 2; };
  const Model stopped = train(*backend_, data_, some_options(5), {}, observer);
  EXPECT_EQ(stopped.metadata.at("interrupted"), "true");
  EXPECT_EQ(scores(stopped), scores(train(*backend_, data_, some_options(2))));
  // It can be saved as it is.
  const test::TempFolder folder;
  save_model(stopped, folder.path() / "n.st");
  EXPECT_EQ(scores(load_model(folder.path() / "n.st")), scores(stopped));
}

TEST_F(NeuralTest, RatesThatAreTooHighAreReported) {
  NeuralOptions options = some_options(30);
  options.learning_rate = 1e6f;
  options.weight_decay = 0;
  EXPECT_THROW(train(*backend_, data_, options), DivergedError);
}

// The trials of a search are those of cross-validation, whatever is trained beside them, and the
// errors that training measures are those of the model's predictions.
TEST_F(NeuralTest, ASearchMeasuresTheModelsThatCrossValidationMakes) {
  const Partition folds = make_folds(data_, parse_folds("3"), 1);
  std::vector<Candidate> candidates = {
      {some_options(3), {}}, {plain(4), {}}, {some_options(2), {}}};
  candidates[1].options.as<NeuralOptions>().item_features = ItemFeatures::genres;
  const auto trials = search(*backend_, data_, folds, candidates, {}, {});
  ASSERT_EQ(trials.size(), candidates.size());
  for (std::size_t c = 0; c < candidates.size(); ++c) {
    const auto folded = cross_validate(*backend_, data_, folds, candidates[c].options);
    for (std::size_t f = 0; f < folded.size(); ++f) {
      EXPECT_NEAR(trials[c].folds[f].errors.rmse(), folded[f].metrics.all.rmse(), 1e-5);
    }
  }
}

TEST_F(NeuralTest, OptionsThatMakeNoSenseAreRefused) {
  const auto refused = [&](const auto& change, const std::string& name) {
    NeuralOptions options;
    change(options);
    try {
      TrainOptions(options).check();
      ADD_FAILURE() << name << " is accepted";
    } catch (const ParameterError& error) {
      EXPECT_EQ(error.name(), name);
    }
  };
  for (const char* const text : {"", "0", "64,", "a", "64,,32", "5000", "1,1,1,1,1,1,1,1,1"}) {
    refused([&](NeuralOptions& options) { options.hidden = text; }, "hidden");
  }
  refused(
      [](NeuralOptions& options) {
        options.hidden = "none";
        options.products = false;
      },
      "hidden");
  refused(
      [](NeuralOptions& options) {
        options.optimizer = Optimizer::adamw;
        options.weight_decay = 2000;
      },
      "weight-decay");
  refused([](NeuralOptions& options) { options.schedule = Schedule::inverse; }, "schedule");
  NeuralOptions good;
  good.hidden = "128-64";
  EXPECT_NO_THROW(TrainOptions(good).check());
}

TEST_F(NeuralTest, OneRatingIsEnough) {
  for (const char* const hidden : {"none", "8"}) {
    NeuralOptions options = some_options(5);
    options.hidden = hidden;
    for (const NetworkOutput output : {NetworkOutput::linear, NetworkOutput::sigmoid}) {
      options.output = output;
      const Dataset one = test::make_dataset(1, 1, {{0, 0, 5}});
      const Model model = train(*backend_, one, options);
      EXPECT_NEAR(model.open(*backend_)->predict({{0}}, {{0}}).front().rating, 5, 0.5);
    }
  }
}

// The accuracy of the defaults; bench/README.md has the protocol.
TEST_F(NeuralTest, PredictsRealRatings) {
  if (test::sanitized()) GTEST_SKIP() << "this takes minutes";
  TUSK_REAL_DATA(folder, "ml-latest-small");
  const Dataset data = read_dataset(folder);
  const Partition split = make_split(data, parse_split("random:0.2"), 1);
  NeuralOptions options;
  const Model model = train(*backend_, data, options, split);
  const RatingMetrics metrics =
      evaluate(*backend_, model, select_ratings(data, split.label, split.test));
  EXPECT_LT(metrics.all.rmse(), 0.87);
}

}  // namespace
}  // namespace tusk
