// Inverses of dense symmetric matrices, by every library of products.
#include "algebra/symmetric_inverse.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <Eigen/Cholesky>
#include <gtest/gtest.h>

#include "support/thread_pool.hpp"

namespace tusk {
namespace {

using Dense = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr double kAbove = 1e30;  // what is above the diagonal, which must not be read

// The lower triangle of a positive definite matrix.
template <class T>
std::vector<T> positive(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<T> matrix(size * size, static_cast<T>(kAbove));
  for (std::size_t r = 0; r < size; ++r) {
    for (std::size_t c = 0; c < r; ++c) {
      matrix[r * size + c] = static_cast<T>(static_cast<double>(random() % 2001) / 1000 - 1);
    }
    matrix[r * size + r] = static_cast<T>(2 * std::sqrt(static_cast<double>(size)) + 1);
  }
  return matrix;
}

template <class T>
Dense dense(const std::vector<T>& lower, std::size_t size) {
  const auto n = static_cast<Eigen::Index>(size);
  Dense all(n, n);
  for (Eigen::Index r = 0; r < n; ++r) {
    for (Eigen::Index c = 0; c <= r; ++c) {
      all(r, c) = all(c, r) = static_cast<double>(lower[static_cast<std::size_t>(r * n + c)]);
    }
  }
  return all;
}

ParallelFor on(ThreadPool& pool) {
  return [&pool](std::int64_t count, const std::function<void(std::int64_t)>& task) {
    pool.parallel_for(count, [&](std::int64_t i, int) { task(i); });
  };
}

std::vector<const MatrixProducts*> all_products() {
  std::vector<const MatrixProducts*> all = {&eigen_products()};
  if (openblas_products() != nullptr) all.push_back(openblas_products());
  return all;
}

template <class T>
class SymmetricInverse : public testing::Test {};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(SymmetricInverse, Numbers);

TYPED_TEST(SymmetricInverse, TimesTheMatrixIsOne) {
  constexpr double kError = std::is_same_v<TypeParam, float> ? 2e-5 : 1e-13;
  ThreadPool pool(2);
  for (const MatrixProducts* const products : all_products()) {
    // Less than a leaf, one, tiles of 64, an odd rest, tiles that are divided again.
    for (const std::size_t size : {1, 2, 63, 64, 65, 200, 515, 1100}) {
      std::vector<TypeParam> matrix = positive<TypeParam>(size, size);
      const Dense before = dense(matrix, size);
      ASSERT_TRUE(invert_symmetric<TypeParam>(matrix, size, *products, on(pool)));
      const auto n = static_cast<Eigen::Index>(size);
      const Dense error = before * dense(matrix, size) - Dense::Identity(n, n);
      EXPECT_LT(error.cwiseAbs().maxCoeff(), kError) << products->name << " " << size;
    }
  }
}

TYPED_TEST(SymmetricInverse, IsTheSameForAnyNumberOfThreads) {
  for (const MatrixProducts* const products : all_products()) {
    std::vector<std::vector<TypeParam>> inverses;
    for (const int threads : {1, 2, 3}) {
      ThreadPool pool(threads);
      inverses.push_back(positive<TypeParam>(1100, 3));
      ASSERT_TRUE(invert_symmetric<TypeParam>(inverses.back(), 1100, *products, on(pool)));
      mirror_lower<TypeParam>(inverses.back(), 1100, on(pool));
    }
    EXPECT_EQ(inverses[0], inverses[1]) << products->name;
    EXPECT_EQ(inverses[0], inverses[2]) << products->name;
  }
}

TYPED_TEST(SymmetricInverse, SaysWhereThereIsNone) {
  ThreadPool pool(1);
  const std::size_t size = 300;
  for (const MatrixProducts* const products : all_products()) {
    for (const double diagonal : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
      for (const std::size_t place : {0, 150, 299}) {
        std::vector<TypeParam> matrix = positive<TypeParam>(size, 1);
        matrix[place * size + place] = static_cast<TypeParam>(diagonal);
        EXPECT_FALSE(invert_symmetric<TypeParam>(matrix, size, *products, on(pool)))
            << products->name << " " << diagonal << " at " << place;
      }
    }
  }
}

TYPED_TEST(SymmetricInverse, IsMirrored) {
  ThreadPool pool(2);
  for (const std::size_t size : {1, 64, 65, 200}) {
    std::vector<TypeParam> matrix = positive<TypeParam>(size, 1);
    const Dense before = dense(matrix, size);
    mirror_lower<TypeParam>(matrix, size, on(pool));
    for (std::size_t r = 0; r < size; ++r) {
      for (std::size_t c = 0; c < size; ++c) {
        ASSERT_EQ(static_cast<double>(matrix[r * size + c]),
                  before(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c)));
      }
    }
  }
}

TEST(MatrixProducts, AreThoseOfTheDefinition) {
  const std::vector<double> a = {1, 2, 3, -1, 0, 4};           // [2, 2], rows 3 apart
  const std::vector<double> b = {1, 1, 2, 0, 0, 3, -1, 1, 2};  // [3, 2], rows 3 apart
  for (const MatrixProducts* const products : all_products()) {
    std::vector<double> c = {10, 20, 30, 7, 40, 50, 60, 7};  // [2, 3], rows 4 apart
    products->f64(2, 3, 2, 2.0, a.data(), 3, b.data(), 3, 0.5, c.data(), 4);
    EXPECT_EQ(c, (std::vector<double>{5 + 6, 10 + 0, 15 + 2, 7, 20 - 2, 25 + 0, 30 + 2, 7}))
        << products->name;
    c.assign(8, std::numeric_limits<double>::quiet_NaN());
    products->f64(2, 3, 2, 1.0, a.data(), 3, b.data(), 3, 0.0, c.data(), 4);
    EXPECT_EQ(c[0], 3) << products->name << " must not read what it overwrites";
  }
}

}  // namespace
}  // namespace tusk
