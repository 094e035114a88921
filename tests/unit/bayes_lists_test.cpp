// Lists that are ordered by predictions and their deviations, and how true deviations are.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/tusk.hpp>

#include "algebra/random_draws.hpp"
#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "support/philox.hpp"
#include "tests/support/datasets.hpp"

namespace tusk {
namespace {

BayesOptions list_options() {
  BayesOptions options;
  options.factors = 3;
  options.sweeps = 40;
  options.burn_in = 10;
  options.draws = 12;
  return options;
}

class BayesListsTest : public testing::Test {
 protected:
  // The k items with the highest mean plus risk times deviation, pair by pair.
  std::vector<Index> best(const Predictor& predictor, Index user, CsrView seen, float risk,
                          std::size_t k) const {
    std::vector<Index> items;
    const auto row = seen.row(user);
    for (const Index item : candidates_) {
      if (!std::binary_search(row.begin(), row.end(), item)) items.push_back(item);
    }
    const std::vector<Index> users(items.size(), user);
    const auto predictions = predictor.predict(users, items);
    const auto deviations = predictor.deviations(users, items);
    std::vector<std::size_t> order(items.size());
    for (std::size_t at = 0; at < order.size(); ++at) order[at] = at;
    const auto score = [&](std::size_t at) {
      return static_cast<double>(predictions[at].score) +
             static_cast<double>(risk) * static_cast<double>(deviations[at]);
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return score(a) > score(b); });
    std::vector<Index> found;
    for (std::size_t at = 0; at < k; ++at) found.push_back(items[order[at]]);
    return found;
  }

  static std::vector<Index> items_of(const std::vector<Recommendation>& list) {
    std::vector<Index> items;
    for (const Recommendation& one : list) items.push_back(one.item);
    return items;
  }

  Recommender recommender(float risk) const {
    return {*backend_, model_, {.order = ListOrder{RankBy::rating, {}, risk}}};
  }

  const Dataset data_ = test::random_dataset(70, 50, 900, 5);
  const std::unique_ptr<Backend> backend_ = make_cpu_backend(2);
  const Model model_ = train(*backend_, data_, list_options());
  const std::vector<Index> candidates_ = [this] {
    const Recommender recommender(*backend_, model_);
    const auto all = recommender.candidates();
    return std::vector<Index>(all.begin(), all.end());
  }();
};

TEST_F(BayesListsTest, AreOrderedByMeanAndDeviation) {
  const auto predictor = model_.open(*backend_);
  const std::vector<Index> users = test::first_indices(data_.users.size());
  std::set<std::vector<Index>> all;
  for (const float risk : {-1.0f, 0.0f, 0.5f, 1.0f}) {
    const auto lists = recommender(risk).recommend(users, 6);
    for (const Index user : users) {
      const auto& list = lists[static_cast<std::size_t>(user)];
      EXPECT_EQ(items_of(list), best(*predictor, user, model_.seen().view(), risk, 6)) << risk;
      const std::vector<Index> same(list.size(), user);
      const auto deviations = predictor->deviations(same, items_of(list));
      const auto predictions = predictor->predict(same, items_of(list));
      for (std::size_t r = 0; r < list.size(); ++r) {
        EXPECT_EQ(list[r].deviation, deviations[r]);
        EXPECT_EQ(list[r].rating, predictions[r].rating) << "the order changes no rating";
        EXPECT_NEAR(list[r].score, predictions[r].score + risk * deviations[r], 1e-5);
      }
    }
    all.insert(items_of(lists[0]));
  }
  EXPECT_GT(all.size(), 1u) << "risk changes lists";
}

TEST_F(BayesListsTest, OfNewUsersAreOrderedAlike) {
  const std::vector<std::int64_t> offset = {0, 3, 4};
  const std::vector<Index> item = {1, 4, 7, 2};
  const std::vector<float> rating = {5, 1, 4, 2};
  const CsrView ratings{offset, item, rating, data_.items.size()};
  const auto folded = model_.open(*backend_)->fold_in(ratings);
  for (const float risk : {-0.7f, 1.0f}) {
    const auto lists = recommender(risk).recommend_new(ratings, 5);
    for (const Index row : {0, 1}) {
      const auto& list = lists[static_cast<std::size_t>(row)];
      EXPECT_EQ(items_of(list), best(*folded, row, ratings, risk, 5));
      for (const Recommendation& one : list) EXPECT_GT(one.deviation.value(), 0);
    }
  }
}

TEST_F(BayesListsTest, AreJudgedInThisOrder) {
  const Partition split = make_split(data_, parse_split("random:0.3"), 1);
  const Model model = train(*backend_, data_, list_options(), split);
  const RatingList test = select_ratings(data_, split.label, split.test);
  RankingOptions options;
  options.k = 5;
  options.relevance = -100;
  options.order.risk = -1;
  const Recommender recommender(*backend_, model, {.order = options.order});
  std::int64_t lists = 0;
  evaluate_ranking(*backend_, model, test, options, {}, [&](const JudgedList& list) {
    ++lists;
    EXPECT_EQ(items_of(recommender.list(list.user, {.k = 5})),
              std::vector<Index>(list.item.begin(), list.item.end()));
  });
  EXPECT_GT(lists, 20);
}

TEST_F(BayesListsTest, RiskNeedsDraws) {
  const auto refused = [&](const TrainOptions& options, float risk, const char* why) {
    const Model model = train(*backend_, data_, options);
    try {
      Recommender(*backend_, model, {.order = ListOrder{RankBy::rating, {}, risk}});
      FAIL() << why;
    } catch (const ParameterError& error) {
      EXPECT_EQ(error.name(), "risk");
      EXPECT_NE(std::string(error.what()).find(why), std::string::npos) << error.what();
    }
  };
  refused(BiasOptions(), 0.5f, "is for bayes");
  BayesOptions options = list_options();
  refused(options, 1.5f, "-1 to 1");
  refused(options, std::numeric_limits<float>::quiet_NaN(), "-1 to 1");
  options.draws = 0;
  refused(options, 0.5f, "keep draws");
  const Model flat = train(*backend_, data_, options);
  EXPECT_FALSE(Recommender(*backend_, flat).recommend(0, 3).front().deviation)
      << "no deviation is made up";
}

TEST_F(BayesListsTest, RiskIsKeptByAModel) {
  Model model = model_;
  store_order(model.metadata, {RankBy::rating, {}, -0.25f});
  EXPECT_EQ(order_of(model).risk, -0.25f);
  EXPECT_EQ(Recommender(*backend_, model).order().risk, -0.25f);
  EXPECT_EQ(order_text("rating", order_of(model)), "ranked by rating - 0.25 deviations");
  for (const char* bad : {"2", "much", "nan", ""}) {
    model.metadata["risk"] = bad;
    EXPECT_THROW(order_of(model), FormatError) << bad;
  }
}

TEST(Calibration, ScoresAreThoseOfTheDefinition) {
  Calibration one;
  one.add(0.5, 1);   // within the intervals of 50% and of 90%
  one.add(-1.5, 1);  // within that of 90%
  one.add(4, 2);     // within that of 99% alone
  EXPECT_EQ(one.count, 3);
  EXPECT_EQ(one.coverage_50(), 1.0 / 3);
  EXPECT_EQ(one.coverage_90(), 2.0 / 3);
  EXPECT_EQ(one.within.back(), 3);
  EXPECT_EQ(one.within.front(), 0);
  EXPECT_NEAR(one.mean_deviation(), 4.0 / 3, 1e-12);
  // The integral of the squared difference between the distribution and a step at the rating.
  double integral = 0;
  for (const auto& [error, deviation] :
       {std::pair(0.5, 1.0), std::pair(-1.5, 1.0), std::pair(4.0, 2.0)}) {
    constexpr double kStep = 1e-3;
    for (double x = -20; x < 20; x += kStep) {
      const double below = std::erfc(-x / deviation / std::sqrt(2.0)) / 2;
      integral += kStep * std::pow(below - (x >= -error ? 1 : 0), 2);
    }
  }
  EXPECT_NEAR(one.ranked_probability, integral, 2e-3);
  Calibration twice = one;
  twice += one;
  EXPECT_EQ(twice.count, 6);
  EXPECT_EQ(twice.crps(), one.crps());
  EXPECT_EQ(twice.within[5], 2 * one.within[5]);
  for (const CalibrationFigure& figure : kCalibrationFigures) {
    EXPECT_EQ(calibration_text(figure, (Calibration().*figure.value)()), "-");
  }
}

TEST_F(BayesListsTest, IntervalsHoldTheirShareOfNewRatings) {
  RandomSequence random(7, random_stream(RandomUse::synthetic));
  std::vector<double> of_user(300);
  for (double& one : of_user) one = 0.5 * draw_normal(random);
  std::vector<test::Rating> ratings;
  for (Index user = 0; user < 300; ++user) {
    for (Index item = 0; item < 200; ++item) {
      if (random.below(7) != 0) continue;
      const double rating = 3 + of_user[static_cast<std::size_t>(user)] + draw_normal(random);
      ratings.push_back({user, item, static_cast<float>(rating)});
    }
  }
  const Dataset data = test::make_dataset(300, 200, ratings);
  const Partition split = make_split(data, parse_split("random:0.3"), 1);
  BayesOptions options = list_options();
  options.sweeps = 120;
  options.draws = 60;
  const RatingList held_out = select_ratings(data, split.label, split.test);
  const Model model = train(*backend_, data, options, split);
  const RatingMetrics metrics = evaluate(*backend_, model, held_out);
  const Calibration& found = metrics.calibration;
  EXPECT_EQ(found.count, std::ssize(held_out.rating));
  for (std::size_t level = 0; level < Calibration::kLevels.size(); ++level) {
    EXPECT_NEAR(found.coverage(level), Calibration::kLevels[level], 0.04) << level;
  }
  EXPECT_LT(found.crps(), metrics.all.mae());
  const Model without = train(*backend_, data, BiasOptions(), split);
  EXPECT_EQ(evaluate(*backend_, without, held_out).calibration.count, 0);
}

TEST_F(BayesListsTest, TablesHaveCalibrationWhereThereIsSome) {
  const Partition folds = make_folds(data_, parse_folds("3"), 1);
  Comparison comparison;
  comparison.folds = folds;
  for (const TrainOptions& options : {TrainOptions(list_options()), TrainOptions(BiasOptions())}) {
    ComparedModel& model = comparison.models.emplace_back();
    model.label = options.model();
    model.candidate.options = options;
    model.measure(*backend_, data_, folds, {});
  }
  const auto& sampled = comparison.models[0].folds;
  double crps = 0;
  for (const FoldResult& fold : sampled) crps += fold.metrics.calibration.crps() / 3;
  EXPECT_NEAR(mean_calibration(sampled, kCalibrationFigures[2]), crps, 1e-9);
  EXPECT_NE(cross_validation_table(sampled)[0],
            cross_validation_table(comparison.models[1].folds)[0]);
  EXPECT_FALSE(has_calibration(comparison.models[1].folds));
  comparison.order_and_test();
  const TextRows rows = model_table(comparison);
  const auto place = std::find(rows[0].begin(), rows[0].end(), "in 90%") - rows[0].begin();
  ASSERT_LT(place, std::ssize(rows[0]));
  for (std::size_t row : {1, 2}) {
    EXPECT_EQ(rows[row][static_cast<std::size_t>(place)] == "-", rows[row][0] == "bias");
    EXPECT_EQ(model_json(comparison, row - 1).contains("calibration"), rows[row][0] == "bayes");
  }
  comparison.models.erase(comparison.models.begin() +
                          (comparison.models[0].label == "bayes" ? 0 : 1));
  EXPECT_EQ(model_table(comparison)[0].size() + kCalibrationFigures.size(), rows[0].size());
}

}  // namespace
}  // namespace tusk
