#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <tusk/tusk.hpp>

#include "tests/support/datasets.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk::test {
namespace {

constexpr Index kUsers = 40;
constexpr Index kItems = 30;

// Data with a title for each item; "" leaves them out.
Dataset titled(std::uint64_t seed, const std::string& title) {
  Dataset data = random_dataset(kUsers, kItems, 600, seed);
  if (title.empty()) return data;
  data.catalogue.title = TextTable();
  for (Index item = 0; item < kItems; ++item) {
    data.catalogue.title.push_back(fmt::format("{} {}", title, item));
  }
  return data;
}

Model model_of(const Dataset& data) {
  return train(*open_device({"cpu"}), data, BiasOptions(),
               make_split(data, parse_split("random:0.2"), 1));
}

// The ratings of `data` that the model was not trained on, as a data set of their own.
Dataset test_part(const Dataset& data, const Model& model, const std::string& title) {
  std::vector<Rating> ratings;
  data.ratings().each([&](Index user, std::size_t at) {
    const auto seen = model.seen().view().row(user);
    if (std::binary_search(seen.begin(), seen.end(), data.item[at])) return;
    ratings.push_back({user, data.item[at], data.rating[at]});
  });
  Dataset part = make_dataset(kUsers, kItems, ratings);
  if (!title.empty()) part.catalogue = titled(1, title).catalogue;
  return part;
}

TEST(DataMatch, KnowsTheDataThatAModelWasMadeFrom) {
  const Dataset data = titled(1, "Film");
  const DataMatch match = match_data(model_of(data), data);
  EXPECT_TRUE(match.same);
  EXPECT_FALSE(match.other_items() || match.other_users() || match.changed());
  EXPECT_EQ(match.rated, match.same_ratings);
  EXPECT_GT(match.rated, 200);
}

TEST(DataMatch, ATestPartOfTheSameDataGoesWithTheModel) {
  for (const char* title : {"Film", ""}) {
    const Dataset data = titled(1, "Film");
    const Model model = model_of(data);
    const DataMatch match = match_data(model, test_part(data, model, title));
    EXPECT_FALSE(match.same || match.other_items() || match.other_users() || match.changed());
    EXPECT_EQ(match.rated, 0);
  }
}

TEST(DataMatch, DataWithMoreRatingsHasChanged) {
  Dataset data = titled(1, "Film");
  const Model model = model_of(data);
  for (std::size_t k = 0; k < data.rating.size(); k += 10) data.rating[k] = 3.5f;
  data.catalogue = titled(1, "f\u00cdLM").catalogue;  // case and accents do not matter
  const DataMatch match = match_data(model, data);
  EXPECT_TRUE(match.changed());
  EXPECT_LT(match.same_ratings, match.rated);
  EXPECT_EQ(match.same_titles, kItems);
}

TEST(DataMatch, OtherTitlesBehindTheIdsAreOtherItems) {
  const Dataset data = titled(1, "Film");
  const Model model = model_of(data);
  const DataMatch match = match_data(model, test_part(data, model, "Book"));
  EXPECT_TRUE(match.other_items());
  EXPECT_EQ(match.different_title, "item 0 is \"Film 0\" in the model and \"Book 0\" in the data");
}

TEST(DataMatch, OtherRatingsBehindTheIdsAreOtherUsers) {
  for (const char* title : {"Film", ""}) {
    const DataMatch match = match_data(model_of(titled(1, "Film")), titled(2, title));
    EXPECT_FALSE(match.other_items());
    EXPECT_TRUE(match.other_users()) << match.same_ratings << " of " << match.rated;
  }
}

TEST(DataMatch, TheSampleIsInTheFile) {
  const TempFolder folder;
  const Model model = model_of(titled(1, "Film"));
  ASSERT_EQ(model.rating_sample.size(), 256u);
  save_model(model, folder.path() / "m");
  const Model loaded = load_model(folder.path() / "m");
  EXPECT_TRUE(match_data(loaded, titled(1, "Film")).same);
  EXPECT_TRUE(match_data(loaded, titled(2, "Film")).other_users());
  // Ratings that the model was trained on, from its first user to its last.
  for (const SampledRating& rating : loaded.rating_sample) {
    const auto seen = loaded.seen().view().row(rating.user);
    EXPECT_TRUE(std::binary_search(seen.begin(), seen.end(), rating.item));
  }
  EXPECT_EQ(loaded.rating_sample.front().user, 0);
  EXPECT_GE(loaded.rating_sample.back().user, kUsers - 2);
}

TEST(DataMatch, WithoutASampleOnlyTitlesTell) {
  Model model = model_of(titled(1, "Film"));
  model.rating_sample.clear();
  model.metadata.erase("ratings_hash");
  EXPECT_FALSE(match_data(model, titled(2, "Film")).other_users());
  EXPECT_TRUE(match_data(model, titled(2, "Book")).other_items());
}

}  // namespace
}  // namespace tusk::test
