#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include <tusk/dataset.hpp>
#include <tusk/error.hpp>
#include <tusk/synthetic.hpp>

#include "synthetic/planted_model.hpp"
#include "synthetic/titles.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

using test::read_file;
using test::TempFolder;

TEST(Synthetic, HasTheCountsOfItsModelAndNoDuplicates) {
  const TempFolder folder;
  const SyntheticSpec spec = synthetic_spec("ml-100k");
  const SyntheticReport report = write_synthetic(spec, 1, folder.path());
  const Dataset data = read_dataset(folder.path());
  EXPECT_EQ(data.users.size(), 943);
  EXPECT_EQ(data.items.size(), 1682);
  EXPECT_EQ(data.size(), 100'000);
  EXPECT_EQ(report.ratings, 100'000);
  EXPECT_EQ(data.report.duplicates, 0);
  EXPECT_EQ(data.scale, (RatingScale{1, 5}));
  std::int64_t least = 1 << 30;
  std::int64_t most = 0;
  for (std::size_t u = 0; u + 1 < data.offset.size(); ++u) {
    least = std::min(least, data.offset[u + 1] - data.offset[u]);
    most = std::max(most, data.offset[u + 1] - data.offset[u]);
  }
  EXPECT_EQ(least, spec.min_user_ratings);
  EXPECT_GE(most, spec.max_user_ratings - 1);
  std::vector<int> by_item(1682, 0);
  for (const Index item : data.item) ++by_item[static_cast<std::size_t>(item)];
  std::sort(by_item.begin(), by_item.end());
  EXPECT_GE(by_item.front(), 1);
  EXPECT_NEAR(by_item.back(), 583, 100) << "the most popular item";
  EXPECT_LT(by_item[841], 40) << "half of the items have few ratings";
  const auto [first, last] = std::minmax_element(data.timestamp.begin(), data.timestamp.end());
  EXPECT_GE(*first, spec.first_timestamp);
  EXPECT_LE(*last, spec.last_timestamp);
  std::set<std::string_view> titles;
  for (std::size_t i = 0; i < 1682; ++i) {
    titles.insert(data.catalogue.title[i]);
    EXPECT_FALSE(data.catalogue.genres[i].empty());
  }
  EXPECT_EQ(titles.size(), 1682u);
}

TEST(Synthetic, DependsOnTheSeedAndNotOnTheThreads) {
  const TempFolder a;
  const TempFolder b;
  const TempFolder c;
  SyntheticSpec spec = test::small_spec();
  spec.users = 900;  // several chunks
  spec.ratings = 15'000;
  const auto one = write_synthetic(spec, 5, a.path(), 1);
  const auto three = write_synthetic(spec, 5, b.path(), 3);
  write_synthetic(spec, 6, c.path(), 1);
  EXPECT_EQ(read_file(a.path() / "ratings.csv"), read_file(b.path() / "ratings.csv"));
  EXPECT_EQ(read_file(a.path() / "movies.csv"), read_file(b.path() / "movies.csv"));
  EXPECT_NE(read_file(a.path() / "ratings.csv"), read_file(c.path() / "ratings.csv"));
  EXPECT_EQ(one.floor_rmse, three.floor_rmse);
}

// Where everyone thinks the same of everything, the best predictor is the mean and its error, the
// standard deviation of the ratings, is the floor.
TEST(Synthetic, FloorIsTheErrorOfTheBestPredictor) {
  for (const double step : {1.0, 0.5}) {
    SyntheticSpec spec = test::small_spec();
    spec.user_bias_std = spec.item_bias_std = spec.factor_std = 0;
    spec.step = step;
    const TempFolder folder;
    const double floor = write_synthetic(spec, 3, folder.path()).floor_rmse;
    const Dataset data = read_dataset(folder.path());
    double sum = 0;
    for (const float rating : data.rating) sum += rating;
    const double mean = sum / static_cast<double>(data.size());
    double squares = 0;
    for (const float rating : data.rating) squares += std::pow(rating - mean, 2);
    EXPECT_NEAR(std::sqrt(squares / static_cast<double>(data.size())), floor, 0.03);
    EXPECT_GT(floor, 0.7);
  }
}

TEST(Synthetic, IsInTheLayoutOfMovieLens) {
  const TempFolder folder;
  write_synthetic(test::small_spec(), 1, folder.path());
  const std::string ratings = read_file(folder.path() / "ratings.csv");
  EXPECT_TRUE(ratings.starts_with("userId,movieId,rating,timestamp\n1,"));
  EXPECT_TRUE(read_file(folder.path() / "movies.csv").starts_with("movieId,title,genres\n1,"));
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"movies.csv", "ratings.csv"}));
}

TEST(Synthetic, TitlesAreUniqueForTheLargestTwin) {
  std::set<std::string> titles;
  for (Index item = 0; item < 59'047; ++item) titles.insert(made_up_title(item));
  EXPECT_EQ(titles.size(), 59'047u);
}

TEST(Synthetic, GenresFollowTheFactors) {
  EXPECT_EQ(made_up_genres({1, 0, 0, 0, 0, 0, 0, 0}), "Action");
  EXPECT_EQ(made_up_genres({-1, 0.9f, 0, 0, 0, 0, 0, 0}), "Romance|Comedy");
}

TEST(Synthetic, TakesTheSmallestAndRefusesTheImpossible) {
  const TempFolder folder;
  SyntheticSpec spec = test::small_spec();
  spec.users = spec.items = 1;
  spec.ratings = spec.min_user_ratings = spec.max_user_ratings = 1;
  write_synthetic(spec, 1, folder.path());
  EXPECT_EQ(read_dataset(folder.path()).size(), 1);
  EXPECT_THROW(write_synthetic(spec, 1, folder.path()), UsageError) << "it has ratings already";
  spec.ratings = 2;
  EXPECT_THROW(write_synthetic(spec, 1, folder.path() / "new"), UsageError);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "new"));
  EXPECT_THROW(synthetic_spec("ml-1b"), UsageError);
}

TEST(Synthetic, FillsAMatrixToTheLastPlace) {
  SyntheticSpec spec = test::small_spec();
  spec.users = 30;
  spec.items = 20;
  spec.min_user_ratings = spec.max_user_ratings = 20;
  spec.ratings = 600;
  const TempFolder folder;
  write_synthetic(spec, 1, folder.path());
  const Dataset data = read_dataset(folder.path());
  EXPECT_EQ(data.size(), 600);
  EXPECT_EQ(data.report.duplicates, 0);
}

}  // namespace
}  // namespace tusk
