// Similarities and the sessions that compute them.

#include <algorithm>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/train.hpp>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "models/knn/knn_ratings.hpp"
#include "support/philox.hpp"
#include "tests/support/cpu_kernels.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/reference_knn.hpp"

namespace tusk {
namespace {

using test::make_dataset;
using test::ReferenceKnn;

// What a session of one kind of model borrows.
struct Similar {
  Similar(Backend& backend, KnnRows kind, const SimilarityParams& similarity, const Dataset& data)
      : params{similarity},
        bias(bias_model(backend, data)),
        ratings(kind, params, bias, data.ratings()),
        measured(ratings.measured()),
        deviation(ratings.deviations()),
        session(backend.open_similar(ratings.problem(measured, deviation))) {}

  static MfState bias_model(Backend& backend, const Dataset& data) {
    return train(backend, data, BiasOptions()).state();
  }

  TopK all(int k) const {
    std::vector<Index> rows(static_cast<std::size_t>(ratings.rows().rows()));
    std::iota(rows.begin(), rows.end(), 0);
    return session->query(rows, k);
  }

  KnnParams params;
  MfState bias;
  KnnRatings ratings;
  KnnRatings::Measured measured;
  std::vector<float> deviation;
  std::unique_ptr<NeighbourSession> session;
};

constexpr SimilarityMetric kMetrics[] = {SimilarityMetric::cosine,
                                         SimilarityMetric::centered_cosine,
                                         SimilarityMetric::cosine_corated,
                                         SimilarityMetric::pearson,
                                         SimilarityMetric::msd,
                                         SimilarityMetric::pearson_baseline};

class EverySimilarity : public testing::TestWithParam<SimilarityParams> {};

TEST_P(EverySimilarity, AgreesWithItsDefinition) {
  const SimilarityParams& params = GetParam();
  const auto backend = make_backend({"cpu", 2});
  for (const KnnRows kind : {KnnRows::users, KnnRows::items}) {
    const Dataset data = test::random_dataset(60, 45, 600, 3);
    const Similar similar(*backend, kind, params, data);
    const ReferenceKnn reference(kind, {params}, similar.bias, data.ratings());
    const TopK top = similar.all(10);
    int found = 0;
    for (std::size_t row = 0; row < reference.rows(); ++row) {
      std::vector<double> best;
      for (std::size_t other = 0; other < reference.rows(); ++other) {
        const double value = other == row ? 0 : reference.similarity(row, other);
        if (value > 1e-12) best.push_back(value);
      }
      std::sort(best.rbegin(), best.rend());
      for (std::size_t n = 0; n < 10; ++n) {
        const Index index = top.index[row * 10 + n];
        if (n >= best.size()) {
          EXPECT_EQ(index, kNone);
          continue;
        }
        ASSERT_NE(index, kNone);
        EXPECT_NEAR(top.score[row * 10 + n], best[n], 2e-7);
        EXPECT_NEAR(reference.similarity(row, static_cast<std::size_t>(index)), best[n], 2e-7);
        ++found;
      }
    }
    EXPECT_GT(found, 100);
  }
}

TEST_P(EverySimilarity, IsTheSameForAnyNumberOfThreadsAndOfQueries) {
  const Dataset data = test::random_dataset(150, 100, 4000, 4);
  std::vector<TopK> tops;
  for (const int threads : {1, 2, 5}) {
    const auto backend = make_backend({"cpu", threads});
    const Similar similar(*backend, KnnRows::items, GetParam(), data);
    tops.push_back(similar.all(7));
    for (Index row = 0; row < 100; row += 9) {
      const TopK one = similar.session->query({&row, 1}, 7);
      const auto at = static_cast<std::ptrdiff_t>(row) * 7;
      EXPECT_TRUE(std::equal(one.index.begin(), one.index.end(), tops[0].index.begin() + at));
      EXPECT_TRUE(std::equal(one.score.begin(), one.score.end(), tops[0].score.begin() + at));
    }
  }
  for (const TopK& top : tops) {
    EXPECT_EQ(top.index, tops[0].index);
    EXPECT_EQ(top.score, tops[0].score);
  }
}

std::vector<SimilarityParams> every_variant() {
  std::vector<SimilarityParams> all;
  for (const SimilarityMetric metric : kMetrics) {
    all.push_back({metric, 0, 1});
    all.push_back({metric, 10, 1});
    all.push_back({metric, 0, 4});
    all.push_back({metric, 2.5f, 3});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, EverySimilarity, testing::ValuesIn(every_variant()),
                         [](const auto& test) {
                           std::string name(to_string(test.param.metric));
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name + "_" + std::to_string(test.index % 4);
                         });

class SimilarityKernels : public testing::TestWithParam<KernelSet> {};

TEST_P(SimilarityKernels, GiveTheBitsOfTheOthers) {
  TUSK_SKIP_WITHOUT_KERNELS(GetParam());
  const Dataset data = test::random_dataset(90, 70, 2000, 5);
  for (const SimilarityParams& params : every_variant()) {
    const auto lists = [&](const CpuKernels& kernels) {
      const auto backend = make_cpu_backend(2, kernels);
      const Similar similar(*backend, KnnRows::users, params, data);
      return similar.all(9);
    };
    const TopK first = lists(*kernel_sets().front().kernels);
    const TopK top = lists(*GetParam().kernels);
    EXPECT_EQ(top.index, first.index) << to_string(params.metric);
    EXPECT_EQ(top.score, first.score) << to_string(params.metric);
  }
}

INSTANTIATE_TEST_SUITE_P(Sets, SimilarityKernels,
                         testing::ValuesIn(kernel_sets().begin(), kernel_sets().end()),
                         [](const auto& test) { return std::string(test.param.kernels->name); });

class SimilarityTest : public testing::Test {
 protected:
  TopK items(const Dataset& data, const SimilarityParams& params, int k) {
    return Similar(*backend_, KnnRows::items, params, data).all(k);
  }

  std::unique_ptr<Backend> backend_ = make_backend({"cpu", 2});
};

TEST_F(SimilarityTest, TiesAreBrokenBySmallerIndex) {
  // Items 0, 2, 3, 4 have the same ratings.
  std::vector<test::Rating> ratings;
  for (const Index item : {0, 2, 3, 4}) {
    ratings.push_back({0, item, 2});
    ratings.push_back({1, item, 4});
  }
  ratings.push_back({0, 1, 5});
  const Dataset data = make_dataset(2, 5, ratings);
  for (const SimilarityMetric metric :
       {SimilarityMetric::cosine, SimilarityMetric::msd, SimilarityMetric::pearson}) {
    const TopK top = items(data, {metric}, 2);
    EXPECT_EQ(top.index, (std::vector<Index>{2, 3,                        // of 0
                                             top.index[2], top.index[3],  //
                                             0, 3, 0, 2, 0, 2}))
        << to_string(metric);
  }
}

TEST_F(SimilarityTest, IsNothingBetweenRowsWithoutACommonColumn) {
  const Dataset data = make_dataset(2, 3, {{0, 0, 3}, {1, 1, 3}});  // item 2 has no rating
  for (const SimilarityMetric metric : kMetrics) {
    const TopK top = items(data, {metric}, 2);
    EXPECT_EQ(top.index, std::vector<Index>(6, kNone)) << to_string(metric);
  }
}

TEST_F(SimilarityTest, OneRatingHasNoNeighbours) {
  const Dataset data = make_dataset(1, 1, {{0, 0, 3}});
  for (const SimilarityMetric metric : kMetrics) {
    EXPECT_EQ(items(data, {metric}, 3).index, std::vector<Index>(3, kNone)) << to_string(metric);
  }
}

TEST_F(SimilarityTest, ConstantRowsHaveNoCorrelation) {
  // 0.1 is no sum of powers of two: rounding must not pass for a correlation.
  std::vector<test::Rating> ratings;
  for (Index user = 0; user < 30; ++user) {
    ratings.push_back({user, 0, 0.1f});
    ratings.push_back({user, 1, 0.7f});
    ratings.push_back({user, 2, static_cast<float>(user % 3)});
  }
  const Dataset data = make_dataset(30, 3, ratings);
  EXPECT_EQ(items(data, {SimilarityMetric::pearson}, 1).index, std::vector<Index>(3, kNone));
  EXPECT_EQ(items(data, {SimilarityMetric::cosine_corated}, 1).index[0], 1);
}

TEST_F(SimilarityTest, OnlyPositiveOnesCount) {
  const Dataset data = make_dataset(3, 2, {{0, 0, 1}, {0, 1, 5}, {1, 0, 5}, {1, 1, 1}, {2, 0, 3}});
  EXPECT_EQ(items(data, {SimilarityMetric::pearson}, 1).index, std::vector<Index>(2, kNone));
}

TEST_F(SimilarityTest, AskingTwiceAndForManyGivesEach) {
  const Dataset data = test::random_dataset(20, 10, 100, 6);
  const Similar similar(*backend_, KnnRows::items, {}, data);
  const std::vector<Index> rows = {3, 3, 0};
  const TopK top = similar.session->query(rows, 50);  // more than there are
  EXPECT_TRUE(std::equal(top.index.begin(), top.index.begin() + 50, top.index.begin() + 50));
  EXPECT_EQ(top.index[9], kNone);
  EXPECT_NE(top.index[0], kNone);
  EXPECT_TRUE(similar.session->query({}, 5).index.empty());
}

}  // namespace
}  // namespace tusk
