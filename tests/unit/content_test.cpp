// The content model.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/model_file.hpp>
#include <tusk/models.hpp>
#include <tusk/recommend.hpp>
#include <tusk/similar.hpp>
#include <tusk/train.hpp>

#include "backend/backend.hpp"
#include "model/row_products.hpp"
#include "model/safetensors.hpp"
#include "models/content/embeddings.hpp"
#include "models/content/sparse_neighbours.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk::content_tests {
namespace {

const auto cpu = open_device({"cpu", 1});

// Items 0 and 1 are comedies, 2 and 3 dramas, 4 both, of 5 nothing is known.
Dataset films() {
  Dataset data = test::make_dataset(4, 6,
                                    {{0, 0, 5},
                                     {0, 2, 1},
                                     {1, 0, 1},
                                     {1, 2, 5},
                                     {2, 1, 4},
                                     {2, 3, 4},
                                     {2, 4, 4},
                                     {3, 0, 3},
                                     {3, 5, 3}});
  data.catalogue = {};
  for (const char* genres : {"Comedy", "Comedy", "Drama", "Drama", "Comedy|Drama", ""}) {
    data.catalogue.title.push_back("");
    data.catalogue.genres.push_back(genres);
  }
  return data;
}

std::vector<float> scores(const Predictor& predictor, std::span<const Index> users,
                          std::span<const Index> items) {
  std::vector<float> scores;
  for (const Prediction& prediction : predictor.rank(RankBy::rating, users, items)) {
    scores.push_back(prediction.score);
  }
  return scores;
}

std::vector<float> scores(const Model& model, Index user, const std::vector<Index>& items) {
  return scores(*model.open(*cpu), std::vector<Index>(items.size(), user), items);
}

TEST(Content, RanksByWhatTheUserLikes) {
  const Model model = train(*cpu, films(), ContentOptions());
  const auto of_comedies = scores(model, 0, {1, 3, 4, 5});
  EXPECT_GT(of_comedies[0], 0.5f);
  EXPECT_LT(of_comedies[1], -0.5f);
  EXPECT_NEAR(of_comedies[2], 0, 0.2);
  EXPECT_EQ(of_comedies[3], 0) << "of which nothing is known";
  const auto of_dramas = scores(model, 1, {1, 3});
  EXPECT_LT(of_dramas[0], of_dramas[1]);
  EXPECT_EQ(scores(model, kNone, {0, 1}), (std::vector<float>{0, 0})) << "a stranger";
}

TEST(Content, PredictsByTheFormula) {
  const Dataset data = films();
  ContentOptions options;
  options.content_shrinkage = 2;
  const Model content = train(*cpu, data, options);
  const Model bias = train(*cpu, data, BiasOptions());
  const auto by_bias = [&](Index user, Index item) {
    return static_cast<double>(bias.predict_by_state(user, item).score);
  };
  // User 0 rated one comedy, whose similarity is 1, and a drama, whose similarity is 0.
  const Prediction prediction =
      content.open(*cpu)->predict(std::vector<Index>{0}, std::vector<Index>{1}).front();
  EXPECT_NEAR(prediction.score, by_bias(0, 1) + (5 - by_bias(0, 0)) / (1 + 2), 1e-5);
  EXPECT_EQ(prediction.evidence, Evidence::content);
  // His own rating of item 0 does not count, and then no comedy is left.
  const Prediction own =
      content.open(*cpu)->predict(std::vector<Index>{0}, std::vector<Index>{0}).front();
  EXPECT_NEAR(own.score, by_bias(0, 0), 1e-5);
  EXPECT_EQ(own.evidence, Evidence::full);
  EXPECT_EQ(
      content.open(*cpu)->predict(std::vector<Index>{kNone}, std::vector<Index>{0})[0].evidence,
      Evidence::item_only);
}

TEST(Content, ANewUserGetsWhatTrainingWouldHaveGivenThem) {
  const Model model = train(*cpu, films(), ContentOptions());
  const auto trained = model.open(*cpu);
  const CsrView all = model.ratings();
  const auto folded = trained->fold_in(all);
  std::vector<Index> users;
  std::vector<Index> items;
  for (Index user = 0; user < 4; ++user) {
    for (Index item = 0; item < 6; ++item) {
      users.push_back(user);
      items.push_back(item);
    }
  }
  const auto by_training = scores(*trained, users, items);
  const auto by_folding = scores(*folded, users, items);
  for (std::size_t p = 0; p < users.size(); ++p) {
    EXPECT_NEAR(by_training[p], by_folding[p], 1e-5) << users[p] << " " << items[p];
  }
  const auto predicted = trained->predict(users, items);
  const auto folded_in = folded->predict(users, items);
  for (std::size_t p = 0; p < users.size(); ++p) {
    EXPECT_NEAR(predicted[p].score, folded_in[p].score, 1e-5) << users[p] << " " << items[p];
  }
}

TEST(Content, ReasonsAreTheTermsOfTheScore) {
  const Model model = train(*cpu, films(), ContentOptions());
  const auto predictor = model.open(*cpu);
  const std::vector<Index> items = {0, 5, 2};  // that user 2 has not rated
  const auto reasons = predictor->contributions(2, items);
  const auto score = scores(model, 2, items);
  for (std::size_t p = 0; p < items.size(); ++p) {
    ASSERT_EQ(reasons[p].size(), 3u);
    double sum = 0;
    for (std::size_t r = 0; r < 3; ++r) {
      sum += static_cast<double>(reasons[p][r].part);
    }
    EXPECT_TRUE(std::is_sorted(reasons[p].begin(), reasons[p].end(),
                               [](const auto& a, const auto& b) { return a.part > b.part; }))
        << "the most first";
    EXPECT_NEAR(sum, score[p], 1e-6);
  }
}

TEST(Content, ManyPairsAreScoredLikeFew) {
  const Model model = train(*cpu, films(), ContentOptions());
  const auto several = open_device({"cpu", 3});
  std::vector<Index> users;
  std::vector<Index> items;
  for (Index p = 0; p < 20'000; ++p) {  // of several tasks
    users.push_back(p / 1000 % 4);
    items.push_back(p % 6);
  }
  const auto all = scores(*model.open(*several), users, items);
  for (const std::size_t p : {0u, 8191u, 8192u, 8193u, 19'999u}) {
    EXPECT_EQ(all[p], scores(model, users[p], {items[p]}).front()) << p;
  }
}

TEST(Content, RecommendsItemsThatNobodyRatedWhereAsked) {
  Dataset data = films();
  const Partition split = [&] {
    Partition some;
    some.label.assign(data.rating.size(), 0);
    for (std::size_t r = 0; r < data.item.size(); ++r) some.label[r] = data.item[r] == 1 ? 1 : 0;
    some.test = only(1);
    return some;
  }();
  const Model model = train(*cpu, data, ContentOptions(), split);
  ASSERT_FALSE(model.knows_item(1));
  const auto has_it = [&](const Model& of, std::int64_t min_ratings) {
    RecommendOptions options;
    options.candidates.min_ratings = min_ratings;
    const auto list = Recommender(*cpu, of, options).recommend("0", 10);
    return std::any_of(list.begin(), list.end(), [](const auto& row) { return row.item == 1; });
  };
  EXPECT_TRUE(has_it(model, 0)) << "a comedy, like one that the user likes";
  EXPECT_FALSE(has_it(model, 1));
  EXPECT_FALSE(has_it(train(*cpu, data, BiasOptions(), split), 0)) << "of which it knows nothing";
  EXPECT_EQ(similar_items(*cpu, model, 1, 1).at(0).item, 0) << "its genre is known";
  EXPECT_EQ(similar_items(*cpu, model, 0, 1, {.min_ratings = 0}).at(0).item, 1);
  EXPECT_NE(similar_items(*cpu, model, 0, 1).at(0).item, 1);
}

TEST(Content, FindsSimilarItemsByWhatIsKnown) {
  const Model model = train(*cpu, films(), ContentOptions());
  const auto similar = similar_items(*cpu, model, 0, 10);
  ASSERT_EQ(similar.size(), 2u) << "of the others nothing is alike";
  EXPECT_EQ(similar[0].item, 1);
  EXPECT_FLOAT_EQ(similar[0].similarity, 1);
  EXPECT_EQ(similar[1].item, 4);
}

TEST(Content, FindsItemsByWords) {
  const Model model = train(*cpu, films(), ContentOptions());
  const auto found = model.open(*cpu)->text_scores("a comedy, please", std::vector<Index>{0, 2, 4});
  ASSERT_TRUE(found);
  EXPECT_FLOAT_EQ((*found)[0], 1);
  EXPECT_EQ((*found)[1], 0);
  EXPECT_GT((*found)[2], 0.5f);
  EXPECT_FALSE(model.open(*cpu)->text_scores("xyzzy", std::vector<Index>{0}));
  EXPECT_FALSE(train(*cpu, films(), BiasOptions()).open(*cpu)->text_scores("comedy", {}));
}

TEST(Content, NeedsSomethingToGoBy) {
  Dataset data = films();
  data.catalogue.genres = TextTable(6);
  EXPECT_THROW(train(*cpu, data, ContentOptions()), InputError);
  ContentOptions none;
  none.genre_weight = none.title_weight = none.tag_weight = none.text_weight = none.year_weight = 0;
  EXPECT_THROW(train(*cpu, films(), none), InputError);
}

TEST(Content, IsReadBackAsItWasWritten) {
  const test::TempFolder folder;
  const Model model = train(*cpu, films(), ContentOptions());
  const auto path = folder.path() / "m.safetensors";
  save_model(model, path);
  const Model read = load_model(path);
  EXPECT_EQ(read.algorithm().name, "content");
  EXPECT_EQ(scores(read, 0, {1, 3, 4, 5}), scores(model, 0, {1, 3, 4, 5}));
  const std::vector<Index> items = {0, 1, 2, 3, 4, 5};
  EXPECT_EQ(read.open(*cpu)->text_scores("drama", items),
            model.open(*cpu)->text_scores("drama", items));
  EXPECT_EQ(read.metadata.at("genre_weight"), "1");
}

TEST(Content, OptionsAreReadBackWhateverThePathIs) {
  ContentOptions own;
  own.embeddings = "my %20 vectors.safetensors";
  const TrainOptions options(own);
  EXPECT_EQ(parse_options("content", to_string(options)), options);
}

class EmbeddingsTest : public testing::Test {
 protected:
  std::filesystem::path write(const std::vector<std::int64_t>& ids,
                              const std::vector<float>& values, std::uint64_t width) const {
    const auto path = folder_.path() / "e.safetensors";
    SafetensorsWriter writer;
    writer.add("ids", ids);
    writer.add<float>("embeddings", values, {values.size() / width, width});
    AtomicFile file(path);
    writer.write(file);
    file.commit();
    return path;
  }

  test::TempFolder folder_;
};

TEST_F(EmbeddingsTest, TakeThePlaceOfWords) {
  ContentOptions options;
  // In another order than the items, with one that is no item's and one without any.
  options.embeddings = write({3, 0, 99, 1}, {0, 2, 3, 0, 7, 7, 4, 4}, 2).string();
  const Model model = train(*cpu, films(), options);
  const auto similar = similar_items(*cpu, model, 0, 10);
  ASSERT_EQ(similar.size(), 1u);
  EXPECT_EQ(similar[0].item, 1);
  EXPECT_NEAR(similar[0].similarity, std::sqrt(0.5), 1e-6);
  EXPECT_THROW(model.open(*cpu)->text_scores("comedy", std::vector<Index>{0}), UsageError)
      << "without words";
  const auto path = folder_.path() / "m.safetensors";
  save_model(model, path);
  EXPECT_EQ(scores(load_model(path), 0, {1, 3}), scores(model, 0, {1, 3}));
}

TEST_F(EmbeddingsTest, RatingsAreThoseOfItemsThatAreAlike) {
  // Of user 2's items 1, 3 and 4, item 1 is like item 0 and item 3 is its opposite.
  ContentOptions options;
  options.content_shrinkage = 0;
  options.embeddings = write({0, 1, 2, 3, 4}, {1, 0, 0.8f, 0.6f, 0, 1, -1, 0, 0, 1}, 2).string();
  const Model model = train(*cpu, films(), options);
  const Model bias = train(*cpu, films(), BiasOptions());
  const auto by_bias = [&](Index item) { return bias.predict_by_state(2, item).score; };
  const auto predicted = [&](Index item) {
    return model.open(*cpu)->predict(std::vector<Index>{2}, std::vector<Index>{item}).front();
  };
  EXPECT_NEAR(predicted(0).score, by_bias(0) + 4 - by_bias(1), 1e-5)
      << "the deviation of the one that is like it, whose similarity is divided out";
  // Item 3 is like none of the others, so nothing is added to the bias model.
  EXPECT_EQ(predicted(3).evidence, Evidence::full);
  EXPECT_NEAR(predicted(3).score, by_bias(3), 1e-6);
  EXPECT_LT(scores(model, 0, {3})[0], 0) << "the opposite of what user 0 likes";
}

TEST_F(EmbeddingsTest, NeighboursHaveTheHighestCosine) {
  ContentOptions options;
  options.embeddings = write({0, 1, 2, 3, 4}, {1, 0, 0.6f, 0.8f, 0, 1, -1, 0.1f, 0, 7}, 2).string();
  const Model model = train(*cpu, films(), options);
  const std::vector<Index> items = {0, 2, 5};
  const TopK top = model.open(*cpu)->nearest_items(items, 4).value();
  const auto row = [&](std::size_t r) {
    return std::vector<Index>(top.index.begin() + static_cast<std::ptrdiff_t>(4 * r),
                              top.index.begin() + static_cast<std::ptrdiff_t>(4 * r + 4));
  };
  EXPECT_EQ(row(0), (std::vector<Index>{1, kNone, kNone, kNone})) << "not those at right angles";
  EXPECT_EQ(row(1), (std::vector<Index>{4, 1, 3, kNone}));
  EXPECT_EQ(row(2), std::vector<Index>(4, kNone)) << "it has no vector";
  EXPECT_NEAR(top.score[0], 0.6, 1e-6);
  EXPECT_FLOAT_EQ(top.score[4], 1);
}

// Rows of few columns, of which some are equal.
struct RandomRows {
  std::vector<std::int64_t> offset = {0};
  std::vector<Index> column;
  std::vector<float> value;

  explicit RandomRows(Index rows) {
    std::mt19937 draw(3);
    for (Index row = 0; row < rows; ++row) {
      std::set<Index> columns;
      for (std::size_t c = 0; c < 1 + draw() % 4; ++c)
        columns.insert(static_cast<Index>(draw() % 40));
      for (const Index one : columns) {
        column.push_back(one);
        value.push_back(1 / std::sqrt(static_cast<float>(columns.size())));
      }
      offset.push_back(std::ssize(column));
    }
  }
  CsrView view() const { return {offset, column, value, 40}; }
};

TEST(SparseNeighboursTest, AreThoseOfAllProducts) {
  constexpr Index kRows = 5000;  // of more than one block
  constexpr int kMost = 7;
  const RandomRows rows(kRows);
  std::vector<Index> order(kRows);
  std::iota(order.rbegin(), order.rend(), 0);  // of equal ones the last first
  SparseNeighbours session(backend_of(*cpu), rows.view(), order);
  std::vector<Index> asked;
  for (Index row = 0; row < kRows; row += 11) asked.push_back(row);
  asked.push_back(11);  // once more
  const TopK top = session.query(asked, kMost);
  for (std::size_t q = 0; q < asked.size(); ++q) {
    const auto product = products_with_row(rows.view(), asked[q]);
    std::vector<Index> best = order;
    std::erase_if(best, [&](Index row) {
      return row == asked[q] || !(product[static_cast<std::size_t>(row)] > 0);
    });
    // To 1e-5, so that sums that rounding alone tells apart are ties here, too.
    const auto similarity = [&](Index row) {
      return std::lround(product[static_cast<std::size_t>(row)] * 1e5);
    };
    std::stable_sort(best.begin(), best.end(),
                     [&](Index a, Index b) { return similarity(a) > similarity(b); });
    for (std::size_t r = 0; r < kMost; ++r) {
      const std::size_t at = q * kMost + r;
      ASSERT_EQ(similarity(top.index[at]), similarity(best[r])) << asked[q] << " " << r;
      EXPECT_NEAR(top.score[at], product[static_cast<std::size_t>(top.index[at])], 1e-6);
    }
  }
  const TopK alone = session.query(std::vector<Index>{asked[5]}, kMost);
  for (std::size_t r = 0; r < kMost; ++r) {
    EXPECT_EQ(alone.index[r], top.index[5 * kMost + r]) << "whatever is asked for together";
    EXPECT_EQ(alone.score[r], top.score[5 * kMost + r]);
  }
}

TEST(SparseNeighboursTest, OfEqualRowsTheFirstInOrderComesFirst) {
  const std::vector<std::int64_t> offset = {0, 1, 2, 3, 3, 4};
  const std::vector<Index> column = {0, 0, 0, 1};
  const std::vector<float> value = {1, 1, 1, 1};
  SparseNeighbours session(backend_of(*cpu), {offset, column, value, 2}, {4, 2, 3, 0, 1});
  const TopK top = session.query(std::vector<Index>{1, 3, 4}, 3);
  EXPECT_EQ(top.index, (std::vector<Index>{2, 0, kNone, kNone, kNone, kNone, kNone, kNone, kNone}));
  EXPECT_EQ(top.score[0], 1);
}

TEST_F(EmbeddingsTest, RefusesWhatDoesNotFit) {
  const IdMap items = films().items;
  EXPECT_THROW(read_embeddings(write({77}, {1, 2}, 2), items), InputError) << "no item of the data";
  EXPECT_THROW(read_embeddings(write({0}, {0, 0}, 2), items), InputError) << "nothing but 0";
  EXPECT_THROW(read_embeddings(write({0, 1}, {1, 2}, 2), items), InputError) << "one row, two ids";
  EXPECT_THROW(read_embeddings(write({0, 0}, {1, 2, 3, 4}, 2), items), InputError) << "0 twice";
  EXPECT_THROW(read_embeddings(write({0}, {1, NAN}, 2), items), InputError);
  EXPECT_THROW(read_embeddings(folder_.path() / "none", items), InputError);
}

}  // namespace
}  // namespace tusk::content_tests
