// Users who were not trained, of models that predict by the ratings of others.
#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/train.hpp>

#include "backend/backend.hpp"
#include "support/philox.hpp"
#include "tests/support/datasets.hpp"

namespace tusk {
namespace {

class NeighbourFoldInTest : public testing::Test {
 protected:
  std::unique_ptr<Backend> backend_ = make_backend({"cpu", 2});
};

// A model trained on all users but the last `left`, whose ratings are the rows of `ratings`.
struct LeftOut {
  Dataset all;
  Dataset trained;
  std::vector<std::int64_t> offset = {0};
  std::vector<Index> item;
  std::vector<float> rating;

  CsrView ratings() const { return {offset, item, rating, all.items.size()}; }
};

LeftOut leave_out(Index left) {
  LeftOut out;
  out.all = test::random_dataset(50, 40, 900, 7);
  RandomSequence random(8, 8);
  for (float& value : out.all.rating) value += static_cast<float>(random.uniform());
  out.all.scale = {0, 7};
  std::vector<test::Rating> kept;
  const Index users = out.all.users.size();
  out.all.ratings().each([&](Index user, std::size_t at) {
    if (user < users - left) {
      kept.push_back({user, out.all.item[at], out.all.rating[at]});
      return;
    }
    out.item.push_back(out.all.item[at]);
    out.rating.push_back(out.all.rating[at]);
  });
  for (Index user = users - left; user < users; ++user) {
    out.offset.push_back(out.all.offset[static_cast<std::size_t>(user) + 1] -
                         out.all.offset[static_cast<std::size_t>(users - left)]);
  }
  out.trained = test::make_dataset(users - left, out.all.items.size(), kept);
  out.trained.scale = out.all.scale;
  return out;
}

template <class Options>
void expect_as_trained_with(Backend& backend, const Options& options, double tolerance = 2e-5) {
  const LeftOut out = leave_out(1);
  const Model without = train(backend, out.trained, options);
  const Model with = train(backend, out.all, options);
  const auto opened = without.open(backend);
  const auto folded = opened->fold_in(out.ratings());
  const auto expected = with.open(backend);
  const Index last = out.all.users.size() - 1;
  std::vector<Index> unseen;
  for (Index item = 0; item < out.all.items.size(); ++item) {
    const auto seen = out.ratings().row(0);
    if (!std::binary_search(seen.begin(), seen.end(), item)) unseen.push_back(item);
  }
  ASSERT_FALSE(unseen.empty());
  const auto a = folded->predict(std::vector<Index>(unseen.size(), 0), unseen);
  const auto b = expected->predict(std::vector<Index>(unseen.size(), last), unseen);
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_NEAR(a[i].score, b[i].score, tolerance) << "item " << unseen[i];
  }
}

TEST_F(NeighbourFoldInTest, ANewUserOfUserKnnIsPredictedAsIfTrained) {
  for (const Centring centring :
       {Centring::none, Centring::mean, Centring::z_score, Centring::user_mean}) {
    for (const SimilarityMetric metric :
         {SimilarityMetric::cosine, SimilarityMetric::centered_cosine, SimilarityMetric::pearson,
          SimilarityMetric::msd, SimilarityMetric::cosine_corated}) {
      for (const NeighbourPolicy policy : {NeighbourPolicy::raters, NeighbourPolicy::table}) {
        SCOPED_TRACE(testing::Message() << static_cast<int>(centring) << static_cast<int>(metric)
                                        << static_cast<int>(policy));
        UserKnnOptions options;
        options.similarity = metric;
        options.centring = centring;
        options.policy = policy;
        options.neighbours = 5;
        options.shrinkage = 3;
        options.asymmetry = 0.3f;
        // Without neighbours the mean of all ratings would be another with the user.
        if (centring == Centring::none && policy == NeighbourPolicy::table) continue;
        expect_as_trained_with(*backend_, options);
      }
    }
  }
}

// With the new user, training finds other biases of the items, a little.
TEST_F(NeighbourFoldInTest, ANewUserOfUserKnnWithABaselineIsPredictedAlmostAsIfTrained) {
  for (const NeighbourPolicy policy : {NeighbourPolicy::raters, NeighbourPolicy::table}) {
    UserKnnOptions options;
    options.similarity = SimilarityMetric::pearson_baseline;
    options.centring = Centring::baseline;
    options.policy = policy;
    expect_as_trained_with(*backend_, options, 0.15);
  }
}

TEST_F(NeighbourFoldInTest, PairsInAnyOrderAreThoseOfTheirUsers) {
  const LeftOut out = leave_out(3);
  for (const char* name : {"item-knn", "user-knn"}) {
    const Model model = train(*backend_, out.trained, TrainOptions(name));
    const auto opened = model.open(*backend_);
    const auto folded = opened->fold_in(out.ratings());
    const std::vector<Index> users = {2, 0, kNone, 2, 1, 0};
    const std::vector<Index> items = {5, 7, 5, 9, 5, 5};
    const auto together = folded->predict(users, items);
    for (std::size_t p = 0; p < users.size(); ++p) {
      const auto alone = folded->predict({&users[p], 1}, {&items[p], 1}).front();
      EXPECT_EQ(together[p].score, alone.score) << name;
      EXPECT_EQ(together[p].evidence, alone.evidence) << name;
    }
  }
}

TEST_F(NeighbourFoldInTest, ANewUserOfSlopeOneIsPredictedAsIfTrained) {
  expect_as_trained_with(*backend_, SlopeOneOptions());
}

// Similarities of items come from who was trained, so a trained user's own row folds into the same.
TEST_F(NeighbourFoldInTest, ATrainedRowOfItemKnnFoldsIntoItsOwnPredictions) {
  const Dataset data = leave_out(1).all;
  for (const Centring centring : {Centring::none, Centring::mean, Centring::z_score,
                                  Centring::baseline, Centring::user_mean}) {
    for (const NeighbourPolicy policy :
         {NeighbourPolicy::raters, NeighbourPolicy::table, NeighbourPolicy::automatic}) {
      ItemKnnOptions options;
      options.asymmetry = 0.3f;
      options.centring = centring;
      options.policy = policy;
      options.similarity = centring == Centring::baseline ? SimilarityMetric::pearson_baseline
                                                          : SimilarityMetric::cosine;
      options.neighbours = 6;
      const Model model = train(*backend_, data, options);
      const auto trained = model.open(*backend_);
      const auto folded = trained->fold_in(data.ratings());
      std::vector<Index> user;
      std::vector<Index> item;
      for (Index u = 0; u < data.users.size(); u += 5) {
        for (Index i = 0; i < data.items.size(); ++i) {
          user.push_back(u);
          item.push_back(i);
        }
      }
      for (const RankBy by : {RankBy::rating, RankBy::sum}) {
        const auto a = folded->rank(by, user, item);
        const auto b = trained->rank(by, user, item);
        for (std::size_t p = 0; p < a.size(); ++p) ASSERT_NEAR(a[p].score, b[p].score, 2e-5);
      }
    }
  }
}

TEST_F(NeighbourFoldInTest, ContributionsOfItemKnnAddUpToThePrediction) {
  const LeftOut out = leave_out(1);
  ItemKnnOptions options;
  options.centring = Centring::mean;
  const Model model = train(*backend_, out.trained, options);
  const auto opened = model.open(*backend_);
  const auto folded = opened->fold_in(out.ratings());
  const std::vector<Index> items = test::first_indices(40);
  const auto predictions = folded->predict(std::vector<Index>(items.size(), 0), items);
  const auto contributions = folded->contributions(0, items);
  for (std::size_t i = 0; i < items.size(); ++i) {
    double mean = 0;
    double count = 0;
    out.trained.ratings().each([&](Index, std::size_t at) {
      if (out.trained.item[at] != items[i]) return;
      mean += out.trained.rating[at];
      ++count;
    });
    double sum = mean / count;
    for (const Contribution& one : contributions[i]) sum += one.part;
    EXPECT_NEAR(sum, predictions[i].score, 1e-4);
  }
}

}  // namespace
}  // namespace tusk
