// Nothing that is said of lists depends on how items are numbered.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/ranking.hpp>
#include <tusk/recommend.hpp>
#include <tusk/train.hpp>

#include "backend/backend.hpp"
#include "models/knn/knn_ratings.hpp"
#include "models/knn/neighbour_session.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/options.hpp"

namespace tusk {
namespace {

constexpr Index kUsers = 300;
constexpr Index kItems = 200;

// Few whole ratings, so that much ties.
std::vector<test::Rating> some_ratings() {
  const Dataset data = test::random_dataset(kUsers, kItems, 3000, 17);
  std::vector<test::Rating> ratings;
  data.ratings().each([&](Index user, std::size_t at) {
    ratings.push_back({user, data.item[at], data.rating[at], data.timestamp[at]});
  });
  return ratings;
}

Index renamed(Index item) { return kItems - 1 - item; }

// A model of most ratings, and the others, with items as they are or in reversed order.
struct Judged {
  Judged(std::string_view kind, bool reversed, const KnnParams& knn = {}, float item_damping = 25) {
    std::vector<test::Rating> training;
    for (const test::Rating& rating : some_ratings()) {
      const Index item = reversed ? renamed(rating.item) : rating.item;
      if ((rating.user + rating.item) % 4 == 0) {
        test.user.push_back(rating.user);
        test.item.push_back(item);
        test.rating.push_back(rating.value);
      } else {
        training.push_back({rating.user, item, rating.value});
      }
    }
    const TrainOptions options =
        test::has_neighbours(kind) ? test::knn_options(kind, knn)
                                   : test::options_of(kind, {{"item-damping", double{item_damping}},
                                                             {"factors", std::int64_t{8}},
                                                             {"epochs", std::int64_t{5}}});
    model = train(*device, test::make_dataset(kUsers, kItems, training), options);
  }

  RankingMetrics metrics(const char* candidates, const ListOrder& order = {}) const {
    return evaluate_ranking(*device, model, test,
                            {.candidates = parse_candidates(candidates), .order = order});
  }

  std::unique_ptr<Device> device = open_device({"cpu", 2});
  Model model;
  RatingList test;
};

void expect_equal(const RankingMetrics& a, const RankingMetrics& b, double tolerance,
                  const std::string& what) {
  EXPECT_GT(a.users, 100);
  EXPECT_EQ(a.users, b.users) << what;
  EXPECT_EQ(a.tied_users, b.tied_users) << what;
  for (const ListFigure& figure : kListFigures) {
    EXPECT_NEAR(a.mean.*figure.value, b.mean.*figure.value, tolerance) << what;
  }
  EXPECT_NEAR(a.coverage, b.coverage, tolerance) << what;
  EXPECT_NEAR(a.popularity / b.popularity, 1, tolerance) << what;
  EXPECT_NEAR(a.novelty, b.novelty, 10 * tolerance) << what;
}

TEST(Ties, RankingFiguresDoNotDependOnTheNumbersOfItems) {
  struct Case {
    std::string_view kind;
    KnnParams knn;
    float item_damping;
    ListOrder order;
  };
  KnnParams plain;  // with neighbours that tie
  plain.centring = Centring::none;
  plain.neighbours = 5;
  const ListOrder prior{RankBy::rating, {20, {}}};
  const ListOrder sum{RankBy::sum, {}};
  for (const auto& [kind, knn, damping, order] :
       {Case{"mean", {}, 25, {}}, Case{"mean", {}, 25, prior}, Case{"popular", {}, 0, {}},
        Case{"popular", {}, 0, prior}, Case{"bias", {}, 0, {}}, Case{"bias", {}, 25, prior},
        Case{"user-knn", plain, 25, {}}, Case{"user-knn", plain, 25, sum},
        Case{"item-knn", plain, 25, {}}, Case{"item-knn", plain, 25, sum}}) {
    const Judged one(kind, false, knn, damping);
    const Judged other(kind, true, knn, damping);
    for (const char* candidates : {"all-unseen", "rated-only"}) {
      expect_equal(one.metrics(candidates, order), other.metrics(candidates, order), 1e-12,
                   std::string(kind) + " " + candidates);
    }
  }
}

// Training starts from other factors where items are numbered otherwise; one model does not change.
TEST(Ties, AFactorModelWithRenumberedItemsHasTheSameFigures) {
  const Judged one("mf", false);
  Judged other("mf", true);
  MfState state = one.model.state();
  for (Index item = 0; item < kItems; ++item) {
    const auto from = static_cast<std::size_t>(item);
    const auto to = static_cast<std::size_t>(renamed(item));
    // Every other item twice, so that some tie.
    const auto source = from / 2 * 2;
    state.item_bias[to] = one.model.state().item_bias[source];
    std::copy_n(one.model.state().item_factors.begin() + static_cast<std::ptrdiff_t>(source * 8), 8,
                state.item_factors.begin() + static_cast<std::ptrdiff_t>(to * 8));
  }
  MfState twice = state;
  for (std::size_t from = 0; from < static_cast<std::size_t>(kItems); ++from) {
    const auto to = static_cast<std::size_t>(renamed(static_cast<Index>(from)));
    twice.item_bias[from] = state.item_bias[to];
    std::copy_n(state.item_factors.begin() + static_cast<std::ptrdiff_t>(to * 8), 8,
                twice.item_factors.begin() + static_cast<std::ptrdiff_t>(from * 8));
  }
  const auto metrics = [&](const Judged& of, const MfState& with, const char* candidates) {
    const Model model(make_dot_state("mf", with), of.model.seen(), of.model.scale());
    return evaluate_ranking(*of.device, model, of.test,
                            {.candidates = parse_candidates(candidates)});
  };
  for (const char* candidates : {"all-unseen", "rated-only"}) {
    const RankingMetrics found = metrics(one, twice, candidates);
    EXPECT_TRUE(found.tied_users > 0 || std::string(candidates) == "rated-only");
    expect_equal(found, metrics(other, state, candidates), 1e-12, candidates);
  }
}

// Every way to find a tie gives what scoring every candidate gives.
TEST(Ties, AllUnseenIsAsIfAllWereSampled) {
  for (const auto& [kind, damping] : {std::pair{std::string_view("mean"), 25.0f},
                                      {"popular", 0.0f},
                                      {"bias", 25.0f},
                                      {"mf", 25.0f}}) {
    const Judged judged(kind, false, {}, damping);
    for (const ListOrder& order : {ListOrder{}, ListOrder{RankBy::rating, {5, {}}}}) {
      const RankingMetrics all = judged.metrics("all-unseen", order);
      expect_equal(all, judged.metrics("sampled:1000", order), 1e-12, std::string(kind));
      if (kind == "mean" && order.prior.strength == 0) {
        EXPECT_EQ(all.tied_users, all.users);
        EXPECT_GT(all.coverage, 0.99) << "a random order lists everything to somebody";
      }
    }
  }
}

TEST(Ties, CoverageIsTheExpectedShareOfTheCatalogue) {
  // Two users who have seen item 0 of four; each gets one of the other three: an item is on no list
  // with probability (2 / 3)^2.
  MfState state;
  state.users = 3;
  state.items = 4;
  state.biased = false;
  state.mean = 3;
  const SeenItems seen{{0, 1, 2, 5}, {0, 0, 1, 2, 3}, 4};
  const Model model(make_dot_state("mean", state), seen, {1, 5});
  const auto device = open_device({"cpu", 1});
  const RankingMetrics metrics =
      evaluate_ranking(*device, model, {{0, 1}, {1, 2}, {5, 5}}, {.k = 1});
  EXPECT_EQ(metrics.tied_users, 2);
  EXPECT_NEAR(metrics.coverage, 3 * (1 - 4.0 / 9) / 4, 1e-14);
  EXPECT_NEAR(metrics.mean.precision, 1.0 / 3, 1e-14);
  EXPECT_NEAR(metrics.popularity, 1, 1e-14);
  EXPECT_NEAR(metrics.novelty, std::log2(3.0), 1e-14);
}

TEST(Ties, ListsHaveTheItemWithMoreRatingsFirst) {
  // Items 2 and 1 have two and three ratings, the others one.
  const Dataset data = test::make_dataset(
      5, 5,
      {{0, 0, 3}, {1, 1, 4}, {2, 1, 4}, {3, 1, 4}, {1, 2, 4}, {2, 2, 2}, {4, 3, 3}, {3, 4, 3}});
  KnnParams mean_only;
  mean_only.centring = Centring::none;
  mean_only.neighbours = mean_only.min_neighbours = 100;
  for (const std::string_view kind : {"mean", "item-knn"}) {
    const TrainOptions options = test::has_neighbours(kind) ? test::knn_options(kind, mean_only)
                                                            : TrainOptions(MeanOptions());
    const auto device = open_device({"cpu", 1});
    const Model model = train(*device, data, options);
    Recommender recommender(*device, model);
    std::vector<Index> items;
    for (const Recommendation& row : recommender.recommend("0", 10)) items.push_back(row.item);
    EXPECT_EQ(items, (std::vector<Index>{1, 2, 3, 4})) << kind;
    EXPECT_EQ(recommender.tied_lists(), 0) << "nothing is left out";
    EXPECT_EQ(recommender.recommend("0", 1)[0].item, 1);
    EXPECT_EQ(recommender.tied_lists(), 1);
  }
  const auto device = open_device({"cpu", 1});
  const Model model = train(*device, data, PopularOptions{1e30f});  // all items alike
  Recommender recommender(*device, model);
  const auto to_anyone = recommender.recommend("nobody", 2);
  EXPECT_EQ(to_anyone[0].item, 1);
  EXPECT_EQ(to_anyone[1].item, 2);
  EXPECT_EQ(recommender.tied_lists(), 1);
}

// Rows 1 to 4 are equally similar to row 0: of equally many ratings are 2, 3 and 4.
TEST(Ties, NeighboursWithMoreRatingsComeFirst) {
  const Dataset data = test::make_dataset(6, 5,
                                          {{0, 0, 3},
                                           {0, 1, 3},
                                           {0, 2, 3},
                                           {0, 3, 3},
                                           {0, 4, 3},
                                           {1, 0, 3},
                                           {1, 1, 3},
                                           {1, 2, 3},
                                           {1, 3, 3},
                                           {1, 4, 3},
                                           {2, 1, 3},
                                           {3, 1, 3},
                                           {4, 4, 3},
                                           {5, 3, 2}});
  KnnParams params;
  params.similarity = {SimilarityMetric::msd, 0, 1};
  const MfState state;
  const KnnRatings ratings(KnnRows::items, params, state, data.ratings());
  const std::vector<float> deviation(data.rating.size(), 1);
  for (const int threads : {1, 2}) {
    const auto backend = make_backend({"cpu", threads});
    const auto session = open_neighbours(*backend, ratings.problem({}, deviation), KnnRows::items);
    const std::vector<Index> row = {0};
    // 3 and 4 have as many ratings; users 0, 1, 4 come before 0, 1, 5.
    EXPECT_EQ(session->query(row, 5).index, (std::vector<Index>{1, 4, 3, 2, kNone}));
    const auto sums = session->weigh(row, row, 2);
    EXPECT_EQ(sums[0].count, 2);
    EXPECT_DOUBLE_EQ(sums[0].weight, 2);
  }
}

}  // namespace
}  // namespace tusk
