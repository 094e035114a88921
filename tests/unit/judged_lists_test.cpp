// Lists of several lengths, user by user, and as files for other programs.
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/ranking.hpp>
#include <tusk/ranking_files.hpp>
#include <tusk/recommend.hpp>
#include <tusk/train.hpp>

#include "tests/support/datasets.hpp"

namespace tusk {
namespace {

// A model of few whole ratings, whose items tie if it is `popular` without damping.
class JudgedListsTest : public testing::TestWithParam<const char*> {
 protected:
  JudgedListsTest() {
    TrainOptions options(GetParam());
    if (options.model() == "popular") options.set("item-damping", 0.0);
    model_ = train(*device_, data_, options, split_);
    test_ = select_ratings(data_, split_.label, split_.test);
  }

  RankingMetrics metrics(int k, std::vector<int> other_k = {}, Gain gain = Gain::binary) const {
    RankingOptions options;
    options.k = k;
    options.other_k = std::move(other_k);
    options.gain = gain;
    return evaluate_ranking(*device_, model_, test_, options);
  }

  std::unique_ptr<Device> device_ = open_device({"cpu", 2});
  Dataset data_ = test::random_dataset(300, 60, 4'000, 7);
  Partition split_ = make_split(data_, parse_split("random:0.3"), 1);
  Model model_;
  RatingList test_;
};

TEST_P(JudgedListsTest, SeveralLengthsAreJudgedAsEachAlone) {
  const RankingMetrics all = metrics(7, {1, 20, 100, 3});
  ASSERT_EQ(all.others.size(), 4u);
  for (const int k : {1, 3, 7, 20, 100}) {
    const RankingMetrics& found = of_length(all, k);
    const RankingMetrics alone = metrics(k);
    EXPECT_EQ(found.options.k, k);
    EXPECT_EQ(found.users, alone.users);
    EXPECT_EQ(found.tied_users, alone.tied_users) << k;
    for (const ListFigure& figure : kListFigures) {
      EXPECT_NEAR(found.mean.*figure.value, alone.mean.*figure.value, 1e-12) << k << figure.key;
    }
    EXPECT_NEAR(found.coverage, alone.coverage, 1e-12) << k;
    EXPECT_NEAR(found.popularity, alone.popularity, 1e-9) << k;
    EXPECT_NEAR(found.novelty, alone.novelty, 1e-9) << k;
    EXPECT_EQ(std::isnan(found.diversity.value()), k == 1) << "one item is no pair";
    if (k == 1) continue;
    EXPECT_NEAR(found.diversity.value(), alone.diversity.value(), 1e-9) << k;
  }
  EXPECT_THROW(of_length(all, 4), UsageError);
}

TEST_P(JudgedListsTest, TheMeanIsThatOfTheUsers) {
  const RankingMetrics all = metrics(5);
  ASSERT_EQ(std::ssize(all.judged), all.users);
  EXPECT_TRUE(std::is_sorted(all.judged.begin(), all.judged.end(),
                             [](auto& a, auto& b) { return a.user < b.user; }));
  double ndcg = 0;
  std::int64_t relevant = 0;
  for (const JudgedUser& user : all.judged) {
    ndcg += user.figures.ndcg / static_cast<double>(all.users);
    relevant += user.relevant;
  }
  EXPECT_NEAR(ndcg, all.mean.ndcg, 1e-12);
  EXPECT_EQ(relevant, all.relevant);
}

TEST_P(JudgedListsTest, ListsAreThoseThatAreShown) {
  const Recommender recommender(*device_, model_);
  RankingOptions options;
  options.k = 4;
  options.other_k = {9};
  int lists = 0;
  const OnJudgedList on_list = [&](const JudgedList& list) {
    const Index user[] = {list.user};
    const auto shown = recommender.recommend(user, 9).front();
    ASSERT_EQ(shown.size(), list.item.size());
    for (std::size_t place = 0; place < shown.size(); ++place) {
      EXPECT_EQ(shown[place].item, list.item[place]) << list.user << " " << place;
      EXPECT_EQ(shown[place].score, list.score[place]);
    }
    ++lists;
  };
  EXPECT_EQ(evaluate_ranking(*device_, model_, test_, options, {}, on_list).users, lists);
}

TEST_P(JudgedListsTest, GainsChangeNothingButNdcg) {
  const RankingMetrics binary = metrics(5);
  for (const Gain gain : {Gain::linear, Gain::exponential}) {
    const RankingMetrics graded = metrics(5, {}, gain);
    EXPECT_EQ(graded.mean.average_precision, binary.mean.average_precision);
    EXPECT_NE(graded.mean.ndcg, binary.mean.ndcg);
  }
}

INSTANTIATE_TEST_SUITE_P(Models, JudgedListsTest, testing::Values("popular", "bias", "mf", "mean"));

class NewUsersJudgedTest : public testing::Test {};

TEST_F(NewUsersJudgedTest, ListsAreThoseOfFoldedUsers) {
  const auto device = open_device({"cpu", 2});
  const Dataset data = test::random_dataset(200, 50, 3'000, 3);
  for (const char* kind : {"mf", "item-knn", "bias"}) {
    const Model model = train(*device, data, TrainOptions(kind));
    // Two new users: items 0 .. 9, and none that the model knows.
    SparseMatrixOf fold_in;
    fold_in.columns = model.state().items;
    for (Index item = 0; item < 10; ++item) {
      fold_in.column.push_back(item);
      fold_in.value.push_back(static_cast<float>(item % 5 + 1));
    }
    fold_in.offset = {0, 10, 10};
    const RatingList test{{0, 0, 1}, {20, 3, 20}, {5, 5, 5}};
    RankingOptions options;
    options.k = 50;
    std::vector<Index> listed;
    const OnJudgedList on_list = [&](const JudgedList& list) {
      EXPECT_EQ(list.user, 0);
      listed.assign(list.item.begin(), list.item.end());
    };
    const RankingMetrics metrics =
        evaluate_ranking_of_new_users(*device, model, fold_in.view(), test, options, {}, on_list);
    EXPECT_EQ(metrics.users, 1) << kind;
    EXPECT_EQ(metrics.relevant, 1) << "an item that is folded in is no test item";
    EXPECT_EQ(metrics.relevant_unknown_users, 1);
    const auto expected = Recommender(*device, model).recommend_new(fold_in.view(), 50).front();
    ASSERT_EQ(expected.size(), listed.size());
    for (std::size_t place = 0; place < listed.size(); ++place) {
      EXPECT_EQ(expected[place].item, listed[place]) << kind << " " << place;
    }
  }
}

// Items 0 to 2 have no training ratings and take no place among those to be sampled.
TEST_F(NewUsersJudgedTest, SamplesLeaveOutItemsWithoutTrainingRatings) {
  const auto device = open_device({"cpu", 1});
  std::vector<test::Rating> ratings;
  for (Index user = 0; user < 3; ++user) {
    for (Index item = 0; item < 8; ++item) {
      ratings.push_back({user, item, static_cast<float>((user + item) % 5 + 1)});
    }
  }
  const Dataset data = test::make_dataset(3, 8, ratings);
  Partition split;
  split.labels = 2;
  split.test = only(1);
  for (const Index item : data.item) split.label.push_back(item < 3 ? Label{1} : Label{0});
  const Model model = train(*device, data, TrainOptions("bias"), split);
  const SparseMatrixOf fold_in{{0, 4}, {0, 1, 2, 3}, {5, 4, 3, 2}, 8};
  const RatingList test{{0}, {7}, {5}};
  RankingOptions options;
  options.candidates = parse_candidates("sampled:100");
  std::vector<Index> listed;
  evaluate_ranking_of_new_users(
      *device, model, fold_in.view(), test, options, {},
      [&](const JudgedList& list) { listed.assign(list.item.begin(), list.item.end()); });
  std::sort(listed.begin(), listed.end());
  EXPECT_EQ(listed, (std::vector<Index>{4, 5, 6, 7}));
}

TEST(RankingFiles, HoldWhatWasJudged) {
  const auto device = open_device({"cpu", 1});
  const Dataset data = test::random_dataset(40, 20, 300, 5);
  const Partition split = make_split(data, parse_split("random:0.4"), 1);
  const Model model = train(*device, data, TrainOptions("bias"), split);
  const RatingList test = match_ratings(model, data, Part::unseen);
  RankingOptions options;
  options.other_k = {2};
  options.gain = Gain::linear;
  const RankingMetrics metrics = evaluate_ranking(*device, model, test, options);
  const std::string csv = user_figures_csv(model, metrics, Cells::safe);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), metrics.users + 1);
  EXPECT_TRUE(csv.starts_with("user,relevant,precision@10,recall@10,ndcg@10,")) << csv;
  EXPECT_NE(csv.find(",ndcg@2,"), std::string::npos);
  const std::string qrels = qrels_text(model, data, test, metrics);
  EXPECT_EQ(std::count(qrels.begin(), qrels.end(), '\n'), metrics.relevant);
  EXPECT_NE(qrels.find(" 5\n"), std::string::npos) << "the rating is the grade";
  options.gain = Gain::binary;
  const std::string binary =
      qrels_text(model, data, test, evaluate_ranking(*device, model, test, options));
  EXPECT_EQ(binary.find(" 5\n"), std::string::npos);
}

}  // namespace
}  // namespace tusk
