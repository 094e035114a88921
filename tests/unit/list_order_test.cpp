// What lists are ordered by.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/list_order.hpp>
#include <tusk/predict.hpp>
#include <tusk/ranking.hpp>
#include <tusk/recommend.hpp>
#include <tusk/train.hpp>

#include "tests/support/datasets.hpp"
#include "tests/support/model_fixture.hpp"
#include "tests/support/options.hpp"

namespace tusk {
namespace {

TEST(ListOrder, IsParsedAndNamed) {
  for (const char* text : {"rating", "sum"}) EXPECT_EQ(to_string(parse_rank_by(text)), text);
  for (const char* text : {"0", "300", "300:2.5", "0.5:-1"}) {
    EXPECT_EQ(to_string(parse_support_prior(text)), text);
  }
  for (const char* text : {"", "ratings!", "mean"}) {
    EXPECT_THROW(parse_rank_by(text), UsageError) << text;
  }
  for (const char* text : {"", "x", ":3", "300:", "300:x", "1:2:3"}) {
    EXPECT_THROW(parse_support_prior(text), UsageError) << text;
  }
}

TEST(ListOrder, IsChecked) {
  const auto refused = [](const ListOrder& order, std::string_view kind) {
    EXPECT_THROW(check_list_order(order, find_algorithm(kind)), UsageError);
  };
  refused({RankBy::rating, {-1, {}}}, "mf");
  refused({RankBy::rating, {NAN, {}}}, "mf");
  refused({RankBy::rating, {INFINITY, 3}}, "mf");
  refused({RankBy::rating, {10, NAN}}, "mf");
  refused({RankBy::sum, {}}, "mf");
  refused({RankBy::sum, {}}, "popular");
  check_list_order({RankBy::sum, {10, -1}}, find_algorithm("item-knn"));
  check_list_order({RankBy::rating, {10, {}}}, find_algorithm("mean"));
}

class SupportPriorTest : public testing::TestWithParam<std::string_view> {
 protected:
  SupportPriorTest() {
    const TrainOptions options =
        test::options_of(GetParam(), {{"factors", std::int64_t{20}}, {"epochs", std::int64_t{30}}});
    model_ = train(*device_, data_, options);
    for (const Index item : model_.seen().item) ++ratings_[static_cast<std::size_t>(item)];
  }

  std::unique_ptr<Device> device_ = open_device({"cpu", 2});
  Dataset data_ = test::random_dataset(60, 90, 1500, 21);
  Model model_;
  std::vector<double> ratings_ = std::vector<double>(90, 0);
};

TEST_P(SupportPriorTest, DrawsTheScoresOfRareItemsTowardsIt) {
  Recommender recommender(*device_, model_, {.order = ListOrder{RankBy::rating, {12, 2.25f}}});
  std::vector<Index> users(60);
  std::iota(users.begin(), users.end(), 0);
  const TopK top = recommender.top_k(users, 90);
  const auto lists = recommender.recommend(users, 90);
  for (Index user = 0; user < 60; ++user) {
    std::vector<Index> item(90);
    std::iota(item.begin(), item.end(), 0);
    const std::vector<Index> same(90, user);
    const auto predictions = predict(*device_, model_, same, item);
    const auto seen = model_.seen().view().row(user);
    const auto& list = lists[static_cast<std::size_t>(user)];
    EXPECT_EQ(list.size(), recommender.candidates().size() - seen.size());
    for (std::size_t r = 0; r < list.size(); ++r) {
      const std::size_t i = static_cast<std::size_t>(list[r].item);
      const double support = ratings_[i] / (ratings_[i] + 12);
      EXPECT_NEAR(list[r].score, 2.25 + (predictions[i].score - 2.25) * support, 2e-6);
      EXPECT_EQ(list[r].score, top.score[static_cast<std::size_t>(user) * 90 + r]);
      EXPECT_EQ(list[r].rating, predictions[i].rating) << "which the order does not change";
      if (r > 0) {
        EXPECT_LE(list[r].score, list[r - 1].score);
      }
    }
  }
}

TEST_P(SupportPriorTest, OrdersEveryKindOfCandidatesAlike) {
  const Partition split = make_split(data_, parse_split("random:0.3"), 2);
  const TrainOptions options = test::options_of(GetParam(), {{"epochs", std::int64_t{20}}});
  const Model model = train(*device_, data_, options, split);
  const RatingList test = select_ratings(data_, split.label, split.test);
  const auto ranked = [&](const char* candidates, const ListOrder& order) {
    return evaluate_ranking(*device_, model, test,
                            {.candidates = parse_candidates(candidates), .order = order});
  };
  const ListOrder prior{RankBy::rating, {40, {}}};
  const RankingMetrics all = ranked("all-unseen", prior);
  EXPECT_EQ(to_string(all.options.order.prior), "40:3") << "the middle of the scale";
  EXPECT_EQ(all.mean.ndcg, ranked("sampled:90", prior).mean.ndcg);
  EXPECT_GT(ranked("all-unseen", {RankBy::rating, {40, 1}}).popularity,
            ranked("all-unseen", {}).popularity);
}

INSTANTIATE_TEST_SUITE_P(Models, SupportPriorTest,
                         testing::Values("mean", "bias", "mf", "popular", "item-knn"),
                         [](const auto& test) {
                           std::string name(test.param);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

class ListOrderTest : public testing::Test {
 protected:
  std::unique_ptr<Device> device_ = open_device({"cpu", 2});
};

TEST_F(ListOrderTest, PriorOfSumsIsZeroIfNotGiven) {
  const Model model = test::small_knn_model(NeighbourPolicy::table);
  const RatingList test{{0}, {2}, {5}};
  const auto used = [&](const ListOrder& order) {
    return evaluate_ranking(*device_, model, test, {.order = order}).options.order;
  };
  EXPECT_EQ(to_string(used({RankBy::sum, {5, {}}}).prior), "5:0");
  EXPECT_EQ(to_string(used({RankBy::sum, {5, -2}}).prior), "5:-2");
  EXPECT_EQ(to_string(used({RankBy::sum, {}}).prior), "0");
}

TEST_F(ListOrderTest, PopularListsAreTheSameForTheUnknown) {
  MfState state;
  state.users = 3;
  state.items = 4;
  state.mean = 3;
  state.user_bias = {0, 0, 0};
  state.item_bias = {-0.5f, 1, 0.75f, 0};
  SeenItems seen;  // items 0 and 2 have two ratings, 1 one
  seen.offset = {0, 2, 5, 5};
  seen.item = {0, 2, 0, 1, 2};
  seen.items = 4;
  Model model(make_dot_state("popular", state), seen, {1, 5});
  model.users = test::small_model().users;
  Recommender recommender(*device_, model, {{}, false, ListOrder{RankBy::rating, {1, 2.5f}}});
  const auto known = recommender.recommend("a", 10);
  const auto unknown = recommender.recommend("nobody", 10);
  ASSERT_EQ(known.size(), 3u);
  ASSERT_EQ(unknown.size(), 3u);
  for (std::size_t r = 0; r < 3; ++r) {
    EXPECT_EQ(known[r].item, unknown[r].item);
    EXPECT_FLOAT_EQ(known[r].score, unknown[r].score);
  }
  EXPECT_EQ(to_string(recommender.order().prior), "1:2.5");
  EXPECT_EQ(known[0].item, 2) << "2.5 + 1.25 * 2 / 3 is more than 2.5 + 1.5 / 2";
  EXPECT_FLOAT_EQ(known[0].score, 2.5f + 1.25f * 2 / 3);
  EXPECT_FLOAT_EQ(known[0].rating, 3.75f);
}

TEST_F(ListOrderTest, RefusesWhatTheModelDoesNotHave) {
  const Model model = test::small_model();
  EXPECT_THROW(Recommender(*device_, model, {.order = ListOrder{RankBy::sum, {}}}), UsageError);
  EXPECT_THROW(evaluate_ranking(*device_, model, {}, {.order = {RankBy::sum, {}}}), UsageError);
  const Dataset data = test::random_dataset(10, 10, 50, 1);
  EXPECT_THROW(cross_validate(*device_, data, make_folds(data, parse_folds("2"), 1), MfOptions(),
                              {}, RankingOptions{.order = {RankBy::sum, {}}}),
               UsageError);
}

TEST_F(ListOrderTest, ItsMemoryCounts) {
  const Model model = train(*device_, test::random_dataset(500, 90, 1500, 22), BiasOptions());
  const Recommender plain(*device_, model);
  const Recommender shrunk(*device_, model, {.order = ListOrder{RankBy::rating, {5, {}}}});
  EXPECT_LT(shrunk.users_within(1 << 20, 2), plain.users_within(1 << 20, 2));
}

TEST(ListOrder, IsKeptByAModel) {
  Model model = test::small_knn_model(NeighbourPolicy::raters);
  store_order(model.metadata, {});
  EXPECT_EQ(model.metadata.count("rank_by") + model.metadata.count("support_prior"), 0u);
  EXPECT_EQ(order_of(model).by, RankBy::rating);
  store_order(model.metadata, {RankBy::sum, {5, 2.5f}});
  const ListOrder kept = order_of(model);
  EXPECT_EQ(kept.by, RankBy::sum);
  EXPECT_EQ(to_string(kept.prior), "5:2.5");
  const auto device = open_device({"cpu", 1});
  EXPECT_EQ(Recommender(*device, model).order().by, RankBy::sum);
  EXPECT_EQ(to_string(Recommender(*device, model).order().prior), "5:2.5");
  EXPECT_EQ(Recommender(*device, model, {.order = ListOrder()}).order().by, RankBy::rating);
  for (const auto& [key, value] : {std::pair{"rank_by", "best"}, std::pair{"support_prior", "-1"},
                                   std::pair{"support_prior", "much"}}) {
    Model bad = model;
    bad.metadata[key] = value;
    EXPECT_THROW(order_of(bad), FormatError) << key << value;
  }
  Model factors = test::small_model();
  factors.metadata["rank_by"] = "sum";
  EXPECT_THROW(order_of(factors), FormatError) << "it has no neighbours";
}

TEST(ListOrder, OfNeighboursOfWeightsIsBySums) {
  Model model = test::small_knn_model(NeighbourPolicy::raters);
  EXPECT_EQ(used_rank_by(RankBy::rating, model), RankBy::rating);
  model.metadata[kWeightsKey] = "true";
  EXPECT_EQ(used_rank_by(RankBy::rating, model), RankBy::sum);
  EXPECT_EQ(rank_by_text(RankBy::rating, model), "sum");
  Model factors = test::small_model();
  factors.metadata[kWeightsKey] = "true";
  EXPECT_EQ(used_rank_by(RankBy::rating, factors), RankBy::rating);
}

}  // namespace
}  // namespace tusk
