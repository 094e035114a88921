// Scores of all items for a user together, and the best of them.

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/ranking.hpp>
#include <tusk/recommend.hpp>
#include <tusk/train.hpp>

#include "backend/backend.hpp"
#include "lists/row_selector.hpp"
#include "support/philox.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/options.hpp"

namespace tusk {
namespace {

using ScoreRows = std::vector<std::vector<float>>;

ScoreRows rows_of(const Predictor& predictor, const std::vector<Index>& users) {
  ScoreRows rows(users.size());
  std::mutex mutex;
  predictor.score_rows(RankBy::sum, users, [&](std::size_t u, std::span<float> scores) {
    const std::lock_guard lock(mutex);
    EXPECT_TRUE(rows[u].empty()) << "each user is visited once";
    rows[u].assign(scores.begin(), scores.end());
  });
  return rows;
}

class ScoreRowsTest : public testing::TestWithParam<std::tuple<KnnRows, NeighbourPolicy, int>> {
 protected:
  KnnParams params() const {
    const auto& [rows, policy, least] = GetParam();
    return {{SimilarityMetric::cosine}, Centring::z_score, 9, least, policy};
  }
  Model trained(const Dataset& data) const {
    return train(*device_, data, test::knn_options(std::get<KnnRows>(GetParam()), params()));
  }

  std::unique_ptr<Backend> device_ = make_backend({"cpu", 2});
};

// More users than a task has.
TEST_P(ScoreRowsTest, AreTheScoresOfPairs) {
  const Dataset data = test::random_dataset(70, 45, 900, 3);
  const Model model = trained(data);
  const auto opened = model.open(*device_);
  ASSERT_TRUE(opened->has_score_rows(RankBy::sum));
  EXPECT_FALSE(opened->has_score_rows(RankBy::rating));
  // Of the matrix of sums: an offset a row, an index and a value an entry.
  const bool of_items = std::get<KnnRows>(GetParam()) == KnnRows::items;
  const auto entries = of_items ? std::uint64_t{45} * 9 : data.rating.size();
  EXPECT_EQ(opened->table_bytes(RankBy::sum), (of_items ? 46u : 71u) * 8 + entries * 8);
  EXPECT_EQ(opened->table_bytes(RankBy::rating), 0u);
  std::vector<Index> users = test::first_indices(70);
  std::reverse(users.begin(), users.end());
  const ScoreRows rows = rows_of(*opened, users);
  for (std::size_t u = 0; u < users.size(); ++u) {
    const std::vector<Index> items = test::first_indices(45);
    const auto ranked = opened->rank(RankBy::sum, std::vector<Index>(45, users[u]), items);
    for (std::size_t i = 0; i < 45; ++i) EXPECT_EQ(rows[u][i], ranked[i].score);
  }
}

TEST_P(ScoreRowsTest, AreTheSameForAnyNumberOfThreads) {
  const Dataset data = test::random_dataset(150, 80, 2500, 4);
  const Model model = trained(data);
  const std::vector<Index> users = test::first_indices(150);
  const auto one = make_backend({"cpu", 1});
  const ScoreRows expected = rows_of(*model.open(*one), users);
  for (const int threads : {2, 5}) {
    const auto several = make_backend({"cpu", threads});
    EXPECT_EQ(rows_of(*model.open(*several), users), expected) << threads;
  }
}

TEST_P(ScoreRowsTest, EvaluationAndListsGoByThem) {
  const Dataset data = test::random_dataset(60, 90, 1500, 5);
  const Partition split = make_split(data, parse_split("random:0.3"), 2);
  const Model model =
      train(*device_, data, test::knn_options(std::get<KnnRows>(GetParam()), params()), split);
  const RatingList held_out = select_ratings(data, split.label, split.test);
  for (const ListOrder order : {ListOrder{RankBy::sum, {}}, ListOrder{RankBy::sum, {20, 1}}}) {
    const auto judged = [&](const char* candidates) {
      return evaluate_ranking(*device_, model, held_out,
                              {.candidates = parse_candidates(candidates), .order = order});
    };
    const RankingMetrics all = judged("all-unseen");
    EXPECT_GT(all.mean.ndcg, 0);
    EXPECT_EQ(all.mean.ndcg, judged("sampled:90").mean.ndcg);
    const Recommender recommender(*device_, model, {.order = order});
    const std::vector<Index> users = test::first_indices(60);
    const TopK top = recommender.top_k(users, 7);
    const auto lists = recommender.recommend(users, 7);
    for (std::size_t u = 0; u < users.size(); ++u) {
      for (std::size_t n = 0; n < 7; ++n) {
        EXPECT_EQ(lists[u][n].item, top.index[u * 7 + n]);
        EXPECT_EQ(lists[u][n].score, top.score[u * 7 + n]);
      }
    }
  }
}

// A row of item-knn depends on the user's ratings alone.
TEST_P(ScoreRowsTest, OfAFoldedUserAreThoseOfTheTrainedOne) {
  const Dataset data = test::random_dataset(40, 30, 500, 6);
  const Model model = trained(data);
  const auto opened = model.open(*device_);
  const auto folded = opened->fold_in(data.ratings());
  ASSERT_TRUE(folded->has_score_rows(RankBy::sum));
  const std::vector<Index> users = test::first_indices(40);
  const ScoreRows rows = rows_of(*folded, users);
  if (std::get<KnnRows>(GetParam()) == KnnRows::items) {
    const ScoreRows expected = rows_of(*opened, users);
    for (std::size_t u = 0; u < 40; ++u) {
      for (std::size_t i = 0; i < 30; ++i) EXPECT_NEAR(rows[u][i], expected[u][i], 1e-5);
    }
  }
  const Recommender recommender(*device_, model, {.order = ListOrder{RankBy::sum, {}}});
  const auto lists = recommender.recommend_new(data.ratings(), 3);
  for (std::size_t u = 0; u < 40; ++u) {
    for (const Recommendation& entry : lists[u]) {
      EXPECT_EQ(entry.score, rows[u][static_cast<std::size_t>(entry.item)]);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ScoreRowsTest,
                         testing::Combine(testing::Values(KnnRows::users, KnnRows::items),
                                          testing::Values(NeighbourPolicy::table,
                                                          NeighbourPolicy::automatic),
                                          testing::Values(1, 3)),
                         [](const auto& test) {
                           return std::string(std::get<0>(test.param) == KnnRows::users ? "users"
                                                                                        : "items") +
                                  "_" + std::string(to_string(std::get<1>(test.param))) + "_" +
                                  std::to_string(std::get<2>(test.param));
                         });

TEST(ScoreRowsEdgeTest, OneRatingIsEnough) {
  const auto device = make_backend({"cpu", 2});
  const Dataset data = test::make_dataset(1, 1, {{0, 0, 4}});
  for (const char* name : {"item-knn", "user-knn"}) {
    const Model model = train(*device, data, TrainOptions(name));
    const auto opened = model.open(*device);
    EXPECT_EQ(rows_of(*opened, {0}), ScoreRows{{0}}) << name;
    EXPECT_TRUE(rows_of(*opened, {}).empty());
    EXPECT_TRUE(Recommender(*device, model, {.order = ListOrder{RankBy::sum, {}}})
                    .recommend(std::vector<Index>{0}, 3)
                    .front()
                    .empty());
  }
}

// Items 0 and 1 are rated by the same two users, item 2 by the second of them.
TEST(ScoreRowsEdgeTest, LowRatingsWeighLess) {
  const auto device = make_backend({"cpu", 1});
  const Dataset data =
      test::make_dataset(3, 3, {{0, 0, 5}, {0, 1, 4}, {1, 0, 2}, {1, 1, 4}, {1, 2, 4}, {2, 0, 3}});
  ItemKnnOptions options;
  options.similarity = SimilarityMetric::cosine;
  options.centring = Centring::none;
  options.low_weight = 0.5f;
  for (const NeighbourPolicy policy : {NeighbourPolicy::automatic, NeighbourPolicy::table}) {
    options.policy = policy;
    const Model model = train(*device, data, options);
    EXPECT_EQ(model.metadata.at("relevance"), "4");
    const auto opened = model.open(*device);
    // Weights of item 0: 1, .5, .5; of item 1: 1, 1, -; of item 2: -, 1, -.
    const double s01 = 1.5 / std::sqrt(1.5 * 2);
    const double s02 = 0.5 / std::sqrt(1.5);
    const double s12 = 1 / std::sqrt(2);
    const ScoreRows rows = rows_of(*opened, {0, 2});
    EXPECT_NEAR(rows[0][2], s02 + s12, 1e-6);
    EXPECT_NEAR(rows[1][1], 0.5 * s01, 1e-6);
    const auto folded = opened->fold_in(data.ratings());
    EXPECT_NEAR(rows_of(*folded, {2})[0][1], 0.5 * s01, 1e-6);
  }
  options.policy = NeighbourPolicy::raters;
  EXPECT_THROW(train(*device, data, options), ParameterError);
}

TEST(ScoreRowsEdgeTest, OtherModelsRefuse) {
  const auto device = make_backend({"cpu", 1});
  const Model model = train(*device, test::random_dataset(5, 5, 12, 1), BiasOptions());
  const auto opened = model.open(*device);
  EXPECT_FALSE(opened->has_score_rows(RankBy::rating));
  const std::vector<Index> user = {0};
  EXPECT_THROW(opened->score_rows(RankBy::rating, user, {}), UsageError);
}

TEST(RowSelectorTest, ChoosesAsASortDoes) {
  RandomSequence random(5, 5);
  for (int round = 0; round < 200; ++round) {
    const auto items = static_cast<Index>(1 + random.below(300));
    std::vector<float> scores;
    for (Index i = 0; i < items; ++i) scores.push_back(static_cast<float>(random.below(9)) - 4);
    std::vector<Index> candidates;
    std::vector<Index> seen;
    for (Index i = items - 1; i >= 0; --i) {
      if (random.below(4) > 0) candidates.push_back(i);
      if (random.below(5) == 0) seen.insert(seen.begin(), i);
    }
    std::vector<std::tuple<float, std::size_t, Index>> expected;
    for (std::size_t place = 0; place < candidates.size(); ++place) {
      const Index item = candidates[place];
      if (std::binary_search(seen.begin(), seen.end(), item)) continue;
      expected.emplace_back(-scores[static_cast<std::size_t>(item)], place, item);
    }
    std::sort(expected.begin(), expected.end());
    const std::size_t k = random.below(40);
    std::vector<Index> item(k, kNone);
    std::vector<float> score(k, -7);
    RowSelector(candidates, items).choose(scores, seen, item, score);
    for (std::size_t n = 0; n < k; ++n) {
      ASSERT_EQ(item[n], n < expected.size() ? std::get<Index>(expected[n]) : kNone);
      ASSERT_EQ(score[n], n < expected.size() ? -std::get<float>(expected[n]) : -7);
    }
  }
}

}  // namespace
}  // namespace tusk
