// Lists for users who were not trained, lists for anybody, and what may be in a list.
#include <algorithm>
#include <numeric>
#include <random>
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
    options.order = ListOrder{RankBy::rating, {prior, {}}};
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

void expect_alone_as_among_many(Backend& backend, const Model& model, int k) {
  const Recommender recommender(backend, model);
  const std::vector<Index> all = test::first_indices(model.state().users);
  const TopK many = recommender.top_k(all, k);
  const auto width = static_cast<std::size_t>(k);
  for (const Index user : all) {
    const TopK one = recommender.top_k({&user, 1}, k);
    for (std::size_t r = 0; r < width; ++r) {
      const std::size_t at = static_cast<std::size_t>(user) * width + r;
      ASSERT_EQ(one.index[r], many.index[at]) << "user " << user << " rank " << r;
      ASSERT_EQ(one.score[r], many.score[at]);
    }
  }
}

TEST_F(NewUsersTest, OneTrainedUserIsListedAsAmongMany) {
  expect_alone_as_among_many(*backend_, trained(*backend_, 24), 20);
}

// Items rounded to bytes: with scores that tie, with factors of 0, and with biases beside which
// the factors are next to nothing.
TEST_F(NewUsersTest, OneUserIsListedAsAmongManyWhateverTheFactorsAre) {
  const Model model = trained(*backend_, 24);
  MfState state = model.state();
  for (std::size_t n = 0; n < state.item_factors.size(); ++n) {
    state.item_factors[n] = static_cast<float>(static_cast<int>(n * 7 % 3) - 1);
    if (n / 24 % 10 == 0) state.item_factors[n] = 0;
  }
  for (std::size_t n = 0; n < state.user_factors.size(); ++n) {
    state.user_factors[n] = n / 24 == 3 ? 0 : static_cast<float>(static_cast<int>(n * 5 % 3) - 1);
  }
  for (const float bias : {0.0f, 1e6f}) {
    for (std::size_t i = 0; i < state.item_bias.size(); ++i) {
      state.item_bias[i] = i % 4 == 0 ? bias : 0;
    }
    expect_alone_as_among_many(*backend_,
                               Model(make_dot_state("mf", state), model.seen(), model.scale()), 20);
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
    std::size_t reasons = 0;
    for (Index u = 0; u < 5; ++u) {
      const auto& list = lists[static_cast<std::size_t>(u)];
      EXPECT_EQ(list.size(), 3u);
      const auto rated = users.ratings().row(u);
      for (const Recommendation& row : list) {
        EXPECT_FALSE(std::binary_search(rated.begin(), rated.end(), row.item));
        EXPECT_NE(row.evidence, Evidence::full) << "nobody was trained";
        EXPECT_LE(row.reasons.size(), 2u);
        for (const Contribution& reason : row.reasons) {
          EXPECT_GT(reason.part, 0);
          EXPECT_TRUE(std::binary_search(rated.begin(), rated.end(), reason.item));
          EXPECT_EQ(reason.rating, static_cast<float>(1 + reason.item % 5));
        }
        reasons += row.reasons.size();
      }
    }
    const bool explains = info->name == "mf" || info->name == "item-knn" ||
                          info->name == "content" || info->name == "hybrid" ||
                          info->name == "ease" || info->name == "ials" || info->name == "pure-svd";
    EXPECT_EQ(reasons > 0, explains);
    std::vector<std::vector<Index>> batches(5);
    const auto on_list = [&](Index user, std::span<const Recommendation> list) {
      batches[static_cast<std::size_t>(user)] = items_of({list.begin(), list.end()});
    };
    recommender.for_each_new_list(users.ratings(), 3, 1 << 16, on_list);
    for (std::size_t u = 0; u < 5; ++u) EXPECT_EQ(batches[u], items_of(lists[u]));
    const Observer stopped{[] { return true; }};
    EXPECT_THROW(recommender.for_each_new_list(users.ratings(), 3, 1 << 16, on_list, stopped),
                 Interrupted);
    NewUsers nobody;
    nobody.items = model.state().items;
    nobody.id = {"x"};
    nobody.offset = {0, 0};
    EXPECT_EQ(recommender.recommend_new(nobody.ratings(), 3).front().size(), 3u);
  }
}

// Whoever asks: alone, among others, or for popular items.
TEST_F(NewUsersTest, AStrangersListIsTheSameEveryWay) {
  const Dataset data = test::random_dataset(40, 30, 600, 2);
  for (const char* name : {"hybrid", "popular", "bias"}) {
    SCOPED_TRACE(name);
    PopularOptions damped;
    damped.item_damping = 1;
    const Model model = name == PopularOptions::kModel ? train(*backend_, data, damped)
                                                       : train(*backend_, data, TrainOptions(name));
    const Recommender recommender(*backend_, model);
    const auto popular = recommender.popular(5);
    std::vector<Recommendation> among;
    const auto on_list = [&](Index, std::span<const Recommendation> list) {
      among.assign(list.begin(), list.end());
    };
    const std::vector<Index> users = {1, kNone};
    recommender.for_each_list(users, 5, 1 << 20, on_list);
    EXPECT_EQ(items_of(among), items_of(popular));
    EXPECT_EQ(popular.front().evidence, Evidence::global);
    EXPECT_EQ(popular.front().parts.empty(), !model.algorithm().capabilities.has_parts);
    if (name == BiasOptions::kModel) {
      EXPECT_THROW(recommender.recommend("5000", 5), InputError);
    } else {
      EXPECT_EQ(items_of(recommender.recommend("5000", 5)), items_of(popular));
      EXPECT_EQ(recommender.recommend("5000", 5).front().parts.size(),
                popular.front().parts.size());
    }
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

TEST_F(NewUsersTest, TheTrendIsOfTheLastTenthOfTheTimesHoweverTheySpread) {
  const std::int64_t far = std::int64_t{1} << 62;
  for (const std::int64_t width : {std::int64_t{1}, std::int64_t{3}, std::int64_t{100'000}, far}) {
    std::mt19937_64 random(7);
    std::vector<test::Rating> ratings;
    std::vector<std::int64_t> times;
    for (Index user = 0; user < 500; ++user) {
      const auto step = static_cast<std::int64_t>(random() % 1'000) - 500;
      times.push_back(width == far ? step * (far / 500) : step * step * step / 1'000 * width);
      ratings.push_back({user, static_cast<Index>(random() % 7), 3, times.back()});
    }
    const Dataset data = test::make_dataset(500, 7, ratings);
    std::sort(times.begin(), times.end());
    const std::int64_t since = times[450];
    std::vector<double> all(7, 0);
    std::vector<double> recent(7, 0);
    for (const test::Rating& rating : ratings) {
      all[static_cast<std::size_t>(rating.item)] += 1;
      if (rating.timestamp >= since) recent[static_cast<std::size_t>(rating.item)] += 1;
    }
    const double share = std::accumulate(recent.begin(), recent.end(), 0.0) / 500;
    const Model model = train(*backend_, data, PopularOptions());
    ASSERT_EQ(model.popularity.trend.size(), 7u);
    for (std::size_t i = 0; i < 7; ++i) {
      EXPECT_NEAR(model.popularity.trend[i], (recent[i] + 10) / (all[i] * share + 10), 1e-5);
    }
  }
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
  EXPECT_THROW(candidates({.from_year = 2020}), UsageError) << "none meets the conditions";
  for (const Index item : {kNone, 4, 1'000'000}) {
    EXPECT_THROW(candidates({.excluded_items = {item}}), UsageError) << item;
    EXPECT_THROW(candidates({.items = std::vector<Index>{item}}), UsageError) << item;
  }
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

TEST_F(NewUsersTest, AreMatchedById) {
  const Model model = test::small_model();  // items 10, 20, 30, 40; 40 is unknown
  const Dataset data = test::read_text("7,30,4\n7,10,2\n7,40,5\n8,99,1\n");
  const NewUsers users = match_new_users(model, data);
  EXPECT_EQ(users.id, (std::vector<std::string>{"7", "8"}));
  EXPECT_EQ(users.item, (std::vector<Index>{0, 2}));
  EXPECT_EQ(users.rating, (std::vector<float>{2, 4}));
  EXPECT_EQ(users.unknown, 2);
  EXPECT_EQ(users.unknown_items, (std::vector<std::string>{"40", "99"}));
  try {
    match_new_users(model, test::read_text("7,30,9\n7,10,2\n"));
    FAIL() << "9 is no rating";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("a rating of 9 by user 7 of item 30"),
              std::string::npos)
        << error.what();
  }
  EXPECT_THROW(match_new_users(model, test::read_text("7,98,4\n7,99,2\n")), InputError);
  const std::vector<Index> liked = {2};
  const std::vector<Index> disliked = {0};
  const NewUsers fan = user_who_likes(model, liked, disliked);
  EXPECT_EQ(fan.item, (std::vector<Index>{0, 2}));
  EXPECT_EQ(fan.rating, (std::vector<float>{1, 5}));
  EXPECT_THROW(user_who_likes(model, liked, liked), UsageError) << "liked and disliked";
  for (const Index item : {kNone, 3, 4}) {  // 3 has no training rating
    EXPECT_THROW(user_who_likes(model, {&item, 1}, {}), UsageError) << item;
  }
  const Model clicks(make_dot_state("mf", model.state()), model.seen(), {1, 1});
  Model all_alike = clicks;
  all_alike.items = model.items;
  EXPECT_EQ(user_who_likes(all_alike, liked, {}).rating, (std::vector<float>{1}));
  EXPECT_THROW(user_who_likes(all_alike, {}, disliked), UsageError) << "a scale of one value";
}

}  // namespace
}  // namespace tusk
