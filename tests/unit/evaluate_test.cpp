#include <cmath>

#include <gtest/gtest.h>

#include <tusk/evaluate.hpp>
#include <tusk/partition.hpp>

#include "tests/support/datasets.hpp"
#include "tests/support/model_fixture.hpp"

namespace tusk {
namespace {

using test::make_dataset;

TEST(ErrorSums, AreWhatTheirNamesSay) {
  ErrorSums sums;
  for (const double error : {3.0, -4.0}) sums.add(error);
  EXPECT_EQ(sums.count, 2);
  EXPECT_DOUBLE_EQ(sums.mse(), 12.5);
  EXPECT_DOUBLE_EQ(sums.rmse(), std::sqrt(12.5));
  EXPECT_DOUBLE_EQ(sums.mae(), 3.5);
  EXPECT_TRUE(std::isnan(ErrorSums().rmse()));
}

TEST(Model, PredictsFromWhatIsKnownAndSaysSo) {
  const Model model = test::small_model();
  EXPECT_FLOAT_EQ(model.predict_by_state(0, 0).rating, 3 + 0.5f - 0.25f + 0.5f);
  EXPECT_EQ(model.predict_by_state(0, 0).evidence, Evidence::full);
  EXPECT_FLOAT_EQ(model.predict_by_state(0, kNone).rating, 3.5f);
  EXPECT_EQ(model.predict_by_state(0, kNone).evidence, Evidence::user_only);
  EXPECT_FLOAT_EQ(model.predict_by_state(kNone, 0).rating, 2.75f);
  EXPECT_EQ(model.predict_by_state(kNone, 0).evidence, Evidence::item_only);
  EXPECT_FLOAT_EQ(model.predict_by_state(kNone, kNone).rating, 3);
  EXPECT_EQ(model.predict_by_state(kNone, kNone).evidence, Evidence::global);
}

TEST(Model, DoesNotKnowWhatItWasNotTrainedOn) {
  const Model model = test::small_model();  // user 2 and item 3 have an id but no training rating
  EXPECT_EQ(model.predict_by_state(2, 0).evidence, Evidence::item_only);
  EXPECT_EQ(model.predict_by_state(0, 3).evidence, Evidence::user_only);
  EXPECT_EQ(model.predict_by_state(2, 3).evidence, Evidence::global);
}

TEST(Model, WithoutBiasesHasNothingToSayOfAnUnknownUser) {
  MfState state = test::small_model().state();
  state.biased = false;
  state.user_bias.clear();
  state.item_bias.clear();
  const Model model(make_dot_state("mf", state), test::small_model().seen(), {1, 5});
  EXPECT_EQ(model.predict_by_state(0, 0).evidence, Evidence::full);
  EXPECT_FLOAT_EQ(model.predict_by_state(kNone, 0).rating, 3);
  EXPECT_EQ(model.predict_by_state(kNone, 0).evidence, Evidence::global);
  EXPECT_EQ(model.predict_by_state(0, kNone).evidence, Evidence::global);
}

TEST(Model, ClipsToTheScale) {
  const Model model = test::small_model();
  EXPECT_FLOAT_EQ(model.predict_by_state(1, 1).rating, 5);
  EXPECT_FLOAT_EQ(model.predict_by_state(1, 2).rating, 1);
}

TEST(Evaluate, CountsErrorsByEvidence) {
  const Model model = test::small_model();
  const RatingList list{{0, 0, kNone, kNone}, {0, kNone, 0, kNone}, {3.75f, 4.5f, 2.75f, 1}};
  const RatingMetrics metrics = evaluate(*open_device({"cpu", 1}), model, list);
  EXPECT_EQ(metrics.all.count, 4);
  EXPECT_DOUBLE_EQ(metrics.all.squared, 1 + 4);
  for (const Evidence kind :
       {Evidence::full, Evidence::user_only, Evidence::item_only, Evidence::global}) {
    EXPECT_EQ(metrics.by_evidence[static_cast<std::size_t>(kind)].count, 1);
  }
  EXPECT_DOUBLE_EQ(metrics.by_evidence[static_cast<std::size_t>(Evidence::user_only)].absolute, 1);
  EXPECT_DOUBLE_EQ(metrics.by_evidence[static_cast<std::size_t>(Evidence::global)].absolute, 2);
}

TEST(Evaluate, MatchesRatingsOfOtherDataById) {
  const Model model = test::small_model();  // users a, b, c; items 10, 20, 30, 40
  Dataset data = make_dataset(2, 3, {{0, 0, 1}, {0, 1, 2}, {1, 0, 3}, {1, 2, 4}});
  TextTable users;
  users.push_back("a");
  users.push_back("zoe");
  data.users = IdMap(std::move(users));
  data.items = IdMap(std::vector<std::int64_t>{10, 15, 40});
  const RatingList all = match_ratings(model, data, Part::all);
  EXPECT_EQ(all.user, (std::vector<Index>{0, 0, kNone, kNone}));
  EXPECT_EQ(all.item, (std::vector<Index>{0, kNone, 0, 3}));
  const RatingList seen = match_ratings(model, data, Part::seen);
  EXPECT_EQ(seen.rating, std::vector<float>{1});
  const RatingList unseen = match_ratings(model, data, Part::unseen);
  EXPECT_EQ(unseen.rating, (std::vector<float>{2, 3, 4}));
}

TEST(Evaluate, SelectsAPart) {
  const Dataset data = make_dataset(2, 2, {{0, 0, 1}, {0, 1, 2}, {1, 1, 3}});
  const std::vector<Label> label = {0, 1, 1};
  const RatingList list = select_ratings(data, label, LabelSet().set(1));
  EXPECT_EQ(list.user, (std::vector<Index>{0, 1}));
  EXPECT_EQ(list.item, (std::vector<Index>{1, 1}));
  EXPECT_EQ(list.rating, (std::vector<float>{2, 3}));
}

}  // namespace
}  // namespace tusk
