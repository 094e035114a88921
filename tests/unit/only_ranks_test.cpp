// What is said and what is left out of a model whose scores are no ratings.
#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/evaluate.hpp>
#include <tusk/list_writer.hpp>
#include <tusk/metric.hpp>
#include <tusk/metrics_json.hpp>
#include <tusk/predict.hpp>
#include <tusk/ranking.hpp>
#include <tusk/recommend.hpp>

#include "tests/support/model_fixture.hpp"

namespace tusk {
namespace {

const AlgorithmInfo& ranker() {
  static const AlgorithmInfo info = {"ranker", "only ranks", {}, {.only_ranks = true}, {}};
  return info;
}

// Scores an item by 100 times its index, the same for everybody.
class RankerPredictor : public Predictor {
 public:
  std::vector<Prediction> predict(std::span<const Index>,
                                  std::span<const Index> item) const override {
    std::vector<Prediction> predictions;
    for (const Index i : item) {
      predictions.push_back({static_cast<float>(100 * i), 3, Evidence::full});
    }
    return predictions;
  }
};

class RankerState : public ModelState {
 public:
  using ModelState::ModelState;
  const AlgorithmInfo& algorithm() const override { return ranker(); }
  std::unique_ptr<const Predictor> open(Backend&, const Model&) const override {
    return std::make_unique<RankerPredictor>();
  }
};

class OnlyRanksTest : public testing::Test {
 protected:
  static Model ranking_model() {
    const Model base = test::small_model();
    MfState state;
    state.users = 3;
    state.items = 4;
    state.biased = false;
    Model model(std::make_shared<RankerState>(state), base.seen(), {1, 5});
    model.users = base.users;
    model.items = base.items;
    model.catalogue = base.catalogue;
    return model;
  }

  std::unique_ptr<Device> device_ = open_device({"cpu", 1});
  const Model model_ = ranking_model();
  const RatingList test_{{0, 1}, {2, 1}, {5, 4}};  // no rating that training has
};

TEST_F(OnlyRanksTest, HasNoErrors) {
  const RatingMetrics metrics = evaluate(*device_, model_, test_);
  EXPECT_FALSE(metrics.has_errors);
  EXPECT_EQ(metrics.all.count, 0);
  Json json = Json::object();
  add_metrics(json, metrics);
  EXPECT_TRUE(json.empty()) << json.dump();
  RatingMetrics sum;
  sum += metrics;
  EXPECT_FALSE(sum.has_errors) << "the sum of folds has none, too";
  std::map<std::string, std::string> metadata;
  store_test(metadata, metrics, {});
  EXPECT_TRUE(metadata.empty());
  EXPECT_TRUE(evaluate(*device_, test::small_model(), test_).has_errors);
}

TEST_F(OnlyRanksTest, RefusesToPredictAndNamesWhoDoes) {
  const std::vector<Index> zero = {0};
  try {
    predict(*device_, model_, zero, zero);
    ADD_FAILURE() << "it predicted";
  } catch (const UsageError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("a ranker model only ranks"), std::string::npos) << text;
    EXPECT_NE(text.find("item-knn"), std::string::npos) << text;
  }
}

TEST_F(OnlyRanksTest, ListsAreJudgedAndSayThatTheyAreByScore) {
  const RankingMetrics metrics = evaluate_ranking(*device_, model_, test_);
  EXPECT_EQ(metrics.users, 2);
  // Item 3 is in no training rating. User 0 gets item 2 alone, user 1 items 1 and 0.
  EXPECT_EQ(metrics.mean.ndcg, 1);
  EXPECT_EQ(protocol_text(metrics),
            "top 10, candidates all-unseen, relevant from 4, ranked by score");
  EXPECT_EQ(ranking_json(metrics)["rank_by"], "score");
  const RankingMetrics prior =
      evaluate_ranking(*device_, model_, test_, {.order = {RankBy::rating, {5, {}}}});
  EXPECT_EQ(prior.options.order.prior.score, 0) << "not the middle of a scale of ratings";
  EXPECT_THROW(evaluate_ranking(*device_, model_, test_, {.order = {RankBy::sum, {}}}), UsageError);
}

TEST_F(OnlyRanksTest, RowsOfListsHaveNoRating) {
  const auto list = Recommender(*device_, model_).recommend("b", 2);
  ASSERT_EQ(list.size(), 2u);
  const Json row = to_json(model_, {"b", 1, list[0]});
  EXPECT_EQ(row["score"], 100);
  EXPECT_FALSE(row.contains("rating"));
}

TEST_F(OnlyRanksTest, SoDoModelsOfWeights) {
  Model model = test::small_model();
  model.metadata[kWeightsKey] = "true";
  EXPECT_FALSE(evaluate(*device_, model, test_).has_errors);
  const std::vector<Index> zero = {0};
  EXPECT_THROW(predict(*device_, model, zero, zero), UsageError);
  const RatingList test{{0, 1}, {2, 1}, {1, 2}};
  const RankingMetrics metrics = evaluate_ranking(*device_, model, test);
  EXPECT_EQ(metrics.relevant, 2) << "each item that was chosen";
  EXPECT_EQ(protocol_text(metrics),
            "top 10, candidates all-unseen, every test item relevant, ranked by score");
  RankingOptions from;
  from.relevance = 2;
  EXPECT_EQ(evaluate_ranking(*device_, model, test, from).relevant, 1) << "of this weight";
}

TEST(UsualMetric, JudgesListsWhereAModelOnlyRanks) {
  const AlgorithmInfo* const mf = &find_algorithm("mf");
  const AlgorithmInfo* const both[] = {mf, &ranker()};
  EXPECT_EQ(to_string(usual_metric({&mf, 1}, false, 10)), "rmse");
  EXPECT_EQ(to_string(usual_metric({&mf, 1}, true, 10)), "ndcg@10") << "of weights";
  EXPECT_EQ(to_string(usual_metric(both, false, 20)), "ndcg@20");
  EXPECT_NO_THROW(check_metric(parse_metric("ndcg@5"), ranker(), false));
  EXPECT_NO_THROW(check_metric({}, *mf, false));
  EXPECT_THROW(check_metric({}, *mf, true), ParameterError);
  EXPECT_THROW(check_metric({}, ranker(), false), ParameterError);
  EXPECT_THROW(check_metric(parse_metric("mae"), ranker(), false), ParameterError);
}

}  // namespace
}  // namespace tusk
