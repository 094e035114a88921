// Inverses of Gram matrices by device code on emulated warps.
#include "backend/gram_inverse.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <Eigen/LU>
#include <gtest/gtest.h>

#include <tusk/error.hpp>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "cuda/cuda_backend.hpp"
#include "model/transposed.hpp"
#include "tests/cuda/emulated_gpu.hpp"
#include "tests/cuda/emulated_test.hpp"
#include "tests/support/datasets.hpp"

namespace tusk {
namespace {

using test::emulated_memory;

// A problem and its matrix by definition.
class Example {
 public:
  Example(Index rows, Index columns, std::int64_t entries, bool scaled)
      : data_(test::random_dataset(rows, columns, entries, 3)), transposed_(data_.ratings()) {
    for (Index column = 0; scaled && column < columns; ++column) {
      scale_.push_back(0.25 + 0.01 * column);
    }
    for (Index row = 0; row < rows; ++row) diagonal_.push_back(5 + 0.5 * (row % 7));
  }

  GramProblem problem() const { return {data_.ratings(), transposed_.view(), scale_, diagonal_}; }

  Eigen::MatrixXd matrix() const {
    const CsrView view = data_.ratings();
    Eigen::MatrixXd r = Eigen::MatrixXd::Zero(view.rows(), view.columns);
    view.each([&](Index row, std::size_t at) {
      r(row, view.column[at]) = static_cast<double>(view.value[at]);
    });
    Eigen::VectorXd scale = Eigen::VectorXd::Ones(view.columns);
    for (std::size_t c = 0; c < scale_.size(); ++c) scale(static_cast<Eigen::Index>(c)) = scale_[c];
    Eigen::MatrixXd all = r * scale.asDiagonal() * r.transpose();
    for (Index row = 0; row < view.rows(); ++row) {
      all(row, row) += diagonal_[static_cast<std::size_t>(row)];
    }
    return all;
  }

  std::vector<double>& diagonal() { return diagonal_; }

 private:
  Dataset data_;
  Transposed transposed_;
  std::vector<double> scale_;
  std::vector<double> diagonal_;
};

template <class T>
class EmulatedGram : public test::EmulatedTest {
 protected:
  std::vector<T> place(const Example& example) const {
    const auto size = static_cast<std::size_t>(example.problem().rows.rows());
    return std::vector<T>(size * size);
  }

  const std::unique_ptr<Backend> gpu_ =
      make_cuda_backend(test::open_emulated_gpu(), make_cpu_backend(1), 1, {});
};

using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(EmulatedGram, Numbers);

TYPED_TEST(EmulatedGram, IsTheInverse) {
  constexpr double kTolerance = sizeof(TypeParam) == sizeof(float) ? 2e-4 : 1e-10;
  for (const Index rows : {1, 2, 63, 64, 65, 129, 200}) {
    for (const bool scaled : {false, true}) {
      const Example example(rows, 90, std::min<std::int64_t>(rows * 45, 3000), scaled);
      std::vector<TypeParam> found = this->place(example);
      ASSERT_TRUE(this->gpu_->invert_gram(example.problem(), std::span(found)));
      const Eigen::MatrixXd matrix = example.matrix();
      const Eigen::Map<const Eigen::Matrix<TypeParam, -1, -1, Eigen::RowMajor>> inverse(
          found.data(), rows, rows);
      const Eigen::MatrixXd error =
          inverse.template cast<double>() * matrix - Eigen::MatrixXd::Identity(rows, rows);
      EXPECT_LT(error.cwiseAbs().maxCoeff(), kTolerance) << rows << ' ' << scaled;
      EXPECT_EQ(inverse, inverse.transpose());
    }
  }
}

TYPED_TEST(EmulatedGram, TellsWhereThereIsNone) {
  for (const Index rows : {40, 150}) {
    Example example(rows, 30, 900, false);
    example.diagonal()[static_cast<std::size_t>(rows - 1)] = -1e6;
    std::vector<TypeParam> found = this->place(example);
    EXPECT_FALSE(this->gpu_->invert_gram(example.problem(), std::span(found)));
  }
}

TYPED_TEST(EmulatedGram, StopsBetweenSteps) {
  const Example example(200, 30, 900, false);
  std::vector<TypeParam> found = this->place(example);
  int asked = 0;
  GramProblem problem = example.problem();
  problem.check_stop = [&] { ++asked; };
  ASSERT_TRUE(this->gpu_->invert_gram(problem, std::span(found)));
  EXPECT_EQ(asked, 4);  // 200 rows, 64 at a time
  problem.check_stop = [&] {
    if (--asked == 0) throw Interrupted();
  };
  EXPECT_THROW(this->gpu_->invert_gram(problem, std::span(found)), Interrupted);
}

TYPED_TEST(EmulatedGram, TakesTheMemoryOfItsPlan) {
  const Example example(130, 60, 2000, true);
  std::vector<TypeParam> found = this->place(example);
  emulated_memory().limit = std::size_t{500} << 20;
  ASSERT_TRUE(this->gpu_->invert_gram(example.problem(), std::span(found)));
  const std::size_t peak = emulated_memory().peak;
  EXPECT_GT(peak, found.size() * sizeof(TypeParam));
  // What the plan asks for beyond the libraries and the reserve is close to what was taken.
  const CsrView rows = example.problem().rows;
  const GramSize size{rows.rows(), rows.columns, rows.size(), sizeof(TypeParam)};
  constexpr std::size_t kApart = std::size_t{384} << 20;
  emulated_memory().limit = kApart + peak / 2;
  try {
    this->gpu_->check_gram_memory(size);
    FAIL() << "half of the memory was enough";
  } catch (const DeviceError& error) {
    EXPECT_NE(std::string(error.what()).find("130 rows"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("MB of GPU memory"), std::string::npos);
  }
  // With the least that is enough, rows are added up by fewer warps.
  emulated_memory().limit = kApart + 2 * peak;
  this->gpu_->check_gram_memory(size);
}

TYPED_TEST(EmulatedGram, GivesEverythingBackWhereverItFails) {
  const Example example(70, 30, 500, false);
  std::vector<TypeParam> found = this->place(example);
  const int calls =
      this->fail_everywhere([&] { this->gpu_->invert_gram(example.problem(), std::span(found)); });
  EXPECT_GT(calls, 20);
}

}  // namespace
}  // namespace tusk
