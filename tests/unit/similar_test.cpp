// Items like an item, and items by title.
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/similar.hpp>
#include <tusk/train.hpp>

#include "support/edit_distance.hpp"
#include "support/unicode.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/model_fixture.hpp"

namespace tusk {
namespace {

const auto cpu = open_device({"cpu", 1});

// Items with these factor vectors of length 2, all rated by one user but the last.
Model model_of(const std::vector<float>& item_factors) {
  MfState state;
  state.users = 1;
  state.items = static_cast<Index>(item_factors.size() / 2);
  state.factors = 2;
  state.biased = false;
  state.mean = 3;
  state.user_factors = {1, 1};
  state.item_factors = item_factors;
  SeenItems seen;
  for (Index item = 0; item + 1 < state.items; ++item) seen.item.push_back(item);
  seen.offset = {0, state.items - 1};
  seen.items = state.items;
  return Model(make_dot_state("mf", state), seen, {1, 5});
}

TEST(Similar, OrdersByTheCosineOfFactors) {
  const Model model = model_of({1, 0, 0, 5, 3, 3, -2, 0, 7, 0, 1, 1});
  const auto similar = similar_items(*cpu, model, 0, 10);
  std::vector<Index> items;
  for (const SimilarItem& row : similar) items.push_back(row.item);
  EXPECT_EQ(items, (std::vector<Index>{4, 2, 1, 3})) << "not itself, and not 5, which nobody rated";
  EXPECT_FLOAT_EQ(similar[0].similarity, 1);
  EXPECT_FLOAT_EQ(similar[1].similarity, std::sqrt(0.5f));
  EXPECT_FLOAT_EQ(similar[2].similarity, 0);
  EXPECT_FLOAT_EQ(similar[3].similarity, -1);
  EXPECT_EQ(similar_items(*cpu, model, 0, 1).size(), 1u);
}

TEST(Similar, BreaksTiesBySmallerIndex) {
  const Model model = model_of({1, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 0});
  const auto similar = similar_items(*cpu, model, 0, 4);
  EXPECT_EQ(similar[0].item, 2);
  EXPECT_EQ(similar[1].item, 4);
  EXPECT_EQ(similar[2].item, 1);
  EXPECT_EQ(similar[3].item, 3);
}

TEST(Similar, BearsTheLargestAndTheSmallestFactors) {
  constexpr float kLarge = std::numeric_limits<float>::max();
  constexpr float kSmall = std::numeric_limits<float>::denorm_min();
  const Model model = model_of({kLarge, kLarge, kSmall, kSmall, 0, kSmall, 0, 0});
  const auto similar = similar_items(*cpu, model, 0, 4);
  ASSERT_EQ(similar.size(), 2u);
  EXPECT_FLOAT_EQ(similar[0].similarity, 1);
  EXPECT_FLOAT_EQ(similar[1].similarity, std::sqrt(0.5f));
}

TEST(Similar, OfNeighbourModelsAreTheNeighbours) {
  // Items 0, 1 and 2 of three users; nobody rated 0 and 3 together, and nobody rated 4.
  const Dataset data = test::make_dataset(
      4, 5, {{0, 0, 3}, {0, 1, 3}, {1, 0, 4}, {1, 1, 1}, {2, 0, 5}, {2, 2, 5}, {3, 3, 2}});
  KnnParams params;
  params.similarity = default_similarity(SimilarityMetric::cosine);
  for (const NeighbourPolicy policy : {NeighbourPolicy::raters, NeighbourPolicy::table}) {
    params.policy = policy;
    const Model model = train(*cpu, data, ItemKnnOptions(params));
    const auto similar = similar_items(*cpu, model, 0, 1'000'000);
    ASSERT_EQ(similar.size(), 2u) << "only what is alike";
    EXPECT_EQ(similar[0].item, 2);
    EXPECT_FLOAT_EQ(similar[0].similarity, 5 / std::sqrt(50.0f));
    EXPECT_EQ(similar[1].item, 1);
    EXPECT_FLOAT_EQ(similar[1].similarity, 13 / std::sqrt(50.0f * 10));
    EXPECT_EQ(similar_items(*cpu, model, 0, 1).size(), 1u);
    EXPECT_TRUE(similar_items(*cpu, model, 3, 5).empty());
    EXPECT_THROW(similar_items(*cpu, model, 4, 5), InputError) << "never rated";
  }
  EXPECT_THROW(similar_items(*cpu, train(*cpu, data, UserKnnOptions()), 0, 5), UsageError);
}

TEST(Similar, RefusesWhatItCannotCompare) {
  const Model zeros = model_of({0, 0, 1, 1, 2, 2});
  EXPECT_THROW(similar_items(*cpu, zeros, 0, 3), InputError);
  EXPECT_TRUE(similar_items(*cpu, zeros, 1, 3).empty()) << "an item of zeros is like nothing";
  EXPECT_THROW(similar_items(*cpu, zeros, 2, 3), InputError) << "never rated";
  EXPECT_THROW(similar_items(*cpu, zeros, kNone, 3), InputError);
  EXPECT_THROW(similar_items(*cpu, zeros, 1, 0), UsageError);
  MfState biases;
  biases.users = biases.items = 1;
  biases.biased = false;
  SeenItems seen;
  seen.offset = {0, 1};
  seen.item = {0};
  seen.items = 1;
  EXPECT_THROW(similar_items(*cpu, Model(make_dot_state("mean", biases), seen, {1, 5}), 0, 3),
               UsageError);
}

TEST(Unicode, FoldsCaseAccentsAndWidth) {
  EXPECT_EQ(folded("Am\xc3\xa9lie"), "amelie");
  EXPECT_EQ(folded("AME\xcc\x81LIE"), "amelie") << "a combining accent";
  EXPECT_EQ(folded("Stra\xc3\x9f"
                   "e"),
            "strasse");
  EXPECT_EQ(folded("\xce\x9f\xce\x94\xce\x8c\xce\xa3"), folded("\xce\xbf\xce\xb4\xcf\x8c\xcf\x82"));
  EXPECT_EQ(folded("\xef\xbc\xa1"), "a") << "full width";
  EXPECT_EQ(folded(""), "");
  EXPECT_EQ(folded("B\xff\xfe"), "b\xff\xfe") << "no UTF-8";
}

TEST(EditDistance, CountsEdits) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("abc", "abc"), 0u);
}

class TitleTest : public testing::Test {
 protected:
  TitleTest() {
    for (const char* title :
         {"Toy Story (1995)", "Toy Story 2 (1999)", "Matrix, The (1999)", "Am\xc3\xa9lie (2001)",
          "", "Hamlet (1990)", "Hamlet (1996)", "Avventura, L' (1960)", "Hamlet (1990)", "Dune",
          "Cars, The (Autos, Les) (1970)", "Cars (2006)"}) {
      catalogue_.title.push_back(title);
    }
  }

  std::vector<Index> matches(std::string_view title) const {
    return find_title(catalogue_, title).matches;
  }
  std::vector<Index> near(std::string_view title) const {
    return find_title(catalogue_, title).near;
  }

  using Items = std::vector<Index>;
  Catalogue catalogue_;
};

TEST_F(TitleTest, FindsTitlesInTheFormsThatPeopleUse) {
  for (const char* title : {"Toy Story (1995)", "toy story", " TOY STORY ", "Toy Stor\xc3\xbd"}) {
    EXPECT_EQ(matches(title), Items{0}) << title;
  }
  for (const char* title :
       {"The Matrix", "Matrix, The", "the matrix (1999)", "Matrix, The (1999)"}) {
    EXPECT_EQ(matches(title), Items{2}) << title;
  }
  EXPECT_EQ(matches("amelie"), Items{3});
  EXPECT_EQ(matches("L'Avventura"), Items{7});
  EXPECT_EQ(matches("Dune"), Items{9});
}

TEST_F(TitleTest, LeavesOutNoMoreThanItMust) {
  EXPECT_EQ(matches("Matrix"), Items{2});
  EXPECT_EQ(matches("Cars"), Items{11}) << "not the one with an article";
  EXPECT_EQ(matches("The Cars"), Items{10}) << "not its other title";
  EXPECT_EQ(matches("Cars (1970)"), Items{10});
}

TEST_F(TitleTest, TellsApartWhatHasOneName) {
  EXPECT_EQ(matches("Hamlet"), (Items{5, 6, 8}));
  EXPECT_EQ(matches("Hamlet (1996)"), Items{6});
  EXPECT_EQ(matches("Hamlet (1990)"), (Items{5, 8})) << "two of the same title";
  EXPECT_TRUE(matches("Hamlet (2000)").empty());
  EXPECT_TRUE(matches("Dune (1984)").empty()) << "the title does not say which it is";
}

TEST_F(TitleTest, SuggestsWhatIsNear) {
  EXPECT_EQ(near("Toy Stroy"), Items{0}) << "the other is farther away";
  EXPECT_EQ(near("story"), (Items{0, 1})) << "a part of it";
  EXPECT_EQ(near("matrx"), Items{2});
  EXPECT_EQ(near("Hamlets"), (Items{5, 6, 8}));
  EXPECT_EQ(near("the matrx"), Items{2});
  EXPECT_EQ(near("Hamlet (2000)").size(), 3u);
  EXPECT_EQ(find_title(catalogue_, "Hamlet (2000)", 1).near, Items{5});
  EXPECT_TRUE(near("xyzzy plugh foo").empty());
  for (const char* nothing : {"", "   "}) {
    EXPECT_TRUE(matches(nothing).empty());
    EXPECT_TRUE(near(nothing).empty());
  }
}

}  // namespace
}  // namespace tusk
