#include <algorithm>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/predict.hpp>
#include <tusk/recommend.hpp>
#include <tusk/similar.hpp>
#include <tusk/train.hpp>

#include "backend/backend.hpp"
#include "support/philox.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/model_fixture.hpp"

namespace tusk {
namespace {

std::vector<Index> items(const std::vector<Recommendation>& list) {
  std::vector<Index> indices;
  for (const Recommendation& row : list) indices.push_back(row.item);
  return indices;
}

class RecommendTest : public testing::Test {
 protected:
  std::unique_ptr<Backend> backend_ = make_backend({"cpu", 2});
};

TEST_F(RecommendTest, ListsUnseenKnownItemsBestFirst) {
  const Model model = test::small_model();
  Recommender recommender(*backend_, model);
  const auto list = recommender.recommend("b", 10);
  EXPECT_EQ(items(list), (std::vector<Index>{1, 0})) << "30 is seen, 40 is unknown";
  EXPECT_FLOAT_EQ(list[0].score, 3 + 0.25f + 0.75f + 3.5f);
  EXPECT_FLOAT_EQ(list[0].rating, 5) << "clipped";
  EXPECT_EQ(list[0].evidence, Evidence::full);
  EXPECT_EQ(items(recommender.recommend("b", 1)), std::vector<Index>{1});
}

TEST_F(RecommendTest, RefusesAUserWithoutTrainingRatings) {
  const Model model = test::small_model();
  Recommender recommender(*backend_, model);
  for (const char* user : {"c", "nobody", ""}) {
    EXPECT_THROW(recommender.recommend(user, 10), InputError) << user;
  }
  EXPECT_THROW(recommender.recommend("a", 0), UsageError);
}

TEST_F(RecommendTest, RefusesCountsAndUsersThatThereAreNot) {
  const Model model = test::small_model();
  Recommender recommender(*backend_, model);
  const std::vector<Index> known = {0, 1};
  for (const int k : {0, -1, kMostRecommendations + 1, std::numeric_limits<int>::min()}) {
    EXPECT_THROW(recommender.recommend("a", k), UsageError) << k;
    EXPECT_THROW(recommender.recommend(known, k), UsageError) << k;
    EXPECT_THROW(recommender.top_k(known, k), UsageError) << k;
    EXPECT_THROW(recommender.users_within(1 << 20, k), UsageError) << k;
  }
  for (const Index user : {kNone, Index{3}}) {
    const std::vector<Index> users = {0, user};
    EXPECT_THROW(recommender.recommend(users, 1), UsageError) << user;
    EXPECT_THROW(recommender.top_k(users, 1), UsageError) << user;
  }
}

TEST_F(RecommendTest, PopularItemsAreForEverybody) {
  MfState state;
  state.users = 3;
  state.items = 4;
  state.mean = 3;
  state.user_bias = {0, 0, 0};
  state.item_bias = {0.5f, -0.5f, 0.5f, 0};
  Model model(make_dot_state("popular", state), test::small_model().seen(), {1, 5});
  model.users = test::small_model().users;  // a has rated items 0, 1, b item 2, c nothing
  Recommender recommender(*backend_, model);
  EXPECT_EQ(items(recommender.recommend("a", 10)), std::vector<Index>{2});
  for (const char* user : {"c", "nobody"}) {
    const auto list = recommender.recommend(user, 2);
    EXPECT_EQ(items(list), (std::vector<Index>{0, 2})) << user;
    EXPECT_FLOAT_EQ(list[0].rating, 3.5f);
    EXPECT_EQ(list[0].evidence, Evidence::global);
    EXPECT_EQ(recommender.recommend(user, 10).size(), 3u);
  }
}

std::vector<Index> candidates_of(Backend& backend, const Model& model,
                                 const CandidateFilter& filter) {
  const Recommender recommender(backend, model, {filter, true});
  const auto found = recommender.candidates();
  return {found.begin(), found.end()};
}

TEST_F(RecommendTest, FiltersCandidates) {
  const Model model = test::small_model();  // items 0 and 1 have a rating by a, 2 by b, 3 none
  const auto candidates = [&](const CandidateFilter& filter) {
    return candidates_of(*backend_, model, filter);
  };
  using Items = std::vector<Index>;
  EXPECT_EQ(candidates({}), (Items{0, 1, 2}));
  EXPECT_EQ(candidates({.genres = {"war"}}), Items{2}) << "one of two genres, in any case";
  EXPECT_EQ(candidates({.genres = {"Drama"}}), Items{0});
  EXPECT_EQ(candidates({.items = Items{3, 2, 0, 2}}), (Items{0, 2})) << "3 has no rating";
  EXPECT_EQ(candidates({.min_ratings = 0}), (Items{0, 1, 2}));
  EXPECT_THROW(candidates({.min_ratings = 2}), UsageError);
  EXPECT_THROW(candidates({.genres = {"Wa"}}), UsageError);
  EXPECT_THROW(candidates({.items = Items{}}), UsageError);
  EXPECT_THROW(candidates({.genres = {"War"}, .items = Items{0}}), UsageError);
}

TEST_F(RecommendTest, CountsRatingsOfItems) {
  Model model = test::small_model();
  SeenItems seen;
  seen.offset = {0, 2, 4, 5};
  seen.item = {0, 1, 1, 2, 1};
  seen.items = 4;
  const Model counted(make_dot_state("mf", model.state()), seen, {1, 5});
  EXPECT_EQ(candidates_of(*backend_, counted, {.min_ratings = 1}), (std::vector<Index>{1, 0, 2}))
      << "more ratings first";
  EXPECT_EQ(candidates_of(*backend_, counted, {.min_ratings = 3}), std::vector<Index>{1});
}

TEST_F(RecommendTest, NamesGenresOnceSorted) {
  EXPECT_EQ(genre_names(test::small_model().catalogue),
            (std::vector<std::string>{"Comedy", "Drama", "War"}));
  EXPECT_TRUE(genre_names({}).empty());
}

TEST_F(RecommendTest, IncludesSeenItemsIfAsked) {
  const Model model = test::small_model();
  Recommender recommender(*backend_, model, {{}, false});
  const auto list = recommender.recommend("b", 10);
  EXPECT_EQ(items(list), (std::vector<Index>{1, 0, 2}));
  EXPECT_FLOAT_EQ(list[2].rating, 1) << "clipped";
}

TEST_F(RecommendTest, ListsOfManyUsersAreThoseOfEach) {
  const Model model = test::small_model();
  Recommender recommender(*backend_, model);
  const std::vector<Index> users = {1, 0, 1};
  const auto lists = recommender.recommend(users, 10);
  ASSERT_EQ(lists.size(), 3u);
  const auto a = recommender.recommend("a", 10);
  const auto b = recommender.recommend("b", 10);
  EXPECT_EQ(items(lists[0]), items(b));
  EXPECT_EQ(items(lists[1]), items(a));
  EXPECT_EQ(items(lists[2]), items(b));
  EXPECT_EQ(lists[0][1].score, b[1].score);
  EXPECT_EQ(lists[0][1].evidence, b[1].evidence);
  EXPECT_THROW(recommender.recommend(users, 0), UsageError);
  EXPECT_TRUE(recommender.recommend(std::span<const Index>(), 3).empty());
}

TEST_F(RecommendTest, MemoryBoundsTheUsersOfACall) {
  const Model model = test::small_model();
  const Recommender recommender(*backend_, model);
  const auto many = recommender.users_within(1 << 20, 2);
  EXPECT_GT(many, 100);
  EXPECT_GT(recommender.users_within(1 << 20, 1), many);
  EXPECT_GT(recommender.users_within(1 << 21, 2), many);
  EXPECT_EQ(recommender.users_within(1 << 20, 3), recommender.users_within(1 << 20, 999'999))
      << "no list is longer than the candidates are many";
  EXPECT_THROW(recommender.users_within(100, 2), UsageError);
}

TEST_F(RecommendTest, MemoryCountsTheScoresOfAllCandidates) {
  const Dataset data = test::random_dataset(12, 9, 70, 3);
  const Model biases = train(*backend_, data, BiasOptions());
  const Model neighbours = train(*backend_, data, ItemKnnOptions());
  const Recommender by_products(*backend_, biases);
  const Recommender by_scores(*backend_, neighbours);
  const auto users = [](const Recommender& recommender, std::uint64_t bytes) {
    return recommender.users_within(bytes, 1);
  };
  EXPECT_LT(users(by_scores, 1 << 20), users(by_products, 1 << 20));
  // No more than so many are scored at a time.
  const std::uint64_t many = std::uint64_t{1} << 40;
  EXPECT_NEAR(static_cast<double>(users(by_scores, many)),
              static_cast<double>(users(by_products, many)), 1e6);
}

TEST_F(RecommendTest, BreaksTiesByTheOrderOfCandidates) {
  MfState state;
  state.users = 1;
  state.items = 6;
  state.biased = true;
  state.mean = 3;
  state.user_bias = {0};
  state.item_bias = {0, 1, 0, 1, 0, 1};
  const std::vector<Index> candidates = {0, 1, 2, 3, 4, 5};
  const std::vector<std::int64_t> offset = {0, 1};
  const std::vector<Index> seen = {3};
  const auto session = backend_->open_dot(state, candidates, {offset, seen, {}, 6});
  const std::vector<Index> users = {0};
  EXPECT_EQ(session->query(users, 4).index, (std::vector<Index>{1, 5, 0, 2}));
  const std::vector<Index> other = {4, 5, 3, 1, 2, 0};
  const auto other_session = backend_->open_dot(state, other, {offset, seen, {}, 6});
  EXPECT_EQ(other_session->query(users, 4).index, (std::vector<Index>{5, 1, 4, 2}));
}

TEST_F(RecommendTest, PadsAShortRow) {
  MfState state;
  state.users = 1;
  state.items = 3;
  state.biased = false;
  state.mean = 3;
  const std::vector<Index> candidates = {0, 2};
  const std::vector<std::int64_t> offset = {0, 1};
  const std::vector<Index> seen = {0};
  const auto session = backend_->open_dot(state, candidates, {offset, seen, {}, 3});
  const TopK top = session->query(std::vector<Index>{0}, 3);
  EXPECT_EQ(top.index, (std::vector<Index>{2, kNone, kNone}));
  EXPECT_EQ(top.score[1], -std::numeric_limits<float>::infinity());
}

TEST_F(RecommendTest, AgreesWithSortingEveryScore) {
  RandomSequence random(4, 4);
  MfState state;
  state.users = 20;
  state.items = 300;
  state.factors = 5;
  state.mean = 3;
  // Few distinct values, so that there are ties.
  const auto fill = [&](std::vector<float>& values, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) values.push_back(static_cast<float>(random.below(3)));
  };
  fill(state.user_factors, 100);
  fill(state.item_factors, 1500);
  fill(state.user_bias, 20);
  fill(state.item_bias, 300);
  const Dataset seen = test::random_dataset(20, 300, 1500, 5);
  std::vector<Index> candidates;
  for (Index i = 0; i < 300; i += 2) candidates.push_back(i);
  const auto session = backend_->open_dot(state, candidates, seen.ratings());
  std::vector<Index> users(20);
  for (Index u = 0; u < 20; ++u) users[static_cast<std::size_t>(u)] = 19 - u;
  const TopK top = session->query(users, 17);
  for (std::size_t r = 0; r < users.size(); ++r) {
    const auto row = seen.ratings().row(users[r]);
    std::vector<std::pair<float, Index>> scored;
    for (const Index item : candidates) {
      if (std::binary_search(row.begin(), row.end(), item)) continue;
      float score = state.mean + state.user_bias[static_cast<std::size_t>(users[r])] +
                    state.item_bias[static_cast<std::size_t>(item)];
      for (std::size_t f = 0; f < 5; ++f) {
        score += state.user_factors[static_cast<std::size_t>(users[r]) * 5 + f] *
                 state.item_factors[static_cast<std::size_t>(item) * 5 + f];
      }
      scored.emplace_back(-score, item);
    }
    std::sort(scored.begin(), scored.end());
    for (std::size_t k = 0; k < 17; ++k) {
      EXPECT_EQ(top.index[r * 17 + k], scored[k].second);
      EXPECT_EQ(top.score[r * 17 + k], -scored[k].first);
    }
  }
}

// A model that is no dot product and counts the pairs that it is asked about.
class CountingState : public ModelState {
 public:
  CountingState(MfState base, std::int64_t& pairs) : ModelState(std::move(base)), pairs_(pairs) {}

  const AlgorithmInfo& algorithm() const override { return find_algorithm("slope-one"); }
  std::unique_ptr<const Predictor> open(Backend&, const Model& model) const override {
    class Counting : public Predictor {
     public:
      Counting(const Model& model, std::int64_t& pairs) : model_(model), pairs_(pairs) {}
      std::vector<Prediction> predict(std::span<const Index> user,
                                      std::span<const Index> item) const override {
        pairs_ += std::ssize(user);
        std::vector<Prediction> predictions;
        for (std::size_t p = 0; p < user.size(); ++p) {
          predictions.push_back(model_.predict_by_state(user[p], item[p]));
        }
        return predictions;
      }

     private:
      const Model& model_;
      std::int64_t& pairs_;
    };
    return std::make_unique<Counting>(model, pairs_);
  }

 private:
  std::int64_t& pairs_;
};

TEST_F(RecommendTest, ScoresEachCandidateOnce) {
  const Model small = test::small_model();
  std::int64_t pairs = 0;
  Model model(std::make_shared<CountingState>(small.state(), pairs), small.seen(), small.scale());
  model.users = small.users;
  const Recommender recommender(*backend_, model);
  const std::vector<Index> users = {0, 1};  // with one and two unseen items
  const auto lists = recommender.recommend(users, 10);
  EXPECT_EQ(pairs, 3);
  const Recommender by_session(*backend_, small);
  const auto expected = by_session.recommend(users, 10);
  for (std::size_t u = 0; u < users.size(); ++u) {
    ASSERT_EQ(lists[u].size(), expected[u].size());
    for (std::size_t r = 0; r < lists[u].size(); ++r) {
      EXPECT_EQ(lists[u][r].item, expected[u][r].item);
      EXPECT_EQ(lists[u][r].score, expected[u][r].score);
      EXPECT_EQ(lists[u][r].rating, expected[u][r].rating);
      EXPECT_EQ(lists[u][r].evidence, expected[u][r].evidence);
    }
  }
}

TEST_F(RecommendTest, SharesTheModel) {
  auto model = std::make_shared<const Model>(test::small_model());
  const std::weak_ptr<const Model> watched = model;
  {
    const Recommender recommender(*backend_, model);
    const auto predictor = open_model(*backend_, std::move(model));
    EXPECT_EQ(items(recommender.recommend("b", 1)), std::vector<Index>{1});
    const std::vector<Index> one = {1};
    EXPECT_FLOAT_EQ(predictor->predict(one, one)[0].rating, 5);
    EXPECT_FALSE(watched.expired());
  }
  EXPECT_TRUE(watched.expired());
}

TEST_F(RecommendTest, TakesIds) {
  const Model model = test::small_model();
  const std::vector<std::string> users = {"b", "nobody"};
  const std::vector<std::string> items_asked = {"20", "20"};
  const auto predictions = predict(*backend_, model, users, items_asked);
  EXPECT_FLOAT_EQ(predictions[0].rating, 5);
  EXPECT_EQ(predictions[0].evidence, Evidence::full);
  EXPECT_EQ(predictions[1].evidence, Evidence::item_only);
  const auto by_id = similar_items(*backend_, model, "20", 5);
  const auto by_index = similar_items(*backend_, model, Index{1}, 5);
  ASSERT_EQ(by_id.size(), by_index.size());
  EXPECT_EQ(by_id[0].item, by_index[0].item);
  EXPECT_THROW(similar_items(*backend_, model, "21", 5), InputError);
  const Recommender recommender(*backend_, model);
  EXPECT_THROW(recommender.recommend(std::int64_t{7}, 5), InputError);
}

TEST_F(RecommendTest, RefusesNumbersThatAreNone) {
  const Model model = test::small_model();
  const Recommender recommender(*backend_, model);
  const std::vector<Index> users = {0};
  EXPECT_THROW(recommender.for_each_list(users, 0, 1 << 30, {}), UsageError);
  for (const Index item : {kNone, model.items.size()}) {
    RecommendOptions options;
    options.candidates.items = {{item}};
    EXPECT_THROW(Recommender(*backend_, model, options), UsageError) << item;
  }
}

}  // namespace
}  // namespace tusk
