// The content model.
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/model_file.hpp>
#include <tusk/models.hpp>
#include <tusk/similar.hpp>
#include <tusk/train.hpp>

#include "model/safetensors.hpp"
#include "models/content/embeddings.hpp"
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

TEST(Content, ANewUserGetsWhatTrainingWouldHaveGivenHim) {
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
    EXPECT_NEAR(by_training[p], by_folding[p], 0.15) << users[p] << " " << items[p];
  }
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
  EXPECT_FALSE(model.open(*cpu)->text_scores("comedy", std::vector<Index>{0})) << "without words";
  const auto path = folder_.path() / "m.safetensors";
  save_model(model, path);
  EXPECT_EQ(scores(load_model(path), 0, {1, 3}), scores(model, 0, {1, 3}));
}

TEST_F(EmbeddingsTest, RefusesWhatDoesNotFit) {
  const IdMap items = films().items;
  EXPECT_THROW(read_embeddings(write({77}, {1, 2}, 2), items), InputError) << "no item of the data";
  EXPECT_THROW(read_embeddings(write({0}, {0, 0}, 2), items), InputError) << "nothing but 0";
  EXPECT_THROW(read_embeddings(write({0, 1}, {1, 2}, 2), items), InputError) << "one row, two ids";
  EXPECT_THROW(read_embeddings(write({0}, {1, NAN}, 2), items), InputError);
  EXPECT_THROW(read_embeddings(folder_.path() / "none", items), InputError);
}

}  // namespace
}  // namespace tusk::content_tests
