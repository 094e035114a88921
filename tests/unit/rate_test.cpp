// What a new user is asked about.
#include <algorithm>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/rate.hpp>
#include <tusk/train.hpp>

#include "backend/backend.hpp"
#include "tests/support/datasets.hpp"

namespace tusk::rate_tests {
namespace {

// Items 0 .. 3 with 8, 7, 6 and 5 ratings and item 4 with none.
Model with_genres(const std::vector<const char*>& genres) {
  std::vector<test::Rating> ratings;
  for (Index item = 0; item < 4; ++item) {
    for (Index user = 0; user < 8 - item; ++user) ratings.push_back({user, item, 3});
  }
  Dataset data = test::make_dataset(8, 5, ratings);
  data.catalogue = {};
  for (const char* text : genres) {
    data.catalogue.title.push_back("");
    data.catalogue.genres.push_back(text);
  }
  return train(*make_backend({"cpu", 1}), data, PopularOptions());
}

using Items = std::vector<Index>;

TEST(ItemsToRate, AreWellKnownAndUnlikeEachOther) {
  const Model model = with_genres({"Comedy", "Comedy", "Comedy", "War", "Drama"});
  EXPECT_EQ(items_to_rate(model, 2), (Items{0, 3}));
  EXPECT_EQ(items_to_rate(model, 4), (Items{0, 3, 1, 2})) << "alike ones come last";
  EXPECT_EQ(items_to_rate(model, 50).size(), 4u) << "item 4 has no rating";
}

TEST(ItemsToRate, AreTheMostRatedWhereNothingIsKnownOfThem) {
  EXPECT_EQ(items_to_rate(with_genres({"", "", "", "", ""}), 3), (Items{0, 1, 2}));
}

TEST(ItemsToRate, AreOneToAThousand) {
  const Model model = with_genres({"", "", "", "", ""});
  for (const int count : {-1, 0, kMostToRate + 1}) {
    EXPECT_THROW(items_to_rate(model, count), UsageError) << count;
  }
}

}  // namespace
}  // namespace tusk::rate_tests
