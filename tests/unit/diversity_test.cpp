// Lists of items that are unlike each other.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/recommend.hpp>
#include <tusk/train.hpp>

#include "backend/backend.hpp"
#include "tests/support/datasets.hpp"

namespace tusk::diversity_tests {
namespace {

std::vector<Index> items_of(const std::vector<Recommendation>& list) {
  std::vector<Index> indices;
  for (const Recommendation& row : list) indices.push_back(row.item);
  return indices;
}

class DiversityTest : public testing::Test {
 protected:
  // Three items alike, then one that is not.
  static Model of_factors() {
    MfState state;
    state.users = 1;
    state.items = 5;
    state.factors = 2;
    state.biased = false;
    state.user_factors = {1, 0.9f};
    state.item_factors = {2, 0, 1.9f, 0, 1.8f, 0, 0, 1.7f, 0.1f, 0.1f};
    SeenItems seen;
    seen.items = 5;
    seen.offset = {0, 5};
    seen.item = {0, 1, 2, 3, 4};
    return {make_dot_state("mf", state), seen, {1, 5}};
  }

  // A model of biases whose items have these genres, the best first.
  static Model of_genres(const std::vector<std::string>& genres) {
    MfState state;
    state.users = 1;
    state.items = static_cast<Index>(genres.size());
    state.user_bias = {0};
    SeenItems seen;
    seen.items = state.items;
    Catalogue catalogue;
    for (std::size_t i = 0; i < genres.size(); ++i) {
      state.item_bias.push_back(1 - 0.1f * static_cast<float>(i));
      seen.item.push_back(static_cast<Index>(i));
      catalogue.title.push_back("");
      catalogue.genres.push_back(genres[i]);
    }
    seen.offset = {0, std::ssize(seen.item)};
    Model model(make_dot_state("bias", state), seen, {-5, 5});
    model.catalogue = catalogue;
    return model;
  }

  std::vector<Index> list(const Model& model, float diversity, int k) const {
    RecommendOptions options;
    options.exclude_seen = false;
    options.diversity = diversity;
    const Index user = 0;
    return items_of(Recommender(*backend_, model, options).recommend({&user, 1}, k).front());
  }

  std::unique_ptr<Backend> backend_ = make_backend({"cpu", 2});
};

using Items = std::vector<Index>;

TEST_F(DiversityTest, ComparesFactors) {
  const Model model = of_factors();
  EXPECT_EQ(list(model, 0, 2), (Items{0, 1}));
  EXPECT_EQ(list(model, 0.5f, 2), (Items{0, 3}));
}

TEST_F(DiversityTest, ComparesGenresWhereTheModelComparesNoItems) {
  const Model model = of_genres({"Comedy|Drama", "Comedy|Drama", "Comedy", "War", ""});
  EXPECT_EQ(list(model, 0, 3), (Items{0, 1, 2}));
  // Of item 1 both genres are shared, of 2 one of two, of 3 and 4 none.
  EXPECT_EQ(list(model, 0.4f, 3), (Items{0, 3, 2}));
  EXPECT_EQ(list(model, 1, 3), (Items{0, 3, 4}));
}

TEST_F(DiversityTest, OrdersListsThatHoldEverything) {
  EXPECT_EQ(list(of_factors(), 0.5f, 5).size(), 5u);
  EXPECT_EQ(list(of_factors(), 0.5f, 5)[1], 3);
}

TEST_F(DiversityTest, ComparesNeighboursAndContent) {
  const Dataset data = test::random_dataset(40, 30, 600, 2);
  for (const char* name :
       {"item-knn", "content", "hybrid", "user-knn", "slope-one", "ease", "popular"}) {
    SCOPED_TRACE(name);
    const Model model = train(*backend_, data, TrainOptions(name));
    const auto opened = model.open(*backend_);
    const std::vector<Index> others = test::first_indices(30);
    const auto similar = opened->similarities(3, others);
    const Items best = list(model, 0, 8);
    const Items diverse = list(model, 0.7f, 8);
    EXPECT_EQ(std::set<Index>(diverse.begin(), diverse.end()).size(), 8u);
    EXPECT_EQ(diverse.front(), best.front());
    EXPECT_NE(diverse, best);
    EXPECT_EQ(similar.has_value(), model.algorithm().capabilities.compares_items);
    if (!similar) continue;
    for (const float value : *similar) EXPECT_LE(value, 1 + 1e-5f);
    const auto alike = [&](const Items& items) {
      double sum = 0;
      for (const Index item : items) {
        const auto of_item = opened->similarities(item, items);
        for (const float value : *of_item) sum += value;
      }
      return sum;
    };
    EXPECT_LE(alike(diverse), alike(best));
  }
}

// All kinds of lists choose among as many items.
TEST_F(DiversityTest, IsOfAllLists) {
  std::vector<std::string> genres(40, "Comedy");
  genres[30] = "War";
  Model model = of_genres(genres);
  RecommendOptions options;
  options.diversity = 0.9f;
  const Recommender recommender(*backend_, model, options);
  EXPECT_EQ(items_of(recommender.popular(2)), (Items{0, 30}));
  const std::vector<std::int64_t> offset = {0, 0};
  EXPECT_EQ(items_of(recommender.recommend_new({offset, {}, {}, 40}, 2).front()), (Items{0, 30}));
  EXPECT_EQ(recommender.tied_lists(), 0) << "of lists that are not by score it says nothing";
}

TEST_F(DiversityTest, TakesNoMoreUsersThanTheirPoolsHaveRoom) {
  const Dataset data = test::random_dataset(40, 300, 6000, 2);
  const Model model = train(*backend_, data, BiasOptions());
  const auto users = [&](float diversity, int reasons) {
    RecommendOptions options;
    options.diversity = diversity;
    options.reasons = reasons;
    return Recommender(*backend_, model, options).users_within(1 << 20, 10);
  };
  EXPECT_LT(4 * users(0.5f, 0), users(0, 0));
  EXPECT_LT(users(0, 3), users(0, 0));
}

TEST_F(DiversityTest, RefusesWhatCannotBe) {
  EXPECT_THROW(list(of_factors(), 1.5f, 2), UsageError);
  EXPECT_THROW(list(of_factors(), -0.5f, 2), UsageError);
  EXPECT_THROW(list(of_genres({"", ""}), 0.5f, 2), UsageError) << "nothing to compare";
}

}  // namespace
}  // namespace tusk::diversity_tests
