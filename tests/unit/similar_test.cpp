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

TEST(Unicode, TakesTextsApart) {
  std::vector<std::pair<char32_t, std::string>> found;
  each_character("a\xc3\xa9\xff\xe4\xb8\xad",
                 [&](char32_t code, std::string_view bytes) { found.emplace_back(code, bytes); });
  const std::vector<std::pair<char32_t, std::string>> expected = {
      {U'a', "a"}, {0xE9, "\xc3\xa9"}, {kNoCharacter, "\xff"}, {0x4E2D, "\xe4\xb8\xad"}};
  EXPECT_EQ(found, expected);
  for (const char32_t c : {U'a', U'7', U'\u00E9', U'\u4E2D', U'\u2168', U'\u00BD'}) {
    EXPECT_TRUE(is_letter_or_number(c)) << static_cast<int>(c);
  }
  for (const char32_t c : {U' ', U'-', U'\u0301', kNoCharacter}) {
    EXPECT_FALSE(is_letter_or_number(c)) << static_cast<int>(c);
  }
}

TEST(EditDistance, CountsEdits) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("abc", "abc"), 0u);
}

// Seven items of two users; items 0 .. 2 are comedies, 3 .. 5 dramas, and 0 has factors like 3's.
Model catalogued_model() {
  MfState state;
  state.users = 2;
  state.items = 7;
  state.factors = 2;
  state.biased = false;
  state.mean = 3;
  state.user_factors = {1, 1, 1, 1};
  state.item_factors = {1, 0, 0, 1, 1, 1, 1, 0, 1, 0.1f, 0, 1, 1, 0};
  SeenItems seen;
  seen.item = {0, 1, 2, 3, 4, 5, 6, 0, 3};
  seen.offset = {0, 7, 9};
  seen.items = state.items;
  Model model(make_dot_state("mf", state), seen, {1, 5});
  for (Index item = 0; item < state.items; ++item) {
    model.catalogue.title.push_back("");
    model.catalogue.genres.push_back(item < 3 ? "Comedy|Romance" : item < 6 ? "Drama" : "");
  }
  return model;
}

std::vector<Index> items_of(const std::vector<SimilarItem>& similar) {
  std::vector<Index> items;
  for (const SimilarItem& row : similar) items.push_back(row.item);
  return items;
}

TEST(Similar, MixesFactorsAndContent) {
  const Model model = catalogued_model();
  const auto list = [&](float content) {
    return similar_items(*cpu, model, 0, 6, {.content = content});
  };
  EXPECT_EQ(items_of(list(0)).front(), 3) << "by factors, the more rated of 3 and 6";
  EXPECT_EQ(items_of(list(1)), (std::vector<Index>{1, 2, 3, 4, 5, 6})) << "by genres alone";
  EXPECT_FLOAT_EQ(list(1)[0].similarity, 1);
  const auto half = list(0.5f);
  EXPECT_EQ(half[0].item, 2) << "cosine 0.71, and the same genres";
  EXPECT_NEAR(half[0].similarity, (std::sqrt(0.5) + 1) / 2, 1e-6);
  EXPECT_THROW(list(1.5f), UsageError);
}

TEST(Similar, ManyItemsAreComparedByOne) {
  const Model model = catalogued_model();
  const SimilarItems finder(*cpu, model);
  for (const Index item : {0, 3, 0}) {
    const auto found = finder.find(item, 6, {.content = 0.5f});
    const auto alone = similar_items(*cpu, model, item, 6, {.content = 0.5f});
    ASSERT_EQ(items_of(found), items_of(alone));
    for (std::size_t r = 0; r < found.size(); ++r) {
      EXPECT_EQ(found[r].similarity, alone[r].similarity);
    }
  }
  MfState biases;
  biases.biased = false;
  EXPECT_THROW(SimilarItems(*cpu, Model(make_dot_state("mean", biases), SeenItems(), {1, 5})),
               UsageError);
}

TEST(Similar, SupportAndFiltersChooseWhatIsListed) {
  const Model model = catalogued_model();
  const auto supported = similar_items(*cpu, model, 0, 6, {.support = 2});
  EXPECT_EQ(supported[0].item, 3);
  EXPECT_FLOAT_EQ(supported[0].similarity, 0.5f) << "1, over 2 ratings";
  EXPECT_FLOAT_EQ(supported[1].similarity, 1 / 3.0f) << "1, over 1 rating";
  EXPECT_EQ(items_of(similar_items(*cpu, model, 0, 6, {.min_ratings = 2})), std::vector<Index>{3});
  EXPECT_EQ(items_of(similar_items(*cpu, model, 0, 6, {.genre = "comedy"})),
            (std::vector<Index>{2, 1}));
  EXPECT_THROW(similar_items(*cpu, model, 0, 6, {.support = -1}), UsageError);
  EXPECT_THROW(similar_items(*cpu, model, 0, 6, {.min_ratings = 1000}), UsageError);
  const SimilarOptions usual = usual_similar_options(model);
  EXPECT_EQ(usual.content, 0.5f);
  EXPECT_EQ(usual.support, 2) << "twice 9 ratings over 7 items, rounded down";
  EXPECT_EQ(usual_similar_options(model_of({1, 0, 0, 1})).content, 0) << "there are no genres";
}

}  // namespace
}  // namespace tusk
