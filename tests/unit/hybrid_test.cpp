// The hybrid model.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/model_file.hpp>
#include <tusk/models.hpp>
#include <tusk/ranking.hpp>
#include <tusk/recommend.hpp>
#include <tusk/similar.hpp>
#include <tusk/train.hpp>

#include "model/safetensors.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/hybrid_fixture.hpp"

namespace tusk::hybrid_tests {
namespace {

std::vector<Index> in_order(const std::vector<float>& scores) {
  std::vector<Index> items = test::first_indices(static_cast<Index>(scores.size()));
  std::stable_sort(items.begin(), items.end(), [&](Index a, Index b) {
    return scores[static_cast<std::size_t>(a)] > scores[static_cast<std::size_t>(b)];
  });
  return items;
}

TEST(Hybrid, OneListAloneIsThatOfItsPart) {
  const Dataset data = films();
  const auto items = test::first_indices(30);
  HybridOptions options = by_neighbours();
  options.content_weight = 0;
  const Model collaborative = train(*cpu, data, options.item_knn);
  const auto of_knn = scores(*collaborative.open(*cpu), 5, items, RankBy::sum);
  EXPECT_EQ(in_order(scores(*train(*cpu, data, options).open(*cpu), 5, items)), in_order(of_knn));
  options.content_weight = 1;
  options.collaborative_weight = 0;
  // Items that the content part scores alike are ordered by their predicted ratings.
  const Model content = train(*cpu, data, options.content);
  const auto of_content = scores(*content.open(*cpu), 5, items);
  const auto order = in_order(scores(*train(*cpu, data, options).open(*cpu), 5, items));
  for (std::size_t place = 1; place < order.size(); ++place) {
    EXPECT_GE(of_content[static_cast<std::size_t>(order[place - 1])],
              of_content[static_cast<std::size_t>(order[place])]);
  }
}

TEST(Hybrid, TellsWhichPartGaveARowAtWhichRank) {
  const Model model = train(*cpu, films(), by_neighbours());
  const auto predictor = model.open(*cpu);
  const auto items = test::first_indices(30);
  const auto of_items = scores(*predictor, 5, items);
  const auto ranks = part_ranks(*predictor, 5, items);
  for (std::size_t item = 0; item < items.size(); ++item) {
    double sum = 0;
    for (const PartRank& part : ranks[item]) {
      sum += (part.part == "collaborative" ? 0.6 : 0.4) / (60 + part.rank);
    }
    EXPECT_NEAR(of_items[item], sum, 1e-6);
  }
  const auto of_nobody = part_ranks(*predictor, kNone, items);
  ASSERT_EQ(of_nobody[0].size(), 1u);
  EXPECT_EQ(of_nobody[0][0].part, "popular");
}

TEST(Hybrid, APartListsOnlyWhatItRecommends) {
  // User 0 likes comedies; what is like none, and what no neighbour likes, is on no list.
  Dataset data = test::make_dataset(
      3, 7,
      {{0, 0, 5}, {0, 1, 5}, {0, 2, 1}, {1, 0, 4}, {1, 3, 4}, {2, 4, 3}, {2, 5, 3}, {2, 6, 3}});
  data.catalogue = {};
  for (const char* genres : {"Comedy", "Comedy", "War", "Comedy", "War", "Comedy", "Drama"}) {
    data.catalogue.title.push_back("");
    data.catalogue.genres.push_back(genres);
  }
  const Model model = train(*cpu, data, by_neighbours());
  const auto ranks = part_ranks(*model.open(*cpu), 0, {3, 4, 5, 6});
  ASSERT_EQ(ranks[0].size(), 2u) << "a comedy that a neighbour likes";
  EXPECT_EQ(ranks[0][0].part, "collaborative");
  EXPECT_EQ(ranks[0][1].part, "content");
  EXPECT_TRUE(ranks[1].empty()) << "a war film";
  ASSERT_EQ(ranks[2].size(), 1u) << "a comedy that nobody alike has rated";
  EXPECT_EQ(ranks[2][0].part, "content");
  EXPECT_TRUE(ranks[3].empty()) << "a drama, of which the user has rated none";
}

TEST(Hybrid, ListsSayWhereThePartsHaveTheirItems) {
  const Model model = train(*cpu, films(), by_neighbours());
  const auto predictor = model.open(*cpu);
  const Recommender recommender(*cpu, model);
  const std::vector<Index> users = {5, 7};
  const auto lists = recommender.recommend(users, 5);
  for (std::size_t u = 0; u < users.size(); ++u) {
    const auto seen = model.seen().view().row(users[u]);
    std::vector<Index> unseen;
    for (const Index item : test::first_indices(30)) {
      if (std::find(seen.begin(), seen.end(), item) == seen.end()) unseen.push_back(item);
    }
    const auto ranks = part_ranks(*predictor, users[u], unseen);
    for (const Recommendation& row : lists[u]) {
      const auto at = std::find(unseen.begin(), unseen.end(), row.item) - unseen.begin();
      const auto& expected = ranks[static_cast<std::size_t>(at)];
      ASSERT_EQ(row.parts.size(), expected.size());
      for (std::size_t p = 0; p < expected.size(); ++p) {
        EXPECT_EQ(row.parts[p].part, expected[p].part);
        EXPECT_EQ(row.parts[p].rank, expected[p].rank) << "among all that were not rated";
      }
    }
  }
  EXPECT_EQ(recommender.recommend("no such user", 3).at(0).parts.at(0).part, "popular");
  const Model plain = train(*cpu, films(), ItemKnnOptions());
  EXPECT_TRUE(Recommender(*cpu, plain).recommend(users, 1)[0][0].parts.empty());
}

TEST(Hybrid, ComparesItemsByItsOwnVectors) {
  HybridOptions options;
  options.content.genre_weight = 0;
  options.content.year_weight = 1;
  Dataset data = films();
  data.catalogue.year.assign(30, 1950);
  data.catalogue.year[1] = data.catalogue.year[4] = 1999;
  const Model model = train(*cpu, data, options);
  const auto similar = similar_items(*cpu, model, 1, 1, {.content = 1});
  EXPECT_EQ(similar.at(0).item, 4) << "of the same year, by which alone the model compares items";
  EXPECT_EQ(usual_similar_options(model).content, 0.5f) << "it is not of content alone";
}

TEST(Hybrid, ChoosesItsPartsByTheNumberOfRatings) {
  const Dataset data = films();
  const Model model = train(*cpu, data, by_neighbours());
  const auto predictor = model.open(*cpu);
  const auto items = test::first_indices(30);
  // New users with none, two and three ratings.
  const std::vector<std::int64_t> offset = {0, 0, 2, 5};
  const std::vector<Index> column = {0, 1, 0, 1, 2};
  const std::vector<float> value = {5, 1, 5, 1, 4};
  const auto folded = predictor->fold_in({offset, column, value, 30});
  const auto parts = [&](Index user) {
    std::set<std::string> names;
    for (const auto& ranks : part_ranks(*folded, user, items)) {
      for (const PartRank& rank : ranks) names.insert(rank.part);
    }
    return names;
  };
  EXPECT_EQ(parts(0), std::set<std::string>{"popular"});
  EXPECT_EQ(parts(1), std::set<std::string>{"content"});
  EXPECT_EQ(parts(2), (std::set<std::string>{"collaborative", "content"}));
  EXPECT_EQ(scores(*folded, 0, items), scores(*predictor, kNone, items));
  const Model popular = train(*cpu, data, PopularOptions());
  EXPECT_EQ(scores(*folded, 0, items), scores(*popular.open(*cpu), kNone, items));
}

TEST(Hybrid, UsersWithFewRatingsAreFoldedIn) {
  HybridOptions options;
  options.collaborative = Collaborative::mf;
  options.mf.epochs = 60;
  options.mf.learning_rate = 0.05f;
  options.mf.regularization = 0.01f;
  options.mf.factors = 4;
  options.content_weight = 0;
  options.list_depth = 30;
  const auto items = test::first_indices(30);
  const auto list_of = [&](int fold_in_below) {
    options.fold_in_below = fold_in_below;
    const Model model = train(*cpu, films(), options);
    const CsrView all = model.ratings();
    const std::vector<std::int64_t> offset = {0, std::ssize(all.row(5))};
    const auto begin = static_cast<std::size_t>(all.offset[5]);
    const auto predictor = model.open(*cpu);
    const auto folded = predictor->fold_in(
        {offset, all.row(5), all.value.subspan(begin, all.row(5).size()), all.columns});
    return std::pair(scores(*predictor, 5, items), scores(*folded, 0, items));
  };
  const auto [few, as_new] = list_of(1000);
  EXPECT_EQ(few, as_new);
  const auto [many, not_as_new] = list_of(0);
  EXPECT_NE(many, not_as_new) << "by the factors that were trained";
}

TEST(Hybrid, AListDoesNotDependOnTheListsBesideIt) {
  const Model model = train(*cpu, films(), by_neighbours());
  const auto predictor = model.open(*cpu);
  const auto items = test::first_indices(30);
  std::vector<Index> users;
  std::vector<Index> all;
  for (const Index user : {3, 4, kNone, 5}) {
    users.insert(users.end(), items.size(), user);
    all.insert(all.end(), items.begin(), items.end());
  }
  const auto together = scores(*predictor, users, all);
  EXPECT_EQ(std::vector<float>(together.begin() + 30, together.begin() + 60),
            scores(*predictor, 4, items));
}

TEST(Hybrid, IsReadBackAsItWasWritten) {
  const test::TempFolder folder;
  const auto items = test::first_indices(30);
  for (const Collaborative collaborative : {Collaborative::item_knn, Collaborative::mf}) {
    HybridOptions options;
    options.collaborative = collaborative;
    options.mf.epochs = 3;
    options.mf.factors = 4;
    const Model model = train(*cpu, films(), options);
    const auto path = folder.path() / "m.safetensors";
    save_model(model, path);
    const Model read = load_model(path);
    EXPECT_EQ(read.algorithm().name, "hybrid");
    EXPECT_EQ(scores(*read.open(*cpu), 5, items), scores(*model.open(*cpu), 5, items));
    EXPECT_EQ(read.metadata.at("collaborative"), to_string(collaborative));
    const SafetensorsReader file(path);
    EXPECT_TRUE(file.has("seen_ratings")) << "once for all parts";
    EXPECT_FALSE(file.has("content.seen_ratings") || file.has("collaborative.seen_ratings"));
    save_model(read, folder.path() / "again.safetensors");
    EXPECT_EQ(test::read_file(path), test::read_file(folder.path() / "again.safetensors"))
        << "nothing is lost";
  }
}

TEST(Hybrid, ListsAreJudgedLikeThoseOfAnyModel) {
  const Dataset data = films();
  const Partition split = make_split(data, parse_split("random:0.2"), 1);
  const Model model = train(*cpu, data, HybridOptions(), split);
  const RankingMetrics metrics =
      evaluate_ranking(*cpu, model, select_ratings(data, split.label, split.test));
  EXPECT_GT(metrics.users, 0);
  EXPECT_GT(metrics.mean.ndcg, 0);
}

TEST(Hybrid, RealListsAreAboutAsGoodAsThoseOfTheBestPart) {
  TUSK_REAL_DATA(folder, "ml-100k");
  const Dataset data = read_dataset(folder);
  const Partition split = make_split(data, parse_split("time:0.2"), 1);
  const RatingList test = select_ratings(data, split.label, split.test);
  const auto ndcg = [&](const TrainOptions& options, ListOrder order = {}) {
    RankingOptions ranking;
    ranking.order = order;
    return evaluate_ranking(*cpu, train(*cpu, data, options, split), test, ranking).mean.ndcg;
  };
  const auto hybrid = [&](float content_weight, float rank_constant) {
    HybridOptions options = by_neighbours();
    options.content_weight = content_weight;
    options.rank_constant = rank_constant;
    return ndcg(options);
  };
  const double collaborative = ndcg(HybridOptions::list_neighbours(), {RankBy::sum, {}});
  const double content = ndcg(ContentOptions());
  EXPECT_NEAR(hybrid(0, 60), collaborative, 1e-3) << "ties aside, its list is that of the part";
  // Chosen on the training part; docs/content.md has the figures.
  EXPECT_GT(hybrid(0.2f, 20), collaborative - 0.005);
  EXPECT_GT(hybrid(0.4f, 60), collaborative - 0.04);
  EXPECT_GT(hybrid(0.4f, 60), 3 * content);
}

}  // namespace
}  // namespace tusk::hybrid_tests
