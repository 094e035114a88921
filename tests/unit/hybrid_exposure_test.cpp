// Hybrids whose lists are by exposure times preference, and what a hybrid is made of.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/model_file.hpp>
#include <tusk/train.hpp>

#include "models/hybrid/exposure.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/hybrid_fixture.hpp"

namespace tusk::hybrid_tests {
namespace {

// Of the model by itself.
std::vector<Prediction> alone(const TrainOptions& options, const Dataset& data, Index user,
                              const std::vector<Index>& items, RankBy by = RankBy::rating) {
  const Model model = train(*cpu, data, options);
  return model.open(*cpu)->rank(by, std::vector<Index>(items.size(), user), items);
}

HybridOptions exposure(Collaborative collaborative) {
  HybridOptions options;
  options.collaborative = collaborative;
  options.fusion = Fusion::exposure;
  options.mf.epochs = 20;
  options.mf.factors = 4;
  options.mf.learning_rate = 0.05f;
  options.fold_in_below = 0;
  return options;
}

TEST(Hybrid, ExposureMultipliesScoresByPreferences) {
  const Dataset data = films();
  const auto items = test::first_indices(30);
  for (const Collaborative collaborative :
       {Collaborative::item_knn, Collaborative::ease, Collaborative::ials}) {
    const HybridOptions options = exposure(collaborative);
    const Model model = train(*cpu, data, options);
    const auto predictor = model.open(*cpu);
    const auto of_lists =
        collaborative == Collaborative::ease ? alone(options.ease, data, 5, items)
        : collaborative == Collaborative::ials
            ? alone(options.ials, data, 5, items)
            : alone(HybridOptions::list_neighbours(), data, 5, items, RankBy::sum);
    const auto ratings = alone(options.mf, data, 5, items);
    const Preference preference(options, data.scale, model.ratings().value);
    PartRanks parts;
    const std::vector<Index> users(items.size(), 5);
    const auto ranked = predictor->rank_with_parts(RankBy::rating, users, items, parts);
    const auto predicted = predictor->predict(users, items);
    for (std::size_t i = 0; i < items.size(); ++i) {
      const double expected = std::max(0.0f, of_lists[i].score) * preference(ratings[i].score);
      EXPECT_NEAR(ranked[i].score, expected, 1e-6 + 1e-5 * expected);
      EXPECT_EQ(ranked[i].rating, ratings[i].rating) << "of the rating model";
      EXPECT_EQ(predicted[i].rating, ratings[i].rating);
      for (const PartRank& part : parts.of(i)) {
        EXPECT_EQ(part.score, part.part == "rating" ? ratings[i].score : of_lists[i].score);
      }
      EXPECT_EQ(parts.of(i).size(), of_lists[i].score > 0 ? 2u : 1u);
    }
  }
}

TEST(Hybrid, ExposureHasAListForEveryone) {
  const Dataset data = films();
  HybridOptions options = exposure(Collaborative::ease);
  options.fold_in_below = 1000;
  const Model model = train(*cpu, data, options);
  const auto predictor = model.open(*cpu);
  const auto items = test::first_indices(30);
  const auto folded = predictor->fold_in(model.ratings());
  EXPECT_EQ(scores(*predictor, 5, items), scores(*folded, 5, items))
      << "mf folds in users with few ratings";
  EXPECT_EQ(part_ranks(*predictor, kNone, items)[0][0].part, "popular");
  const std::vector<std::int64_t> offset = {0, 1};
  const std::vector<Index> column = {0};
  const std::vector<float> value = {5};
  const auto newcomer = predictor->fold_in({offset, column, value, 30});
  for (const auto& parts : part_ranks(*newcomer, 0, items)) {
    for (const PartRank& part : parts) EXPECT_EQ(part.part, "content");
  }
}

TEST(Hybrid, ExposureIsReadBackAsItWasWritten) {
  const test::TempFolder folder;
  const auto items = test::first_indices(30);
  for (const Collaborative collaborative :
       {Collaborative::item_knn, Collaborative::ease, Collaborative::ials}) {
    const Model model = train(*cpu, films(), exposure(collaborative));
    const auto path = folder.path() / "m.safetensors";
    save_model(model, path);
    const Model read = load_model(path);
    EXPECT_EQ(scores(*read.open(*cpu), 5, items), scores(*model.open(*cpu), 5, items));
    EXPECT_EQ(read.metadata.at("fusion"), "exposure");
    save_model(read, folder.path() / "again.safetensors");
    EXPECT_EQ(test::read_file(path), test::read_file(folder.path() / "again.safetensors"));
  }
}

TEST(Hybrid, NeedsNoContent) {
  Dataset data = films();
  data.catalogue = {};
  for (Index item = 0; item < 30; ++item) {
    data.catalogue.title.push_back("");
    data.catalogue.genres.push_back("");
  }
  const auto items = test::first_indices(30);
  const test::TempFolder folder;
  for (const Collaborative collaborative : {Collaborative::item_knn, Collaborative::ease}) {
    HybridOptions options = exposure(collaborative);
    options.fusion.reset();
    const Model trained = train(*cpu, data, options);
    save_model(trained, folder.path() / "m.safetensors");
    const Model model = load_model(folder.path() / "m.safetensors");
    const auto predictor = model.open(*cpu);
    EXPECT_EQ(scores(*predictor, 5, items), scores(*trained.open(*cpu), 5, items));
    const std::vector<std::int64_t> offset = {0, 1};
    const std::vector<Index> column = {0};
    const std::vector<float> value = {5};
    const auto newcomer = predictor->fold_in({offset, column, value, 30});
    std::set<std::string> parts;
    for (const auto& ranks : part_ranks(*newcomer, 0, items)) {
      for (const PartRank& rank : ranks) parts.insert(rank.part);
    }
    EXPECT_TRUE(parts.contains("collaborative")) << "one rating is enough for it";
    EXPECT_FALSE(parts.contains("content"));
  }
  HybridOptions of_content = by_neighbours();
  of_content.collaborative_weight = 0;
  EXPECT_THROW(train(*cpu, data, of_content), InputError);
}

TEST(Hybrid, LearnsByEaseWhereItsTableIsSmall) {
  HybridOptions options;
  EXPECT_EQ(options.learner(20'000), Collaborative::ease);
  EXPECT_EQ(options.learner(20'001), Collaborative::ials);
  options.collaborative = Collaborative::mf;
  EXPECT_EQ(options.learner(20'001), Collaborative::mf);
  HybridOptions by_ease = exposure(Collaborative::automatic);
  const Model model = train(*cpu, films(), by_ease);
  EXPECT_EQ(model.metadata.at("collaborative"), "ease");
  EXPECT_EQ(model.metadata.at("fusion"), "exposure");
  by_ease.collaborative = Collaborative::ease;
  const auto items = test::first_indices(30);
  EXPECT_EQ(scores(*model.open(*cpu), 5, items),
            scores(*train(*cpu, films(), by_ease).open(*cpu), 5, items));
}

}  // namespace
}  // namespace tusk::hybrid_tests
