#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/ranking.hpp>
#include <tusk/train.hpp>

#include "evaluation/negatives.hpp"
#include "tests/support/datasets.hpp"

namespace tusk {
namespace {

using ItemList = std::vector<Index>;

double gain(double rank) { return 1 / std::log2(rank + 1); }

// Of a list without ties.
ListMetrics judge(const ItemList& list, const ItemList& relevant, int k, std::int64_t missed = 0) {
  std::vector<TieGroup> groups;
  for (const Index item : list) {
    groups.push_back({1, std::count(relevant.begin(), relevant.end(), item)});
  }
  return judge_list(groups, std::ssize(relevant) + missed, k);
}

// The mean over every order of the items of each group.
ListMetrics mean_over_orders(const std::vector<TieGroup>& groups, std::int64_t relevant, int k) {
  std::vector<std::vector<int>> gains;  // of each group: 1 for a relevant item
  for (const TieGroup& group : groups) {
    auto& of_group = gains.emplace_back(static_cast<std::size_t>(group.items), 0);
    std::fill_n(of_group.rbegin(), group.relevant, 1);
  }
  ListMetrics mean;
  double orders = 0;
  // Every arrangement of zeros and ones stands for as many orders of items as any other.
  const std::function<void(std::size_t, ItemList)> extend = [&](std::size_t g, ItemList list) {
    if (g == gains.size()) {
      ItemList places(list.size());
      std::iota(places.begin(), places.end(), 0);
      ItemList hits;
      for (std::size_t r = 0; r < list.size(); ++r) {
        if (list[r] == 1) hits.push_back(static_cast<Index>(r));
      }
      const ListMetrics one = judge(places, hits, k, relevant - std::ssize(hits));
      for (const auto& figure : kListFigures) mean.*figure.value += one.*figure.value;
      ++orders;
      return;
    }
    auto arrangement = gains[g];
    do {
      ItemList longer = list;
      longer.insert(longer.end(), arrangement.begin(), arrangement.end());
      extend(g + 1, longer);
    } while (std::next_permutation(arrangement.begin(), arrangement.end()));
  };
  extend(0, {});
  for (const auto& figure : kListFigures) mean.*figure.value /= orders;
  return mean;
}

TEST(JudgeList, ComputesWhatTheNamesSay) {
  const ListMetrics list = judge({7, 3, 9, 1, 5}, {1, 3, 8}, 5);  // hits at ranks 2 and 4
  EXPECT_DOUBLE_EQ(list.precision, 2.0 / 5);
  EXPECT_DOUBLE_EQ(list.recall, 2.0 / 3);
  EXPECT_DOUBLE_EQ(list.ndcg, (gain(2) + gain(4)) / (gain(1) + gain(2) + gain(3)));
  EXPECT_DOUBLE_EQ(list.average_precision, (1.0 / 2 + 2.0 / 4) / 3);
  EXPECT_DOUBLE_EQ(list.reciprocal_rank, 1.0 / 2);
  EXPECT_DOUBLE_EQ(list.hit_rate, 1);
  EXPECT_DOUBLE_EQ(list.r_precision, 1.0 / 3) << "one hit among the first three";
}

TEST(JudgeList, GainsAreThoseOfTheIdealListToo) {
  // Gains 3 and 1 on ranks 2 and 3; 5 is missed.
  const std::vector<TieGroup> groups = {{1, 0, 0}, {1, 1, 3}, {1, 1, 1}};
  const double found = 3 * gain(2) + 1 * gain(3);
  EXPECT_DOUBLE_EQ(judge_list(groups, std::vector<double>{5, 3, 1}, 3).ndcg,
                   found / (5 * gain(1) + 3 * gain(2) + 1 * gain(3)));
  EXPECT_DOUBLE_EQ(judge_list(groups, std::vector<double>{5, 3, 1}, 2).ndcg,
                   3 * gain(2) / (5 * gain(1) + 3 * gain(2)));
  // Tied, each of the two places has half of the gain.
  const std::vector<TieGroup> tied = {{2, 1, 4}};
  EXPECT_DOUBLE_EQ(judge_list(tied, std::vector<double>{4}, 2).ndcg,
                   2 * (gain(1) + gain(2)) / (4 * gain(1)));
}

TEST(JudgeList, CappedRecallDividesByWhatTheListCanHold) {
  EXPECT_DOUBLE_EQ(judge({7, 3, 9}, {3, 9, 1, 2, 8}, 3).capped_recall, 2.0 / 3);
  EXPECT_DOUBLE_EQ(judge({7, 3, 9}, {3, 9}, 3).capped_recall, 1);
  EXPECT_DOUBLE_EQ(judge({7, 3, 9}, {3, 9, 1, 2, 8}, 3).recall, 2.0 / 5);
}

TEST(JudgeList, LooksNoFurtherThanK) {
  const ListMetrics list = judge({7, 3, 9, 1, 5}, {1, 3, 8}, 3);
  EXPECT_DOUBLE_EQ(list.precision, 1.0 / 3);
  EXPECT_DOUBLE_EQ(list.recall, 1.0 / 3);
  EXPECT_DOUBLE_EQ(list.ndcg, gain(2) / (gain(1) + gain(2) + gain(3)));
  EXPECT_DOUBLE_EQ(list.average_precision, 0.5 / 3);
}

TEST(JudgeList, APerfectListHasTheIdealOfKItems) {
  const ListMetrics list = judge({1, 2}, {1, 2, 3, 4}, 2);
  EXPECT_DOUBLE_EQ(list.precision, 1);
  EXPECT_DOUBLE_EQ(list.ndcg, 1);
  EXPECT_DOUBLE_EQ(list.reciprocal_rank, 1);
  EXPECT_DOUBLE_EQ(list.recall, 0.5);
  EXPECT_DOUBLE_EQ(list.r_precision, 0.5);
  EXPECT_DOUBLE_EQ(list.average_precision, 0.5) << "over all relevant items, as in trec_eval";
}

TEST(JudgeList, AShortListIsJudgedByItsFullLength) {
  const ListMetrics list = judge({4}, {4}, 10);
  EXPECT_DOUBLE_EQ(list.precision, 0.1);
  EXPECT_DOUBLE_EQ(list.recall, 1);
  EXPECT_DOUBLE_EQ(list.ndcg, 1);
  EXPECT_DOUBLE_EQ(list.average_precision, 1);
}

TEST(JudgeList, WithoutAHitIsZero) {
  for (const ItemList& items : {ItemList{}, ItemList{1, 2, 3}}) {
    const ListMetrics list = judge(items, {4, 5}, 3);
    EXPECT_EQ(list.precision, 0);
    EXPECT_EQ(list.recall, 0);
    EXPECT_EQ(list.ndcg, 0);
    EXPECT_EQ(list.average_precision, 0);
    EXPECT_EQ(list.reciprocal_rank, 0);
    EXPECT_EQ(list.hit_rate, 0);
  }
}

TEST(JudgeList, RelevantItemsOnNoListAreMissed) {
  const ListMetrics list = judge({4, 5}, {4}, 2, 1);
  EXPECT_DOUBLE_EQ(list.recall, 0.5);
  EXPECT_DOUBLE_EQ(list.ndcg, gain(1) / (gain(1) + gain(2)));
  EXPECT_DOUBLE_EQ(list.average_precision, 0.5);
}

TEST(JudgeList, OfTiesIsTheMeanOverTheirOrders) {
  RandomSequence random(5, 5);
  for (int round = 0; round < 300; ++round) {
    std::vector<TieGroup> groups;
    std::int64_t items = 0;
    std::int64_t relevant = random.below(2);  // on no list
    while (items < 9) {
      TieGroup group{1 + random.below(6), 0};
      group.items = std::min(group.items, 9 - items);
      group.relevant = random.below(static_cast<std::uint32_t>(group.items) + 1);
      items += group.items;
      relevant += group.relevant;
      groups.push_back(group);
    }
    if (relevant == 0) continue;
    for (const int k : {1, 2, 4, 7, 9, 12}) {
      const ListMetrics found = judge_list(groups, relevant, k);
      const ListMetrics expected = mean_over_orders(groups, relevant, k);
      for (const ListFigure& figure : kListFigures) {
        ASSERT_NEAR(found.*figure.value, expected.*figure.value, 1e-13)
            << "round " << round << ", k " << k;
      }
    }
  }
}

TEST(JudgeList, OfALargeTieIsExact) {
  constexpr std::int64_t kItems = 1'000'000'000;
  const ListMetrics list = judge_list(std::vector<TieGroup>{{kItems, 20}}, 20, 10);
  EXPECT_NEAR(list.precision / 2e-8, 1, 1e-12);
  EXPECT_NEAR(list.recall / 1e-8, 1, 1e-12);
  EXPECT_NEAR(list.hit_rate / 2e-7, 1, 1e-6);
  const ListMetrics all = judge_list(std::vector<TieGroup>{{6, 2}}, 2, 10);
  EXPECT_EQ(all.hit_rate, 1) << "without rounding";
  EXPECT_DOUBLE_EQ(all.recall, 1);
}

TEST(DrawNegatives, TakesAllWhereThereAreNotMore) {
  const ItemList catalogue = {2, 3, 5, 7, 11, 13};
  RandomSequence random(1, 1);
  EXPECT_EQ(draw_negatives(catalogue, ItemList{2, 7, 13}, 3, random), (ItemList{3, 5, 11}));
  EXPECT_EQ(draw_negatives(catalogue, ItemList{2, 7, 13}, 100, random), (ItemList{3, 5, 11}));
  EXPECT_EQ(draw_negatives(catalogue, ItemList{}, 6, random), catalogue);
  EXPECT_EQ(draw_negatives(catalogue, catalogue, 6, random), ItemList{});
}

TEST(DrawNegatives, DrawsEveryChoiceEquallyOften) {
  const ItemList catalogue = {2, 3, 5, 7, 11, 13};
  const ItemList excluded = {3, 13};  // leaves 2, 5, 7, 11: six pairs
  std::map<ItemList, int> times;
  RandomSequence random(3, 1);
  constexpr int kDraws = 6000;
  for (int d = 0; d < kDraws; ++d) ++times[draw_negatives(catalogue, excluded, 2, random)];
  ASSERT_EQ(times.size(), 6u);
  for (const auto& [items, count] : times) {
    EXPECT_NEAR(count, kDraws / 6, 6 * std::sqrt(kDraws / 6));  // six standard deviations
  }
}

TEST(Candidates, AreParsedAndNamed) {
  for (const char* text : {"all-unseen", "rated-only", "sampled:100"}) {
    EXPECT_EQ(to_string(parse_candidates(text)), text);
  }
  for (const char* text : {"", "all", "sampled", "sampled:", "sampled:0", "sampled:-3",
                           "sampled:1.5", "sampled:99999999999", "rated-only:3"}) {
    EXPECT_THROW(parse_candidates(text), UsageError) << text;
  }
}

// A model that ranks all users' items 5, 4, ..., 0, of three users and six items; user 0 has rated
// items 4 and 5, user 1 item 3, user 2 nothing; items 0, 1, 2 have ratings of users 3 .. 5.
Model ladder() {
  MfState state;
  state.users = 6;
  state.items = 7;
  state.mean = 3;
  state.user_bias.assign(6, 0);
  state.item_bias = {0, 0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f};
  SeenItems seen;
  seen.offset = {0, 2, 3, 3, 4, 5, 6};
  seen.item = {4, 5, 3, 0, 1, 2};
  seen.items = 7;  // item 6 has no training rating
  return Model(make_dot_state("bias", state), seen, {1, 5});
}

class RankingTest : public testing::Test {
 protected:
  RankingMetrics rank(const Model& model, const RatingList& test, RankingOptions options) {
    return evaluate_ranking(*device_, model, test, options);
  }

  std::unique_ptr<Device> device_ = open_device({"cpu", 2});
};

TEST_F(RankingTest, JudgesListsOfUnseenItems) {
  // Lists of two: user 0 gets 3, 2; user 1 gets 5, 4; user 3 gets 5, 4.
  const RatingList test{{0, 0, 1, 1, 3}, {2, 1, 4, 0, 5}, {4, 5, 4.5f, 1, 3.9f}};
  const RankingMetrics metrics = rank(ladder(), test, {.k = 2});
  EXPECT_EQ(metrics.users, 2);
  EXPECT_EQ(metrics.users_without_relevant, 1);
  EXPECT_EQ(metrics.relevant, 3);
  EXPECT_EQ(metrics.catalogue, 6);
  EXPECT_DOUBLE_EQ(metrics.mean.precision, 0.5);
  EXPECT_DOUBLE_EQ(metrics.mean.recall, (0.5 + 1) / 2);
  EXPECT_DOUBLE_EQ(metrics.mean.ndcg, (gain(2) / (gain(1) + gain(2)) + gain(2)) / 2);
  EXPECT_DOUBLE_EQ(metrics.mean.average_precision, (0.25 + 0.5) / 2);
  EXPECT_DOUBLE_EQ(metrics.mean.reciprocal_rank, 0.5);
  EXPECT_DOUBLE_EQ(metrics.mean.hit_rate, 1);
  EXPECT_DOUBLE_EQ(metrics.coverage, 4.0 / 6);
  EXPECT_DOUBLE_EQ(metrics.popularity, 1);
  EXPECT_DOUBLE_EQ(metrics.novelty, std::log2(5.0)) << "one of five training users rated each";
}

TEST_F(RankingTest, ChoosesAmongTheRatedOnly) {
  // Of user 0's items 0, 1, 2 the best are 2, 1; of user 1's item 0 only it.
  const RatingList test{{0, 0, 0, 1}, {2, 1, 0, 0}, {1, 5, 5, 5}};
  const RankingMetrics metrics =
      rank(ladder(), test, {.k = 2, .candidates = parse_candidates("rated-only")});
  EXPECT_EQ(metrics.users, 2);
  EXPECT_DOUBLE_EQ(metrics.mean.precision, 0.5);
  EXPECT_DOUBLE_EQ(metrics.mean.recall, (0.5 + 1) / 2);
  EXPECT_DOUBLE_EQ(metrics.mean.reciprocal_rank, (0.5 + 1) / 2);
}

TEST_F(RankingTest, CountsWhatCannotBeJudged) {
  // Item 6 and kNone have no training rating, user 2 and kNone neither; user 0 has trained on 5.
  const RatingList test{
      {0, 0, 0, 2, kNone, kNone, 0}, {3, 6, kNone, 0, 1, kNone, 5}, {5, 5, 5, 5, 5, 2, 5}};
  for (const char* candidates : {"all-unseen", "rated-only", "sampled:2"}) {
    const RankingMetrics metrics =
        rank(ladder(), test, {.k = 1, .candidates = parse_candidates(candidates)});
    EXPECT_EQ(metrics.users, 1);
    EXPECT_EQ(metrics.relevant, 3);
    EXPECT_EQ(metrics.relevant_unknown_items, 2);
    EXPECT_EQ(metrics.relevant_unknown_users, 2);
    EXPECT_DOUBLE_EQ(metrics.mean.precision, 1) << candidates;
    EXPECT_DOUBLE_EQ(metrics.mean.recall, 1.0 / 3);
  }
}

TEST_F(RankingTest, WithoutAUserIsNotANumber) {
  const RankingMetrics metrics = rank(ladder(), {{0}, {3}, {2}}, {});
  EXPECT_EQ(metrics.users, 0);
  EXPECT_EQ(metrics.users_without_relevant, 1);
  EXPECT_TRUE(std::isnan(metrics.mean.ndcg));
  EXPECT_TRUE(std::isnan(metrics.popularity));
  EXPECT_EQ(rank(ladder(), {}, {}).users, 0);
}

TEST_F(RankingTest, RefusesOptionsOutOfRange) {
  const RatingList test{{0}, {3}, {5}};
  EXPECT_THROW(rank(ladder(), test, {.k = 0}), UsageError);
  EXPECT_THROW(rank(ladder(), test, {.relevance = NAN}), UsageError);
  EXPECT_THROW(rank(ladder(), test, {.candidates = {CandidatePolicy::Kind::sampled, 0}}),
               UsageError);
}

TEST_F(RankingTest, ListsLongerThanTheCatalogueHoldEverything) {
  const RatingList test{{0, 1}, {0, 0}, {5, 5}};
  const RankingMetrics metrics = rank(ladder(), test, {.k = 1000});
  EXPECT_DOUBLE_EQ(metrics.mean.recall, 1);
  EXPECT_DOUBLE_EQ(metrics.mean.precision, 0.001);
  EXPECT_DOUBLE_EQ(metrics.mean.reciprocal_rank, (1.0 / 4 + 1.0 / 5) / 2);
  EXPECT_DOUBLE_EQ(metrics.coverage, 1);
}

// Ratings, a split of them and a model with many ties: a few whole ratings of 300 items.
struct Trained {
  explicit Trained(std::string_view kind) {
    model = train(*device, data, TrainOptions(kind), split);
    test = select_ratings(data, split.label, split.test);
  }

  std::unique_ptr<Device> device = open_device({"cpu", 1});
  Dataset data = test::random_dataset(2500, 300, 50'000, 7);
  Partition split = make_split(data, parse_split("random:0.3"), 1);
  Model model;
  RatingList test;
};

void expect_equal(const RankingMetrics& a, const RankingMetrics& b) {
  EXPECT_EQ(a.users, b.users);
  for (const ListFigure& figure : kListFigures) {
    EXPECT_NEAR(a.mean.*figure.value, b.mean.*figure.value, 1e-12);
  }
  EXPECT_NEAR(a.coverage, b.coverage, 1e-12);
  EXPECT_NEAR(a.popularity, b.popularity, 1e-9);
  EXPECT_NEAR(a.novelty, b.novelty, 1e-11);
}

TEST_F(RankingTest, ThreadsAndTheOrderOfRatingsChangeNothing) {
  const Trained trained("bias");
  RatingList reversed = trained.test;
  for (auto* values : {&reversed.user, &reversed.item})
    std::reverse(values->begin(), values->end());
  std::reverse(reversed.rating.begin(), reversed.rating.end());
  for (const char* candidates : {"all-unseen", "rated-only", "sampled:20"}) {
    const RankingOptions options{.candidates = parse_candidates(candidates)};
    const auto one =
        evaluate_ranking(*open_device({"cpu", 1}), trained.model, trained.test, options);
    const auto four = evaluate_ranking(*open_device({"cpu", 4}), trained.model, reversed, options);
    EXPECT_GT(one.users, 1024) << "more than a batch";
    expect_equal(one, four);
  }
}

TEST_F(RankingTest, SamplingEverythingIsAllUnseen) {
  const Trained trained("bias");
  const auto all = rank(trained.model, trained.test, {});
  const auto sampled =
      rank(trained.model, trained.test, {.candidates = parse_candidates("sampled:300")});
  expect_equal(all, sampled);
  const auto few = rank(trained.model, trained.test, {.candidates = parse_candidates("sampled:5")});
  EXPECT_GT(few.mean.ndcg, all.mean.ndcg) << "fewer rivals";
  const auto other =
      rank(trained.model, trained.test, {.candidates = parse_candidates("sampled:5"), .seed = 2});
  EXPECT_NE(few.mean.ndcg, other.mean.ndcg);
}

TEST_F(RankingTest, TellsProgressToTheLastUser) {
  const Trained trained("popular");
  std::int64_t last = 0;
  std::int64_t users = 0;
  evaluate_ranking(*device_, trained.model, trained.test, {},
                   {{}, [&](Work what, std::int64_t done, std::int64_t of) {
                      EXPECT_EQ(what, Work::ranking);
                      EXPECT_GT(done, last);
                      last = done;
                      users = of;
                    }});
  EXPECT_EQ(last, users);
  EXPECT_GT(users, 1024);
}

TEST_F(RankingTest, StopsWhenAsked) {
  const Trained trained("popular");
  int asked = 0;
  EXPECT_THROW(
      evaluate_ranking(*device_, trained.model, trained.test, {}, {[&] { return ++asked == 2; }}),
      Interrupted);
  EXPECT_EQ(asked, 2);
}

}  // namespace
}  // namespace tusk
