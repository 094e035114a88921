// Lists for users who were not trained, lists for anybody, and what may be in a list.
#include <algorithm>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/new_users.hpp>
#include <tusk/recommend.hpp>
#include <tusk/train.hpp>

#include "backend/backend.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/model_fixture.hpp"

namespace tusk {
namespace {

std::vector<Index> items_of(const std::vector<Recommendation>& list) {
  std::vector<Index> indices;
  for (const Recommendation& row : list) indices.push_back(row.item);
  return indices;
}

class NewUsersTest : public testing::Test {
 protected:
  // Items are many enough that few users are found by bytes, and many by all factors.
  static Model trained(Backend& backend, int factors) {
    const Dataset data = test::random_dataset(150, 6000, 20000, 11);
    MfOptions options;
    options.factors = factors;
    options.epochs = 3;
    options.init_std = 0.1f;
    return train(backend, data, options);
  }

  static NewUsers some_users(const Model& model, Index count) {
    NewUsers users;
    users.items = model.state().items;
    const CsrView seen = model.seen().view();
    for (Index u = 0; u < count; ++u) {
      users.id.push_back(std::to_string(u));
      for (const Index item : seen.row(u)) {
        users.item.push_back(item);
        users.rating.push_back(static_cast<float>(1 + item % 5));
      }
      users.offset.push_back(std::ssize(users.item));
    }
    return users;
  }

  std::unique_ptr<Backend> backend_ = make_backend({"cpu", 2});
};

TEST_F(NewUsersTest, AreListedByTheirPredictedRatingsWithoutWhatTheyRated) {
  const Model model = trained(*backend_, 24);
  const NewUsers users = some_users(model, 30);
  for (const float prior : {0.0f, 20.0f}) {
    RecommendOptions options;
    options.order.prior.strength = prior;
    const Recommender recommender(*backend_, model, options);
    const auto lists = recommender.recommend_new(users.ratings(), 10);
    ASSERT_EQ(lists.size(), 30u);
    const auto opened = model.open(*backend_);
    const auto folded = opened->fold_in(users.ratings());
    for (Index u = 0; u < 30; ++u) {
      const auto& list = lists[static_cast<std::size_t>(u)];
      ASSERT_EQ(list.size(), 10u);
      const auto one = recommender.recommend_new(users.ratings().some_rows(u, 1), 10).front();
      EXPECT_EQ(items_of(one), items_of(list)) << "alone and among others";
      const auto rated = users.ratings().row(u);
      for (const Recommendation& row : list) {
        EXPECT_FALSE(std::binary_search(rated.begin(), rated.end(), row.item));
        EXPECT_EQ(row.evidence, Evidence::folded_in);
        const auto prediction = folded->predict({&u, 1}, {&row.item, 1}).front();
        EXPECT_EQ(row.rating, prediction.rating);
        if (prior == 0) {
          EXPECT_EQ(row.score, prediction.score);
        }
      }
      if (prior > 0) continue;
      float best = -100;
      for (const Index item : recommender.candidates()) {
        if (std::binary_search(rated.begin(), rated.end(), item)) continue;
        best = std::max(best, folded->predict({&u, 1}, {&item, 1}).front().score);
      }
      EXPECT_EQ(best, list.front().score);
    }
  }
}

TEST_F(NewUsersTest, OneTrainedUserIsListedAsAmongMany) {
  const Model model = trained(*backend_, 24);
  const Recommender recommender(*backend_, model);
  const std::vector<Index> all = test::first_indices(150);
  const TopK many = recommender.top_k(all, 20);
  for (const Index user : all) {
    const TopK one = recommender.top_k({&user, 1}, 20);
    for (std::size_t r = 0; r < 20; ++r) {
      const std::size_t at = static_cast<std::size_t>(user) * 20 + r;
      ASSERT_EQ(one.index[r], many.index[at]);
      ASSERT_EQ(one.score[r], many.score[at]);
    }
  }
}

TEST_F(NewUsersTest, AreFoldedIntoEveryModel) {
  const Dataset data = test::random_dataset(40, 30, 600, 2);
  for (const AlgorithmInfo* info : algorithms()) {
    SCOPED_TRACE(info->name);
    TrainOptions options(info->name);
    if (info->name == "mf") options.as<MfOptions>() = {.factors = 4, .epochs = 3};
    const Model model = train(*backend_, data, options);
    RecommendOptions list_options;
    list_options.reasons = 2;
    const Recommender recommender(*backend_, model, list_options);
    const NewUsers users = some_users(model, 5);
    const auto lists = recommender.recommend_new(users.ratings(), 3);
    for (const auto& list : lists) {
      for (const Recommendation& row : list) EXPECT_LE(row.reasons.size(), 2u);
    }
    NewUsers nobody;
    nobody.items = model.state().items;
    nobody.id = {"x"};
    nobody.offset = {0, 0};
    EXPECT_EQ(recommender.recommend_new(nobody.ratings(), 3).front().size(), 3u);
  }
}

TEST_F(NewUsersTest, AnybodyGetsThePopular) {
  const Dataset data = test::make_dataset(3, 3, {{0, 0, 5}, {1, 0, 5}, {2, 1, 1}, {0, 2, 3}});
  ItemKnnOptions options;
  const Model model = train(*backend_, data, options);
  const Recommender recommender(*backend_, model);
  const auto list = recommender.popular(10);
  EXPECT_EQ(items_of(list), (std::vector<Index>{0, 2, 1}));
  EXPECT_EQ(list.front().evidence, Evidence::global);
  // (5 + 5 + 10 * 3.5) / 12.
  EXPECT_NEAR(list.front().rating, 45.0 / 12, 1e-5);
}

TEST_F(NewUsersTest, PopularityHasATrendWhereThereAreTimes) {
  std::vector<test::Rating> ratings;
  for (Index user = 0; user < 100; ++user) ratings.push_back({user, user < 90 ? 0 : 1, 3, user});
  const Dataset data = test::make_dataset(100, 2, ratings);
  const Model model = train(*backend_, data, PopularOptions());
  ASSERT_EQ(model.popularity.trend.size(), 2u);
  EXPECT_NEAR(model.popularity.trend[0], 10.0 / 19, 1e-5);
  EXPECT_NEAR(model.popularity.trend[1], 20.0 / 11, 1e-5);
}

TEST_F(NewUsersTest, ListsAreOfGenresYearsAndWithoutExcludedItems) {
  Model model = test::small_model();
  model.catalogue = {};
  for (const char* title : {"Heat (1995)", "Alien (1979)", "Untitled", "Up (2009)"}) {
    model.catalogue.title.push_back(title);
  }
  for (const char* genres : {"Crime|Drama", "Horror", "Drama", ""}) {
    model.catalogue.genres.push_back(genres);
  }
  const auto candidates = [&](const CandidateFilter& filter) {
    const Recommender recommender(*backend_, model, {filter});
    std::set<Index> set(recommender.candidates().begin(), recommender.candidates().end());
    return set;
  };
  using Set = std::set<Index>;
  EXPECT_EQ(candidates({.genres = {"crime", "Horror"}}), (Set{0, 1}));
  EXPECT_EQ(candidates({.excluded_genres = {"DRAMA"}}), Set{1});
  EXPECT_EQ(candidates({.from_year = 1980}), Set{0}) << "item 3 has no ratings";
  EXPECT_EQ(candidates({.to_year = 1990}), Set{1});
  EXPECT_EQ(candidates({.from_year = 1979, .to_year = 1995}), (Set{0, 1}));
  EXPECT_EQ(candidates({.excluded_items = {0, 2}}), Set{1});
  EXPECT_THROW(candidates({.excluded_genres = {"Dramma"}}), UsageError);
}

TEST(ItemYear, IsTheCataloguesElseTheNumberAtTheEndOfTheTitle) {
  Catalogue catalogue;
  const auto year_of = [&](const char* title) {
    catalogue.title = {};
    catalogue.title.push_back(title);
    return item_year(catalogue, 0);
  };
  EXPECT_EQ(year_of("Heat (1995)"), 1995);
  EXPECT_EQ(year_of("Heat (1995) "), 1995);
  EXPECT_EQ(year_of("Firefly (2002-2003)"), 2002);
  for (const char* title : {"", "Heat", "1984", "(500) Days", "Heat (95)", "Heat (abcd)"}) {
    EXPECT_EQ(year_of(title), 0) << title;
  }
  catalogue.year = {1972};
  EXPECT_EQ(year_of("Heat (1995)"), 1972);
  catalogue.year = {0};
  EXPECT_EQ(year_of("Heat (1995)"), 1995);
}

TEST_F(NewUsersTest, DiverseListsHoldLessAlikeItems) {
  MfState state;
  state.users = 1;
  state.items = 5;
  state.factors = 2;
  state.biased = false;
  state.user_factors = {1, 0.9f};
  // Three alike, then one that is not.
  state.item_factors = {2, 0, 1.9f, 0, 1.8f, 0, 0, 1.7f, 0.1f, 0.1f};
  SeenItems seen;
  seen.items = 5;
  seen.offset = {0, 5};
  seen.item = {0, 1, 2, 3, 4};
  const Model model(make_dot_state("mf", state), seen, {1, 5});
  const std::vector<Index> user = {0};
  RecommendOptions options;
  options.exclude_seen = false;
  EXPECT_EQ(items_of(Recommender(*backend_, model, options).recommend(user, 2).front()),
            (std::vector<Index>{0, 1}));
  options.diversity = 0.5f;
  EXPECT_EQ(items_of(Recommender(*backend_, model, options).recommend(user, 2).front()),
            (std::vector<Index>{0, 3}));
  options.diversity = 1.5f;
  EXPECT_THROW(Recommender(*backend_, model, options), UsageError);
  options.diversity = 0.5f;
  const Dataset data = test::random_dataset(10, 10, 50, 2);
  const Model knn = train(*backend_, data, ItemKnnOptions());
  EXPECT_THROW(Recommender(*backend_, knn, options), UsageError) << "neither factors nor genres";
}

TEST_F(NewUsersTest, AreMatchedById) {
  const Model model = test::small_model();  // items 10, 20, 30, 40; 40 is unknown
  const Dataset data = test::read_text("7,30,4\n7,10,2\n7,40,5\n8,99,1\n");
  const NewUsers users = match_new_users(model, data);
  EXPECT_EQ(users.id, (std::vector<std::string>{"7", "8"}));
  EXPECT_EQ(users.item, (std::vector<Index>{0, 2}));
  EXPECT_EQ(users.rating, (std::vector<float>{2, 4}));
  EXPECT_EQ(users.unknown, 2);
  EXPECT_EQ(users.unknown_items, (std::vector<std::string>{"40", "99"}));
  EXPECT_THROW(match_new_users(model, test::read_text("7,30,9\n7,10,2\n")), InputError);
  EXPECT_THROW(match_new_users(model, test::read_text("7,98,4\n7,99,2\n")), InputError);
  const std::vector<Index> liked = {2, 0};
  const std::vector<Index> disliked = {0};
  const NewUsers fan = user_who_likes(model, liked, disliked);
  EXPECT_EQ(fan.item, (std::vector<Index>{0, 2}));
  EXPECT_EQ(fan.rating, (std::vector<float>{1, 5}));
}

}  // namespace
}  // namespace tusk
