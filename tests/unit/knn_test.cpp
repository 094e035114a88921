// KNN models: training, prediction, recommendation.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/evaluate.hpp>
#include <tusk/predict.hpp>
#include <tusk/recommend.hpp>
#include <tusk/train.hpp>

#include "models/knn/knn_state.hpp"
#include "support/philox.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/options.hpp"
#include "tests/support/reference_knn.hpp"

namespace tusk {
namespace {

using test::make_dataset;

// Ratings without ties among similarities.
Dataset continuous_dataset() {
  Dataset data = test::random_dataset(50, 40, 900, 7);
  RandomSequence random(8, 8);
  for (float& rating : data.rating) rating += static_cast<float>(random.uniform());
  data.scale = {0, 7};
  return data;
}

struct Pairs {
  std::vector<Index> user;
  std::vector<Index> item;
};

Pairs all_pairs(const Dataset& data) {
  Pairs pairs;
  for (Index u = 0; u < data.users.size(); ++u) {
    for (Index i = 0; i < data.items.size(); ++i) {
      pairs.user.push_back(u);
      pairs.item.push_back(i);
    }
  }
  return pairs;
}

const KnnState& knn_of(const Model& model) {
  return dynamic_cast<const KnnModelState&>(model.learned()).knn();
}

class KnnTest : public testing::Test {
 protected:
  Model fitted(const Dataset& data, KnnRows kind, const KnnParams& params, int threads = 2) {
    return train(*open_device({"cpu", threads}), data, test::knn_options(kind, params));
  }

  Prediction one(const Model& model, Index user, Index item) {
    return predict(*device_, model, {&user, 1}, {&item, 1}).front();
  }

  std::unique_ptr<Device> device_ = open_device({"cpu", 2});
};

struct KnnCase {
  KnnRows kind;
  Centring centring;
  NeighbourPolicy policy;
};

class EveryKnn : public KnnTest, public testing::WithParamInterface<KnnCase> {};

TEST_P(EveryKnn, PredictsByTheDefinition) {
  const auto& [kind, centring, policy] = GetParam();
  const Dataset data = continuous_dataset();
  for (const SimilarityMetric metric :
       {SimilarityMetric::cosine, SimilarityMetric::msd, SimilarityMetric::pearson_baseline}) {
    const float weight_shrinkage = metric == SimilarityMetric::msd ? 0 : 0.7f;
    const KnnParams params{{metric, 5, 4}, centring, 6, 3, policy, weight_shrinkage};
    const Model model = fitted(data, kind, params);
    const test::ReferenceKnn reference(kind, params, model.state(), data.ratings());
    const Pairs pairs = all_pairs(data);
    const auto predictions = predict(*device_, model, pairs.user, pairs.item);
    int by_neighbours = 0;
    int by_fallback = 0;
    for (std::size_t p = 0; p < pairs.user.size(); ++p) {
      const auto expected = reference.predict(pairs.user[p], pairs.item[p]);
      EXPECT_NEAR(predictions[p].score, expected.rating, 2e-6) << p;
      const bool enough = expected.neighbours >= 3;
      ++(enough ? by_neighbours : by_fallback);
      if (enough) {
        EXPECT_EQ(predictions[p].evidence, Evidence::full);
      } else {
        const bool of_user = kind == KnnRows::users || centring == Centring::user_mean;
        const Evidence by_row = of_user ? Evidence::user_only : Evidence::item_only;
        EXPECT_EQ(predictions[p].evidence, centring == Centring::none       ? Evidence::global
                                           : centring == Centring::baseline ? Evidence::full
                                                                            : by_row);
      }
      EXPECT_EQ(predictions[p].rating, data.scale.clip(predictions[p].score));
    }
    EXPECT_GT(by_neighbours, 300);
    if (policy == NeighbourPolicy::table) {
      EXPECT_GT(by_fallback, 20);
    }
  }
}

TEST_P(EveryKnn, IsTheSameForAnyNumberOfThreads) {
  const auto& [kind, centring, policy] = GetParam();
  const Dataset data = test::random_dataset(120, 80, 2500, 9);
  const KnnParams params{{SimilarityMetric::pearson_baseline, 20, 1}, centring, 10, 1, policy};
  const Model model = fitted(data, kind, params, 1);
  const Pairs pairs = all_pairs(data);
  const auto first = predict(*open_device({"cpu", 1}), model, pairs.user, pairs.item);
  for (const int threads : {2, 5}) {
    const Model other = fitted(data, kind, params, threads);
    EXPECT_EQ(knn_of(other).table, knn_of(model).table);
    EXPECT_EQ(other.state().user_bias, model.state().user_bias);
    const auto again = predict(*open_device({"cpu", threads}), other, pairs.user, pairs.item);
    for (std::size_t p = 0; p < first.size(); ++p) ASSERT_EQ(again[p].score, first[p].score);
  }
}

TEST_P(EveryKnn, RecommendsTheBestPredictions) {
  const auto& [kind, centring, policy] = GetParam();
  const Dataset data = test::random_dataset(40, 60, 700, 10);
  const Model model = fitted(data, kind, {{}, centring, 8, 1, policy});
  Recommender recommender(*device_, model);
  std::vector<Index> users(40);
  std::iota(users.begin(), users.end(), 0);
  const TopK top = recommender.top_k(users, 12);
  for (Index user = 0; user < 40; ++user) {
    const auto seen = model.seen().view().row(user);
    // Of equal scores the item with more ratings comes first.
    std::vector<std::tuple<float, std::ptrdiff_t, Index>> scored;
    for (Index item = 0; item < 60; ++item) {
      if (!model.knows_item(item) || std::binary_search(seen.begin(), seen.end(), item)) continue;
      scored.emplace_back(-one(model, user, item).score,
                          -std::count(data.item.begin(), data.item.end(), item), item);
    }
    std::sort(scored.begin(), scored.end());
    for (std::size_t n = 0; n < 12; ++n) {
      const std::size_t at = static_cast<std::size_t>(user) * 12 + n;
      ASSERT_EQ(top.index[at], std::get<Index>(scored[n]));
      ASSERT_EQ(top.score[at], -std::get<float>(scored[n]));
    }
  }
  const auto list = recommender.recommend("7", 5);
  ASSERT_EQ(list.size(), 5u);
  EXPECT_EQ(list[0].item, top.index[7 * 12]);
  EXPECT_EQ(list[0].rating, one(model, 7, list[0].item).rating);
  EXPECT_EQ(list[0].evidence, one(model, 7, list[0].item).evidence);
}

TEST_P(EveryKnn, RanksBySumsByTheDefinition) {
  const auto& [kind, centring, policy] = GetParam();
  const Dataset data = continuous_dataset();
  const KnnParams params{{SimilarityMetric::cosine, 5, 4, 0.3f}, centring, 6, 2, policy, 0.5f};
  const Model model = fitted(data, kind, params);
  const test::ReferenceKnn reference(kind, params, model.state(), data.ratings());
  Recommender by_rating(*device_, model);
  Recommender by_sum(*device_, model, {.order = ListOrder{RankBy::sum, {}}});
  std::vector<Index> users(50);
  std::iota(users.begin(), users.end(), 0);
  const TopK top = by_sum.top_k(users, 40);
  const auto lists = by_sum.recommend(users, 40);
  for (std::size_t r = 0; r < top.index.size() && top.index[r] != kNone; ++r) {
    const auto user = static_cast<Index>(r / 40);
    const Index item = top.index[r];
    EXPECT_NEAR(top.score[r], reference.predict(user, item).sum, 2e-5) << r;
    if (r % 40 > 0) {
      EXPECT_LE(top.score[r], top.score[r - 1]);
    }
    const Recommendation& row = lists[r / 40][r % 40];
    EXPECT_EQ(row.score, top.score[r]);
    EXPECT_EQ(row.rating, one(model, user, item).rating) << "which the order does not change";
  }
  EXPECT_NE(by_rating.top_k(users, 5).index, by_sum.top_k(users, 5).index);
}

std::vector<KnnCase> cases() {
  std::vector<KnnCase> all;
  for (const KnnRows kind : {KnnRows::users, KnnRows::items}) {
    for (const Centring centring : {Centring::none, Centring::mean, Centring::z_score,
                                    Centring::baseline, Centring::user_mean}) {
      for (const NeighbourPolicy policy :
           {NeighbourPolicy::raters, NeighbourPolicy::table, NeighbourPolicy::automatic}) {
        all.push_back({kind, centring, policy});
      }
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, EveryKnn, testing::ValuesIn(cases()), [](const auto& test) {
  std::string name = std::string(test.param.kind == KnnRows::users ? "user_knn" : "item_knn") +
                     "_" + std::string(to_string(test.param.centring)) + "_" +
                     std::string(to_string(test.param.policy));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST_F(KnnTest, ComparesByAsymmetricCosines) {
  const Dataset data = continuous_dataset();
  for (const KnnRows kind : {KnnRows::users, KnnRows::items}) {
    for (const float shrinkage : {0.0f, 4.0f}) {
      const KnnParams params{{SimilarityMetric::cosine, shrinkage, 1, 0.8f},
                             Centring::mean,
                             7,
                             1,
                             NeighbourPolicy::table};
      const Model model = fitted(data, kind, params);
      const test::ReferenceKnn reference(kind, params, model.state(), data.ratings());
      const NeighbourTable& table = knn_of(model).table;
      for (std::size_t n = 0; n < table.neighbour.size(); ++n) {
        EXPECT_NEAR(table.similarity[n],
                    reference.similarity(n / 7, static_cast<std::size_t>(table.neighbour[n])),
                    1e-6);
      }
    }
  }
}

// User 2 and item 2 have no training rating.
Dataset with_unknowns() { return make_dataset(3, 3, {{0, 0, 1}, {0, 1, 2}, {1, 0, 4}, {1, 1, 5}}); }

TEST_F(KnnTest, SaysWhatIsKnownOfTheUnknown) {
  const Dataset data = with_unknowns();
  const Model mean = fitted(data, KnnRows::users, {{}, Centring::mean});
  EXPECT_FLOAT_EQ(one(mean, 0, 2).rating, 1.5f);
  EXPECT_EQ(one(mean, 0, 2).evidence, Evidence::user_only);
  EXPECT_FLOAT_EQ(one(mean, 2, 0).rating, 3);
  EXPECT_EQ(one(mean, 2, 0).evidence, Evidence::global);
  const Model items = fitted(data, KnnRows::items, {{}, Centring::mean});
  EXPECT_FLOAT_EQ(one(items, kNone, 1).rating, 3.5f);
  EXPECT_EQ(one(items, kNone, 1).evidence, Evidence::item_only);
  const Model baseline = fitted(data, KnnRows::items, {{}, Centring::baseline});
  EXPECT_EQ(one(baseline, 0, 2).evidence, Evidence::user_only);
  EXPECT_EQ(one(baseline, 2, 0).evidence, Evidence::item_only);
  EXPECT_EQ(one(baseline, kNone, kNone).evidence, Evidence::global);
  EXPECT_FLOAT_EQ(one(baseline, kNone, 1).rating, 3 + baseline.state().item_bias[1]);
  const Model none = fitted(data, KnnRows::items, {{}, Centring::none});
  EXPECT_EQ(one(none, 0, 2).evidence, Evidence::global);
  EXPECT_FLOAT_EQ(one(none, 0, 2).rating, 3);
}

// Item 0, of mean 1.5, has one neighbour, item 1, of mean 11/3, which user 2 has rated 5. Their
// cosine is (1 * 4 + 2 * 2) / sqrt(5 * 20) = 0.8.
TEST_F(KnnTest, ShrinksTheMeanOverNeighbours) {
  const Dataset data = make_dataset(3, 2, {{0, 0, 1}, {1, 0, 2}, {0, 1, 4}, {1, 1, 2}, {2, 1, 5}});
  const auto predicted = [&](float weight_shrinkage) {
    const KnnParams params{{SimilarityMetric::cosine_corated},
                           Centring::mean,
                           40,
                           1,
                           NeighbourPolicy::raters,
                           weight_shrinkage};
    return one(fitted(data, KnnRows::items, params), 2, 0).score;
  };
  const float deviation = 5 - 11 / 3.0f;
  EXPECT_FLOAT_EQ(predicted(0), 1.5f + deviation);
  EXPECT_FLOAT_EQ(predicted(0.2f), 1.5f + 0.8f * deviation / (0.8f + 0.2f));
  EXPECT_FLOAT_EQ(predicted(2.4f), 1.5f + 0.25f * deviation);
}

TEST_F(KnnTest, ARatingHasNoSayInItsOwnPrediction) {
  const Dataset data = with_unknowns();
  for (const NeighbourPolicy policy : {NeighbourPolicy::raters, NeighbourPolicy::table}) {
    const Model model = fitted(data, KnnRows::users, {{}, Centring::none, 40, 1, policy});
    EXPECT_FLOAT_EQ(one(model, 0, 0).rating, 4) << "as user 1 rated it";
  }
}

TEST_F(KnnTest, OneRatingIsEnoughToTrainAndToPredict) {
  const Dataset data = make_dataset(1, 1, {{0, 0, 4}});
  for (const KnnCase& c : cases()) {
    const Model model = fitted(data, c.kind, {{}, c.centring, 40, 1, c.policy});
    EXPECT_FLOAT_EQ(one(model, 0, 0).rating, 4);
    EXPECT_FLOAT_EQ(one(model, kNone, kNone).rating, 4);
    EXPECT_TRUE(Recommender(*device_, model).recommend("0", 3).empty());
  }
}

TEST_F(KnnTest, TableAndRatersAgreeWhereTheTableHoldsEveryone) {
  const Dataset data = test::random_dataset(30, 25, 400, 11);
  const KnnParams raters{{SimilarityMetric::msd}, Centring::mean, 1000, 1};
  KnnParams table = raters;
  table.policy = NeighbourPolicy::table;
  const Model a = fitted(data, KnnRows::items, raters);
  const Model b = fitted(data, KnnRows::items, table);
  EXPECT_EQ(knn_of(b).table.k, 24) << "no wider than there are other rows";
  const Pairs pairs = all_pairs(data);
  const auto by_raters = predict(*device_, a, pairs.user, pairs.item);
  const auto by_table = predict(*device_, b, pairs.user, pairs.item);
  for (std::size_t p = 0; p < by_raters.size(); ++p) {
    EXPECT_NEAR(by_raters[p].score, by_table[p].score, 1e-5);
  }
}

TEST_F(KnnTest, IsTrainedOnItsPartAlone) {
  const Dataset data = test::random_dataset(40, 30, 600, 12);
  const Partition split = make_split(data, parse_split("random:0.3"), 3);
  const Model model = train(*device_, data, ItemKnnOptions(), split);
  EXPECT_EQ(knn_of(model).rating.size(), model.seen().item.size());
  const CsrView ratings = model.ratings();
  std::size_t next = 0;
  data.ratings().each([&](Index, std::size_t at) {
    if (split.test.test(split.label[at])) return;
    EXPECT_EQ(ratings.value[next], data.rating[at]);
    EXPECT_EQ(ratings.column[next++], data.item[at]);
  });
  EXPECT_EQ(model.metadata.at("similarity"), "pearson-baseline");
}

TEST_F(KnnTest, ReportsProgressAndStopsWhenAsked) {
  const Dataset data = test::random_dataset(300, 600, 9000, 13);
  const ItemKnnOptions options(KnnParams{{}, Centring::mean, 5, 1, NeighbourPolicy::table});
  const LabelSet part = LabelSet().set(0);
  const std::vector<Label> label(data.rating.size(), 0);
  std::vector<std::int64_t> done;
  Observer observer;
  observer.on_progress = [&](Work what, std::int64_t so_far, std::int64_t of) {
    EXPECT_EQ(what, Work::neighbours);
    done.push_back(so_far);
    EXPECT_EQ(of, data.size());
  };
  fit(*device_, data, label, {&part, 1}, options, observer);
  EXPECT_GE(done.size(), 2u);
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
  EXPECT_EQ(done.back(), data.size());
  observer.should_stop = [] { return true; };
  EXPECT_THROW(fit(*device_, data, label, {&part, 1}, options, observer), Interrupted);
  EXPECT_THROW(
      cross_validate(*device_, data, make_folds(data, parse_folds("3"), 1), options, observer),
      Interrupted);
}

// Once for each fold, when it is measured, and once for each batch of its lists.
TEST_F(KnnTest, CrossValidationStopsWhileItMeasures) {
  const Dataset data = test::random_dataset(40, 30, 600, 4);
  const Partition folds = make_folds(data, parse_folds("2"), 1);
  const UserKnnOptions options;
  for (const int last : {1, 2, 3, 4}) {
    int asked = 0;
    Observer observer;
    observer.should_stop = [&] { return ++asked == last; };
    EXPECT_THROW(cross_validate(*device_, data, folds, options, observer, RankingOptions{}),
                 Interrupted)
        << last;
  }
}

TEST_F(KnnTest, RefusesParametersOutOfRange) {
  const Dataset data = with_unknowns();
  const auto refused = [&](const KnnParams& params) {
    EXPECT_THROW(fitted(data, KnnRows::users, params), UsageError);
  };
  refused({{SimilarityMetric::cosine, -1}});
  refused({{SimilarityMetric::cosine, std::nanf("")}});
  refused({{SimilarityMetric::cosine, 0, 0}});
  refused({{}, Centring::mean, 0});
  refused({{}, Centring::mean, kMostNeighbours + 1});
  refused({{}, Centring::mean, 5, 0});
  refused({{}, Centring::mean, 5, 6});
  for (const float bad : {-0.1f, std::nanf(""), INFINITY}) {
    refused({{}, Centring::mean, 5, 1, NeighbourPolicy::raters, bad});
  }
}

TEST(KnnParams, NamesAreReadBack) {
  for (const char* name :
       {"cosine", "centered-cosine", "cosine-corated", "pearson", "msd", "pearson-baseline"}) {
    EXPECT_EQ(to_string(parse_similarity_metric(name)), name);
  }
  for (const char* name : {"none", "mean", "z-score", "baseline"}) {
    EXPECT_EQ(to_string(parse_centring(name)), name);
  }
  for (const char* name : {"raters", "table"}) {
    EXPECT_EQ(to_string(parse_neighbour_policy(name)), name);
  }
  EXPECT_EQ(parse_similarity_metric("Cosine"), SimilarityMetric::cosine) << "in any case";
  EXPECT_THROW(parse_similarity_metric("cosines"), UsageError);
  EXPECT_THROW(parse_centring(""), UsageError);
  EXPECT_THROW(parse_neighbour_policy("all"), UsageError);
}

}  // namespace
}  // namespace tusk
