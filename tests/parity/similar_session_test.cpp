// Neighbours: every backend against the definitions, and GPUs against the CPU bit by bit.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/dataset.hpp>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "cuda/cuda_backend.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/gpu.hpp"
#include "tests/support/neighbours.hpp"

namespace tusk {
namespace {

using test::NeighbourRows;

struct Device {
  std::string name;
  std::function<std::unique_ptr<Backend>()> make;
  bool gpu = false;
};

struct Case {
  Device device;
  SimilarityParams similarity;

  std::string name() const { return device.name + "_" + test::name_of(similarity); }
  friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name(); }
};

std::vector<Case> cases() {
  const std::vector<Device> devices = {
      {"cpu", [] { return make_cpu_backend(2); }},
      {"cuda", [] { return open_cuda_backend(0, 2, {}); }, true},
  };
  std::vector<Case> all;
  for (const Device& device : devices) {
    for (const SimilarityParams& similarity : test::every_similarity()) {
      all.push_back({device, similarity});
    }
  }
  return all;
}

std::vector<Index> all_rows(const NeighbourRows& rows) {
  std::vector<Index> all(static_cast<std::size_t>(rows.rows()));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

class SimilarSessionTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (GetParam().device.gpu) TUSK_SKIP_WITHOUT_GPU();
    backend_ = GetParam().device.make();
  }

  // Rows may differ from the definition's where similarities tie.
  void expect_nearest(const NeighbourRows& rows, int k) {
    const auto session = backend_->open_similar(rows.problem(similarity_));
    const TopK top = session->query(all_rows(rows), k);
    ASSERT_EQ(top.rows, rows.rows());
    ASSERT_EQ(top.k, k);
    const auto width = static_cast<std::size_t>(k);
    for (Index row = 0; row < rows.rows(); ++row) {
      std::vector<double> best;
      for (Index other = 0; other < rows.rows(); ++other) {
        const double value = other == row ? 0 : rows.similarity(similarity_, row, other);
        if (value > 1e-12) best.push_back(value);
      }
      std::sort(best.rbegin(), best.rend());
      for (std::size_t n = 0; n < width; ++n) {
        const std::size_t at = static_cast<std::size_t>(row) * width + n;
        if (n >= best.size()) {
          ASSERT_EQ(top.index[at], kNone);
          ASSERT_TRUE(std::isinf(top.score[at]) && top.score[at] < 0);
          continue;
        }
        ASSERT_NE(top.index[at], kNone) << "row " << row << ", " << n;
        ASSERT_NE(top.index[at], row);
        ASSERT_NEAR(top.score[at], best[n], 2e-7);
        ASSERT_NEAR(rows.similarity(similarity_, row, top.index[at]), best[n], 2e-7);
      }
    }
  }

  void expect_sums(const NeighbourRows& rows, int k) {
    const auto session = backend_->open_similar(rows.problem(similarity_));
    std::vector<Index> row;
    std::vector<Index> column;
    for (Index r = 0; r < rows.rows(); ++r) {
      for (Index c = 0; c < rows.columns(); ++c) {
        row.push_back(rows.rows() - 1 - r);
        column.push_back(c);
        if ((r + c) % 5 == 0) {
          row.push_back(r / 2);
          column.push_back(c);
        }
      }
    }
    const auto sums = session->weigh(row, column, k);
    for (std::size_t q = 0; q < row.size(); ++q) {
      const NeighbourSums expected = rows.weigh(similarity_, row[q], column[q], k);
      ASSERT_EQ(sums[q].count, expected.count) << row[q] << ", " << column[q];
      ASSERT_NEAR(sums[q].weight, expected.weight, 1e-9);
      ASSERT_NEAR(sums[q].deviation, expected.deviation, 1e-9);
    }
  }

  std::unique_ptr<Backend> backend_;
  SimilarityParams similarity_ = GetParam().similarity;
};

TEST_P(SimilarSessionTest, FindsTheNearestByTheDefinition) {
  const Dataset data = test::random_dataset(70, 45, 900, 3);
  const NeighbourRows rows(data.ratings());
  for (const int k : {1, 10, 69, 500}) expect_nearest(rows, k);
}

TEST_P(SimilarSessionTest, WeighsByTheDefinition) {
  const Dataset data = test::random_dataset(40, 25, 400, 4);
  const NeighbourRows rows(data.ratings());
  for (const int k : {1, 5, 100}) expect_sums(rows, k);
}

// One row, one column, rows and columns without entries, and one row that holds every column.
TEST_P(SimilarSessionTest, TakesOddShapes) {
  std::vector<test::Rating> uneven;
  for (Index column = 0; column < 90; ++column)
    uneven.push_back({33, column, 1.0f + static_cast<float>(column % 5)});
  for (Index row = 0; row < 33; ++row) {
    for (Index column = 0; column <= row / 4; ++column) {
      uneven.push_back({row, column * 7 % 90, 1.0f + static_cast<float>((row + column) % 5)});
    }
  }
  for (const Dataset& data :
       {test::make_dataset(1, 1, {{0, 0, 3}}), test::make_dataset(1, 40, {{0, 7, 3}, {0, 9, 4}}),
        test::make_dataset(40, 1, {{3, 0, 2}, {9, 0, 4}, {39, 0, 5}}),
        test::make_dataset(70, 30, {{5, 3, 2}, {64, 3, 2}, {5, 4, 3}, {64, 4, 1}}),
        test::make_dataset(34, 90, uneven)}) {
    const NeighbourRows rows(data.ratings());
    for (const int k : {1, 3, 64}) expect_nearest(rows, k);
    expect_sums(rows, 64);  // with fewer, ties that rounding decides would
    EXPECT_EQ(backend_->open_similar(rows.problem(similarity_))->query({}, 3).rows, 0);
  }
}

// More rows than a list has candidates, all alike.
TEST_P(SimilarSessionTest, BreaksTiesBySmallerIndex) {
  constexpr Index kRows = 300;
  std::vector<test::Rating> ratings;
  for (Index row = 0; row < kRows; ++row) {
    for (Index column = 0; column < 4; ++column)
      ratings.push_back({row, column, 1.0f + static_cast<float>(column)});
  }
  const Dataset data = test::make_dataset(kRows, 4, ratings);
  const NeighbourRows rows(data.ratings());
  const auto session = backend_->open_similar(rows.problem(similarity_));
  for (const int k : {1, 7, 250}) {
    const TopK top = session->query(all_rows(rows), k);
    for (Index row = 0; row < kRows; ++row) {
      for (Index n = 0; n < k; ++n) {
        const auto at = static_cast<std::size_t>(row * k + n);
        ASSERT_EQ(top.index[at], n < row ? n : n + 1);
        ASSERT_EQ(top.score[at], top.score[0]);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, SimilarSessionTest, testing::ValuesIn(cases()),
                         [](const auto& test) { return test.param.name(); });

class CudaSimilar : public testing::TestWithParam<SimilarityParams> {
 protected:
  void SetUp() override {
    TUSK_SKIP_WITHOUT_GPU();
    gpu_ = open_cuda_backend(0, 2, {});
  }

  void expect_equal(const CsrView& ratings, int k) {
    test::expect_same_neighbours(NeighbourRows(ratings), GetParam(), *gpu_, *cpu_, k);
    test::expect_same_neighbours(NeighbourRows(Transposed(ratings).view()), GetParam(), *gpu_,
                                 *cpu_, k);
  }

  std::unique_ptr<Backend> gpu_;
  std::unique_ptr<Backend> cpu_ = make_cpu_backend(0);
};

// Several ranges of rows with every metric.
TEST_P(CudaSimilar, EqualsTheCpuOnManyRows) {
  const Dataset data = test::random_dataset(5000, 700, 60'000, 5);
  for (const int k : {50, 1000}) expect_equal(data.ratings(), k);
}

TEST_P(CudaSimilar, EqualsTheCpuOnRealRatings) {
  TUSK_REAL_DATA(folder, "ml-100k");
  const Dataset data = read_dataset(folder);
  for (const int k : {40, 2000}) expect_equal(data.ratings(), k);
}

INSTANTIATE_TEST_SUITE_P(All, CudaSimilar, testing::ValuesIn(test::every_similarity()),
                         [](const auto& test) { return test::name_of(test.param); });

}  // namespace
}  // namespace tusk
