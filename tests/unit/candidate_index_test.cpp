// Candidates of any filter, and lists among them.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/candidate_index.hpp>
#include <tusk/recommend.hpp>
#include <tusk/train.hpp>

#include "backend/backend.hpp"
#include "tests/support/datasets.hpp"

namespace tusk {
namespace {

std::vector<Index> listed_items(const std::vector<Recommendation>& list) {
  std::vector<Index> indices;
  for (const Recommendation& row : list) indices.push_back(row.item);
  return indices;
}

class CandidateIndexTest : public testing::Test {
 protected:
  std::unique_ptr<Backend> backend_ = make_backend({"cpu", 2});
};

TEST_F(CandidateIndexTest, FindsTheCandidatesOfAnyFilter) {
  const Dataset data = test::random_dataset(30, 50, 600, 7);
  const Model model = train(*backend_, data);
  const CandidateIndex index(model);
  const std::vector<Index> all = index.find({});
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [&](Index a, Index b) {
    const auto ratings_a = index.ratings()[static_cast<std::size_t>(a)];
    const auto ratings_b = index.ratings()[static_cast<std::size_t>(b)];
    return ratings_a != ratings_b ? ratings_a > ratings_b : a < b;
  }));
  for (const std::string& genre : index.genres()) {
    EXPECT_TRUE(index.has_genre(genre));
    const auto with = index.find({.genres = {genre}});
    const auto without = index.find({.excluded_genres = {genre}});
    EXPECT_EQ(with.size() + without.size(), all.size()) << genre;
    const Recommender recommender(*backend_, model, {.candidates = {.genres = {genre}}});
    const auto candidates = recommender.candidates();
    EXPECT_EQ(with, std::vector<Index>(candidates.begin(), candidates.end())) << genre;
  }
  EXPECT_FALSE(index.has_genre("no such genre"));
}

TEST_F(CandidateIndexTest, AListAmongSomeItemsIsThatOfARecommenderOfThem) {
  const Dataset data = test::random_dataset(30, 50, 600, 7);
  for (const char* algorithm : {"mf", "item-knn", "ease", "hybrid"}) {
    const Model model = train(*backend_, data, TrainOptions(algorithm));
    const Recommender whole(*backend_, model);
    const RecommendOptions options{.candidates = {.min_ratings = 12}, .reasons = 2};
    const Recommender some(*backend_, model, options);
    const ListRequest request{7, some.candidates(), 2};
    for (const Index user : known_users(model)) {
      const auto expected = some.recommend(std::span(&user, 1), 7).front();
      const auto list = whole.list(user, request);
      ASSERT_EQ(listed_items(list), listed_items(expected)) << algorithm;
      for (std::size_t r = 0; r < list.size(); ++r) {
        EXPECT_EQ(list[r].score, expected[r].score) << algorithm;
        EXPECT_EQ(list[r].reasons.size(), expected[r].reasons.size()) << algorithm;
      }
    }
    EXPECT_EQ(listed_items(whole.popular(request)), listed_items(some.popular(7))) << algorithm;
    const CsrView first = model.ratings();
    if (first.value.empty()) continue;
    const std::vector<std::int64_t> offset = {0, first.offset[1]};
    const auto count = static_cast<std::size_t>(first.offset[1]);
    const CsrView row{offset, first.column.first(count), first.value.first(count), first.columns};
    EXPECT_EQ(listed_items(whole.list(row, request)),
              listed_items(some.recommend_new(row, 7).front()))
        << algorithm;
  }
}

}  // namespace
}  // namespace tusk
