// EASE: its scores by definition, in each of its forms.
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/tusk.hpp>

#include "cpu/cpu_backend.hpp"
#include "models/ease/ease_fit.hpp"
#include "models/ease/ease_state.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/ease_reference.hpp"
#include "tests/support/temp_folder.hpp"
#include "train/bias_model.hpp"
#include "train/items_of_part.hpp"

namespace tusk {
namespace {

EaseOptions options_of(float regularization, float dropout, float low_weight) {
  EaseOptions options;
  options.regularization = regularization;
  options.dropout = dropout;
  options.interactions.low_weight = low_weight;
  return options;
}

class EaseTest : public testing::Test {
 protected:
  EaseWeights fit(const EaseOptions& options, const EaseMethod& method) const {
    return fit_ease(*backend_, interactions(data_, options), options, method, {});
  }

  static SparseMatrixOf interactions(const Dataset& data, const EaseOptions& options) {
    return interactions_of_part(data, std::vector<Label>(data.rating.size(), 0), only(0),
                                options.interactions);
  }

  // A model of these weights.
  Model model(const EaseOptions& options, EaseWeights weights) const {
    const std::vector<Label> label(data_.rating.size(), 0);
    Model model(
        std::make_shared<EaseState>(fit_mean(data_, 3), ratings_of_part(data_, label, only(0)),
                                    std::move(weights), options),
        items_of_part(data_, label, only(0)), data_.scale);
    model.users = data_.users;
    model.items = data_.items;
    return model;
  }

  // Of every user and item, users one after another.
  static std::vector<float> scores(const Predictor& predictor, Index users, Index items) {
    std::vector<Index> user;
    std::vector<Index> item;
    for (Index u = 0; u < users; ++u) {
      for (Index i = 0; i < items; ++i) {
        user.push_back(u);
        item.push_back(i);
      }
    }
    std::vector<float> scores;
    for (const Prediction& prediction : predictor.predict(user, item)) {
      scores.push_back(prediction.score);
      EXPECT_EQ(prediction.rating, prediction.score);
    }
    return scores;
  }
  std::vector<float> scores(const Predictor& predictor) const {
    return scores(predictor, data_.users.size(), data_.items.size());
  }

  static void expect_scores(const std::vector<float>& found, const Eigen::MatrixXd& expected,
                            double tolerance, const std::string& what) {
    ASSERT_EQ(std::ssize(found), expected.size());
    double worst = 0;
    for (Eigen::Index u = 0; u < expected.rows(); ++u) {
      for (Eigen::Index i = 0; i < expected.cols(); ++i) {
        const auto place = static_cast<std::size_t>(u * expected.cols() + i);
        worst = std::max(worst, std::abs(static_cast<double>(found[place]) - expected(u, i)));
      }
    }
    EXPECT_LT(worst, tolerance) << what;
  }

  const Dataset data_ = test::random_dataset(60, 90, 1500, 5);
  const std::unique_ptr<Backend> backend_ = make_cpu_backend(2);
};

TEST_F(EaseTest, EveryFormHasTheScoresOfTheDefinition) {
  for (const EaseOptions& options : {options_of(20, 0, 1), options_of(3, 0.5f, 0.25f),
                                     options_of(0, 0.4f, 0), options_of(500, 0.9f, 0.5f)}) {
    const test::EaseReference reference(data_, options);
    for (const bool by_users : {false, true}) {
      for (const bool double_precision : {false, true}) {
        const Model model = this->model(options, fit(options, {by_users, double_precision}));
        const auto predictor = model.open(*backend_);
        const std::string what = std::string(by_users ? "by users" : "by items") +
                                 (double_precision ? ", double" : ", single");
        expect_scores(scores(*predictor), reference.scores, 1e-5, what);
        // New users with the same ratings.
        const auto folded = predictor->fold_in(data_.ratings());
        expect_scores(scores(*folded), reference.scores, 1e-5, what + ", folded in");
      }
    }
  }
}

TEST_F(EaseTest, OneUserOrItemOrRatingIsEnough) {
  for (const auto& [users, items, ratings] :
       {std::tuple(1, 1, std::vector<test::Rating>{{0, 0, 5}}),
        std::tuple(1, 3, std::vector<test::Rating>{{0, 0, 5}, {0, 2, 1}}),
        std::tuple(3, 1, std::vector<test::Rating>{{0, 0, 5}, {2, 0, 1}})}) {
    const Dataset data = test::make_dataset(users, items, ratings);
    for (const std::optional<int> neighbours : {std::optional<int>(), std::optional(1)}) {
      EaseOptions options;
      options.neighbours = neighbours;
      const Model model = train(*backend_, data, options);
      expect_scores(scores(*model.open(*backend_), users, items),
                    test::EaseReference(data, options).scores, 1e-6, "");
    }
  }
}

TEST_F(EaseTest, IsTheSameForAnyNumberOfThreads) {
  for (const bool by_users : {false, true}) {
    for (const std::optional<int> neighbours : {std::optional<int>(), std::optional(7)}) {
      EaseOptions options;
      options.neighbours = neighbours;
      std::vector<EaseWeights> all;
      for (const int threads : {1, 2, 3}) {
        all.push_back(fit_ease(*make_cpu_backend(threads), interactions(data_, options), options,
                               {by_users, false}, {}));
      }
      for (const EaseWeights& other : all) {
        EXPECT_EQ(all[0].table, other.table);
        EXPECT_EQ(all[0].user_table, other.user_table);
        EXPECT_EQ(all[0].precision, other.precision);
        EXPECT_EQ(all[0].neighbours.column, other.neighbours.column);
        EXPECT_EQ(all[0].neighbours.value, other.neighbours.value);
      }
    }
  }
}

TEST_F(EaseTest, NeighboursAreTheLargestCoefficients) {
  EaseOptions options;
  const test::EaseReference reference(data_, options);
  for (const bool by_users : {false, true}) {
    for (const int most : {1, 4, 89, 1000}) {
      options.neighbours = most;
      const Model model = this->model(options, fit(options, {by_users, true}));
      Eigen::MatrixXd kept = Eigen::MatrixXd::Zero(90, 90);
      for (Eigen::Index j = 0; j < 90; ++j) {
        std::vector<Eigen::Index> order;
        for (Eigen::Index i = 0; i < 90; ++i) order.push_back(i);
        std::sort(order.begin(), order.end(), [&](Eigen::Index a, Eigen::Index b) {
          return std::abs(reference.table(a, j)) > std::abs(reference.table(b, j));
        });
        for (int n = 0; n < std::min(most, 90); ++n) {
          kept(order[static_cast<std::size_t>(n)], j) =
              reference.table(order[static_cast<std::size_t>(n)], j);
        }
      }
      const auto predictor = model.open(*backend_);
      expect_scores(scores(*predictor), reference.x * kept, 1e-5, std::to_string(most));
    }
  }
}

TEST_F(EaseTest, SimilarItemsHaveHighPartialCorrelations) {
  const EaseOptions options;
  const test::EaseReference reference(data_, options);
  std::vector<Index> others;
  for (Index i = 0; i < 90; ++i) others.push_back(i);
  for (const bool by_users : {false, true}) {
    const Model model = this->model(options, fit(options, {by_users, true}));
    const auto predictor = model.open(*backend_);
    const auto similar = predictor->similarities(7, others).value();
    const TopK nearest = predictor->nearest_items(std::vector<Index>{7}, 89).value();
    for (Index i = 0; i < 90; ++i) {
      const double expected =
          -reference.inverse(7, i) / std::sqrt(reference.inverse(7, 7) * reference.inverse(i, i));
      EXPECT_NEAR(static_cast<double>(similar[static_cast<std::size_t>(i)]), i == 7 ? 1 : expected,
                  1e-5);
    }
    for (std::size_t n = 0; n < 89; ++n) {
      if (nearest.index[n] == kNone) break;
      EXPECT_NE(nearest.index[n], 7);
      EXPECT_EQ(nearest.score[n], similar[static_cast<std::size_t>(nearest.index[n])]);
      EXPECT_GT(nearest.score[n], 0);
      EXPECT_LE(nearest.score[n], nearest.score[n == 0 ? 0 : n - 1]);
    }
    EXPECT_EQ(std::count_if(nearest.index.begin(), nearest.index.end(),
                            [](Index i) { return i != kNone; }),
              std::count_if(similar.begin(), similar.end(), [](float s) { return s > 0; }) - 1);
  }
}

TEST_F(EaseTest, ContributionsAddUpToTheScore) {
  for (const bool by_users : {false, true}) {
    for (const std::optional<int> neighbours : {std::optional<int>(), std::optional(5)}) {
      EaseOptions options;
      options.neighbours = neighbours;
      const Model model = this->model(options, fit(options, {by_users, true}));
      const auto folded = model.open(*backend_)->fold_in(data_.ratings());
      const std::vector<Index> items = {0, 5, 89};
      const auto parts = folded->contributions(3, items);
      const auto scores = folded->predict(std::vector<Index>(3, 3), items);
      for (std::size_t p = 0; p < items.size(); ++p) {
        float sum = 0;
        for (const Contribution& one : parts[p]) sum += one.part;
        EXPECT_NEAR(sum, scores[p].score, 1e-5);
        EXPECT_TRUE(std::is_sorted(
            parts[p].begin(), parts[p].end(),
            [](const Contribution& a, const Contribution& b) { return a.part > b.part; }));
      }
    }
  }
}

TEST_F(EaseTest, WhatIsNotKnownScoresNothing) {
  // User 2 has no rating; nobody likes item 3, and item 4 has no rating.
  const Dataset data =
      test::make_dataset(3, 5, {{0, 0, 5}, {0, 1, 4}, {0, 3, 1}, {1, 0, 5}, {1, 1, 5}, {1, 2, 4}});
  EaseOptions options;
  options.interactions.low_weight = 0;
  const Model model = train(*backend_, data, options);
  const auto predictor = model.open(*backend_);
  const std::vector<Index> user = {0, 0, 0, 2, kNone, 0};
  const std::vector<Index> item = {2, 3, 4, 0, 0, kNone};
  const auto predictions = predictor->predict(user, item);
  EXPECT_GT(predictions[0].score, 0);
  EXPECT_EQ(predictions[0].evidence, Evidence::full);
  for (std::size_t p = 1; p < 6; ++p) EXPECT_EQ(predictions[p].score, 0) << p;
  EXPECT_EQ(predictions[2].evidence, Evidence::user_only);
  EXPECT_EQ(predictions[3].evidence, Evidence::item_only);
  EXPECT_EQ(predictions[4].evidence, Evidence::item_only);
  EXPECT_EQ(predictor->similarities(3, std::vector<Index>{0}).value(), std::vector<float>{0});
  EXPECT_EQ(predictor->nearest_items(std::vector<Index>{4}, 1)->index, std::vector<Index>{kNone});
  EXPECT_TRUE(predictor->contributions(2, std::vector<Index>{0}).at(0).empty());
}

TEST_F(EaseTest, AFewItemsScoreAsAll) {
  const Model model = this->model({}, fit(EaseOptions(), {false, true}));
  const auto predictor = model.open(*backend_);
  const auto all = scores(*predictor);
  const std::vector<Index> items = {80, 3};
  const auto few = predictor->predict(std::vector<Index>(2, 4), items);
  EXPECT_EQ(few[0].score, all[4 * 90 + 80]);
  EXPECT_EQ(few[1].score, all[4 * 90 + 3]);
}

TEST_F(EaseTest, FilesHoldEveryForm) {
  for (const bool by_users : {false, true}) {
    for (const std::optional<int> neighbours : {std::optional<int>(), std::optional(5)}) {
      EaseOptions options = options_of(30, 0.3f, 0.5f);
      options.interactions.relevance = 3;
      options.neighbours = neighbours;
      Model model = this->model(options, fit(options, {by_users, true}));
      const TrainOptions all = options;
      for (const Parameter& parameter : all.algorithm().parameters) {
        if (const auto value = all.get(parameter.name)) {
          model.metadata[parameter.key()] = to_string(*value);
        }
      }
      model.catalogue = data_.catalogue;
      const test::TempFolder folder;
      save_model(model, folder.path() / "m");
      const Model loaded = load_model(folder.path() / "m");
      EXPECT_EQ(loaded.algorithm().name, "ease");
      EXPECT_EQ(scores(*loaded.open(*backend_)), scores(*model.open(*backend_)));
    }
  }
}

TEST_F(EaseTest, DoublePrecisionComesWhereSingleDoesNotSuffice) {
  for (const bool by_users : {false, true}) {
    const EaseOptions options = options_of(1e-5f, 0, 1);
    const EaseWeights single = fit(options, {by_users, false});
    const EaseWeights twice = fit(options, {by_users, true});
    // By users the matrix is not as ill-conditioned.
    EXPECT_EQ(single.table, twice.table);
    const Model model = this->model(options, single);
    expect_scores(scores(*model.open(*backend_)), test::EaseReference(data_, options).scores, 1e-3,
                  by_users ? "by users" : "by items");
  }
  EXPECT_NE(fit(options_of(20, 0, 1), {false, false}).table,
            fit(options_of(20, 0, 1), {false, true}).table);
}

TEST_F(EaseTest, TooLittleRegularizationIsAnError) {
  const EaseOptions options = options_of(1e-20f, 0, 1);
  EXPECT_THROW(fit(options, {false, false}), ParameterError);
  const Dataset alike = test::make_dataset(2, 3, {{0, 0, 5}, {0, 1, 5}, {1, 0, 5}, {1, 1, 5}});
  EXPECT_THROW(fit_ease(*backend_, interactions(alike, options), options, {true, false}, {}),
               ParameterError);
  EXPECT_THROW(train(*backend_, data_, options_of(0, 0, 1)), ParameterError);
}

TEST_F(EaseTest, MatricesThatDoNotFitAreRefused) {
  const EaseMethod single = {false, false};
  // The bytes of ML-25M's items.
  EXPECT_GT(ease_memory(162'541, 59'047, 25'000'000, {}, single).total(), 13'900'000'000u);
  EXPECT_LT(ease_memory(162'541, 59'047, 25'000'000, {}, single).total(), 15'000'000'000u);
  constexpr Index kMany = 4'000'000;  // 64 TB
  SparseMatrixOf weights;
  weights.columns = kMany;
  for (Index i = 0; i < kMany; ++i) weights.column.push_back(i);
  weights.value.assign(kMany, 1);
  weights.offset.push_back(kMany);
  try {
    fit_ease(*backend_, weights, {}, single, {});
    FAIL();
  } catch (const DeviceError& error) {
    EXPECT_NE(std::string(error.what()).find("GB of memory"), std::string::npos) << error.what();
  }
  // By the one user there is, it is small.
  EXPECT_EQ(fit_ease(*backend_, weights, {}, choose_ease_method(1, kMany), {}).user_table.size(),
            static_cast<std::size_t>(kMany));
}

TEST_F(EaseTest, StopsWhenAsked) {
  const EaseOptions options;
  const SparseMatrixOf weights = interactions(data_, options);
  for (const bool by_users : {false, true}) {
    const EaseMethod method = {by_users, false};
    int asked = 0;
    fit_ease(*backend_, weights, options, method, {.should_stop = [&] { return ++asked < 0; }});
    ASSERT_GT(asked, 4);
    for (int last = 1; last <= asked; ++last) {
      int times = 0;
      EXPECT_THROW(fit_ease(*backend_, weights, options, method,
                            {.should_stop = [&] { return ++times == last; }}),
                   Interrupted);
    }
    const auto stopped = make_cpu_backend(2, cpu_kernels(), [] { return true; });
    EXPECT_THROW(fit_ease(*stopped, weights, options, method, {}), Interrupted);
  }
}

TEST_F(EaseTest, UpdatedModelsAreThoseOfAllRatings) {
  const std::vector<Label> label = [&] {
    std::vector<Label> all(data_.rating.size(), 0);
    for (std::size_t at = 0; at < all.size(); at += 7) all[at] = 1;
    return all;
  }();
  const Partition split{label, 2, {}, only(1), {}, "a seventh"};
  const Model earlier = train(*backend_, data_, EaseOptions(), split);
  const Model updated = update_model(*backend_, earlier, data_);
  const Model whole = train(*backend_, data_, EaseOptions());
  EXPECT_EQ(scores(*updated.open(*backend_)), scores(*whole.open(*backend_)));
}

TEST_F(EaseTest, WeightsOfImplicitDataStayWhatTheyAre) {
  const std::vector<std::int64_t> user = {1, 1, 1, 2, 2, 3, 3};
  const std::vector<std::int64_t> item = {1, 2, 3, 1, 2, 2, 3};
  const std::vector<float> count = {1, 20, 3, 7, 1, 1, 500};
  ReadOptions reading;
  reading.implicit = true;
  const Dataset data = Dataset::from_arrays(
      std::span<const std::int64_t>(user), std::span<const std::int64_t>(item), count, {}, reading);
  EaseOptions options = options_of(10, 0.2f, 0);
  options.interactions.weighting = Weighting::log;
  const Model model = train(*backend_, data, options);
  EXPECT_TRUE(model.of_weights());
  expect_scores(scores(*model.open(*backend_), 3, 3), test::EaseReference(data, options).scores,
                1e-5, "");
  const Model updated = update_model(*backend_, model, data);
  EXPECT_EQ(scores(*updated.open(*backend_), 3, 3), scores(*model.open(*backend_), 3, 3));
}

}  // namespace
}  // namespace tusk
