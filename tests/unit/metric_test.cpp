// What settings are chosen by, and their order.
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/metric.hpp>
#include <tusk/search.hpp>

namespace tusk {
namespace {

Trial with_rmse(std::size_t candidate, const std::vector<double>& rmse) {
  Trial trial;
  trial.candidate = candidate;
  for (const double value : rmse) trial.folds.push_back({{1, value * value, value}, {}});
  return trial;
}

TEST(RankTrials, MarksTiesByTheDifferenceFoldByFold) {
  // The second is always a little worse; the third differs as much on the whole, but not always
  // the same way; folds differ far more than any of them.
  const std::vector<Trial> trials = {with_rmse(0, {1.0, 2.0, 3.0}), with_rmse(1, {1.1, 2.1, 3.1}),
                                     with_rmse(2, {1.5, 1.9, 3.0}), Trial{3}};
  const auto ranked = rank_trials({}, trials);
  ASSERT_EQ(ranked.size(), 3u) << "without the one that diverged";
  EXPECT_EQ(ranked[0].trial, 0u);
  EXPECT_FALSE(ranked[0].tie);
  EXPECT_EQ(ranked[1].trial, 1u);
  EXPECT_FALSE(ranked[1].tie);
  EXPECT_TRUE(ranked[2].tie);
  EXPECT_NEAR(ranked[0].score.mean, 2, 1e-12);
  EXPECT_NEAR(ranked[0].score.standard_error, 1 / std::sqrt(3.0), 1e-12);
}

TEST(RankTrials, ListsAreBetterWithMoreFound) {
  std::vector<Trial> trials(2);
  for (std::size_t t = 0; t < 2; ++t) {
    trials[t].candidate = t;
    ListMetrics lists;
    lists.ndcg = 0.1 * static_cast<double>(t + 1);
    trials[t].folds = {{{1, 1, 1}, lists}};
  }
  EXPECT_EQ(rank_trials(parse_metric("ndcg@10"), trials)[0].trial, 1u);
  EXPECT_EQ(rank_trials(parse_metric("ndcg@10"), trials)[0].score.standard_error, 0) << "one fold";
}

TEST(Metric, IsParsedAndNamed) {
  for (const char* text : {"rmse", "mae", "precision@5", "recall@20", "ndcg@10", "map@10", "mrr@1",
                           "hit-rate@100", "r-precision@10"}) {
    EXPECT_EQ(to_string(parse_metric(text)), text);
  }
  for (const char* text : {"", "R MSE", "ndcg", "ndcg@", "ndcg@0", "ndcg@-1", "ndcg@x", "rmse@10",
                           "ndcg@10@5", "ndcg@1000001"}) {
    EXPECT_THROW(parse_metric(text), UsageError) << text;
  }
  EXPECT_EQ(to_string(parse_metric("RMSE")), "rmse");
  EXPECT_EQ(to_string(parse_metric("hit_rate@10")), "hit-rate@10");
  EXPECT_TRUE(parse_metric("mae").better(1, 2));
  EXPECT_TRUE(parse_metric("map@3").better(2, 1));
}

TEST(Metric, TakesItsFigureOfAList) {
  ListMetrics lists;
  lists.precision = 1;
  lists.recall = 2;
  lists.ndcg = 3;
  lists.average_precision = 4;
  lists.reciprocal_rank = 5;
  lists.hit_rate = 6;
  lists.r_precision = 7;
  double expected = 0;
  for (const char* text :
       {"precision@1", "recall@1", "ndcg@1", "map@1", "mrr@1", "hit-rate@1", "r-precision@1"}) {
    EXPECT_EQ(value_of(parse_metric(text), lists), ++expected) << text;
  }
  EXPECT_EQ(value_of(parse_metric("mae"), ErrorSums{2, 8, 3}), 1.5);
  EXPECT_EQ(value_of(parse_metric("rmse"), ErrorSums{2, 8, 3}), 2);
  EXPECT_THROW(value_of(parse_metric("rmse"), lists), UsageError);
  EXPECT_THROW(value_of(parse_metric("map@1"), ErrorSums{}), UsageError);
}

}  // namespace
}  // namespace tusk
