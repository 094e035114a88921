// Rows and Gram matrices of iALS: every set of CPU kernels against the definition in double, and
// against the other sets bit for bit.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cpu/factor_rows.hpp"
#include "support/philox.hpp"
#include "tests/support/cpu_kernels.hpp"

namespace tusk {
namespace {

// A row to solve, of `count` others with `factors` factors.
class AlsExample {
 public:
  AlsExample(int factors, Index count)
      : factors_(factors), rows_(count, factors), gram_(padded(factors), factors) {
    RandomSequence random(3, 3);
    const auto value = [&] { return static_cast<float>(random.uniform()) - 0.3f; };
    for (Index k = 0; k < count; ++k) {
      for (int f = 0; f < factors; ++f) rows_.row(k)[f] = value();
      weight_.push_back(static_cast<float>(random.uniform()) + 0.1f);
    }
    // Of more rows than factors, half in number, as the weight of the unobserved would make it.
    for (int n = 0; n < 3 * factors; ++n) {
      std::vector<float> one;
      for (int f = 0; f < factors; ++f) one.push_back(value());
      for (int j = 0; j < factors; ++j) {
        for (int k = 0; k < factors; ++k) {
          gram_.row(j)[k] +=
              0.5f * one[static_cast<std::size_t>(j)] * one[static_cast<std::size_t>(k)];
        }
      }
    }
    for (Index k = 0; k < count; ++k) pointers_.push_back(rows_.row(k));
    pointers_.resize(pointers_.size() + kAlsLookahead, pointers_.empty() ? nullptr : pointers_[0]);
    start_ = FactorRows(1, factors);
    for (int f = 0; f < factors; ++f) start_.row(0)[f] = 0.1f * value();
  }

  AlsRow problem() const {
    AlsRow problem;
    problem.row = pointers_.data();
    problem.weight = weight_.data();
    problem.count = weight_.size();
    problem.gram = gram_.data();
    problem.regularization = 0.7f;
    problem.vectors = rows_.vectors();
    return problem;
  }

  struct Solved {
    std::vector<float> x;
    double value = 0;
  };
  Solved exact(const AlsKernel& kernel) const {
    FactorRows x = start_;
    FactorRows scratch(padded(factors_) + static_cast<Index>(kGramBlock) + 1, factors_);
    const double value = kernel.cholesky(problem(), x.data(), scratch.data());
    return {{x.row(0), x.row(0) + padded(factors_)}, value};
  }
  Solved steps(const AlsKernel& kernel, int count) const {
    FactorRows x = start_;
    FactorRows scratch(3, factors_);
    const double value = kernel.conjugate_gradient(problem(), count, x.data(), scratch.data());
    return {{x.row(0), x.row(0) + padded(factors_)}, value};
  }

  // The same in double, by the definition.
  std::vector<double> minus_half_gradient(const std::vector<float>& at) const {
    const auto size = static_cast<std::size_t>(factors_);
    std::vector<double> result(size);
    for (std::size_t j = 0; j < size; ++j) {
      result[j] = -static_cast<double>(problem().regularization) * static_cast<double>(at[j]);
      for (std::size_t k = 0; k < size; ++k) {
        result[j] -=
            static_cast<double>(gram_.row(static_cast<Index>(j))[k]) * static_cast<double>(at[k]);
      }
    }
    for (std::size_t n = 0; n < weight_.size(); ++n) {
      const float* const row = rows_.row(static_cast<Index>(n));
      const double error = static_cast<double>(weight_[n]) * (1 - product(row, at));
      for (std::size_t j = 0; j < size; ++j) result[j] += error * static_cast<double>(row[j]);
    }
    return result;
  }
  double value(const std::vector<float>& at) const {
    double sum = 0;
    // x' (gram + regularization I) x from the gradient without interactions.
    const auto size = static_cast<std::size_t>(factors_);
    for (std::size_t j = 0; j < size; ++j) {
      const double x = static_cast<double>(at[j]);
      sum += static_cast<double>(problem().regularization) * x * x;
      for (std::size_t k = 0; k < size; ++k) {
        sum += x * static_cast<double>(gram_.row(static_cast<Index>(j))[k]) *
               static_cast<double>(at[k]);
      }
    }
    for (std::size_t n = 0; n < weight_.size(); ++n) {
      const double error = 1 - product(rows_.row(static_cast<Index>(n)), at);
      sum += static_cast<double>(weight_[n]) * error * error;
    }
    return sum;
  }

 private:
  static Index padded(int factors) { return (factors + kLanes - 1) / kLanes * kLanes; }

  double product(const float* row, const std::vector<float>& at) const {
    double sum = 0;
    for (std::size_t f = 0; f < static_cast<std::size_t>(factors_); ++f) {
      sum += static_cast<double>(row[f]) * static_cast<double>(at[f]);
    }
    return sum;
  }

  int factors_;
  FactorRows rows_;
  FactorRows gram_;
  FactorRows start_;
  std::vector<float> weight_;
  std::vector<const float*> pointers_;
};

double largest(const std::vector<double>& values) {
  double most = 0;
  for (const double value : values) most = std::max(most, std::abs(value));
  return most;
}

constexpr int kFactorCounts[] = {1, 15, 16, 17, 64, 100};
constexpr Index kRowCounts[] = {0, 1, 3, 4, 5, 127, 128, 300};

class AlsKernelSet : public testing::TestWithParam<KernelSet> {
 protected:
  void SetUp() override { TUSK_SKIP_WITHOUT_KERNELS(GetParam()); }
  const AlsKernel& kernel() const { return *GetParam().kernels->als; }
};

TEST_P(AlsKernelSet, FindsTheMinimum) {
  for (const int factors : kFactorCounts) {
    for (const Index count : kRowCounts) {
      SCOPED_TRACE(std::to_string(factors) + " factors, " + std::to_string(count) + " rows");
      const AlsExample example(factors, count);
      const double scale = largest(example.minus_half_gradient(example.steps(kernel(), 0).x));
      // As many steps as factors would do without rounding.
      for (const auto& solved :
           {example.exact(kernel()), example.steps(kernel(), 2 * factors + 10)}) {
        EXPECT_LE(largest(example.minus_half_gradient(solved.x)), 2e-5 * scale + 1e-9);
        EXPECT_NEAR(solved.value, example.value(solved.x), 1e-5 * (1 + example.value(solved.x)));
        for (std::size_t f = static_cast<std::size_t>(factors); f < solved.x.size(); ++f) {
          EXPECT_EQ(solved.x[f], 0) << f;
        }
      }
    }
  }
}

// Each step goes as far as lowers the value most, and the value that is returned is that of x.
TEST_P(AlsKernelSet, LowersTheValueStepByStep) {
  const AlsExample example(64, 200);
  double before = example.value(example.steps(kernel(), 0).x);
  EXPECT_NEAR(example.steps(kernel(), 0).value, before, 1e-5 * before);
  for (int steps = 1; steps <= 4; ++steps) {
    const auto solved = example.steps(kernel(), steps);
    const double value = example.value(solved.x);
    EXPECT_LT(value, before) << steps;
    EXPECT_NEAR(solved.value, value, 1e-5 * before);
    before = value;
  }
  // The first goes along the gradient.
  const std::vector<float> start = example.steps(kernel(), 0).x;
  const std::vector<float> end = example.steps(kernel(), 1).x;
  const std::vector<double> gradient = example.minus_half_gradient(start);
  const double length = static_cast<double>(end[0] - start[0]) / gradient[0];
  for (std::size_t f = 0; f < gradient.size(); ++f) {
    EXPECT_NEAR(static_cast<double>(end[f] - start[f]), length * gradient[f],
                1e-5 * std::abs(length) * largest(gradient));
  }
}

TEST_P(AlsKernelSet, SumsGramMatrices) {
  for (const Index count : {Index{1}, Index{127}, Index{128}, Index{300}}) {
    constexpr int kFactors = 40;
    FactorRows rows(count, kFactors);
    RandomSequence random(4, 4);
    for (Index r = 0; r < count; ++r) {
      for (int f = 0; f < kFactors; ++f) {
        rows.row(r)[f] = static_cast<float>(random.uniform()) - 0.5f;
      }
    }
    FactorRows gram(48, kFactors);
    gram.row(2)[7] = 1000;
    kernel().add_gram(rows.data(), static_cast<std::size_t>(count), rows.vectors(), gram.data());
    for (int j = 0; j < 48; ++j) {
      for (int k = j; k < 48; ++k) {
        double sum = j == 2 && k == 7 ? 1000 : 0;
        for (Index r = 0; r < count; ++r) {
          sum += static_cast<double>(rows.row(r)[j]) * static_cast<double>(rows.row(r)[k]);
        }
        EXPECT_NEAR(static_cast<double>(gram.row(j)[k]), sum, 1e-4) << j << ' ' << k;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sets, AlsKernelSet,
                         testing::ValuesIn(kernel_sets().begin(), kernel_sets().end()),
                         [](const auto& test) { return std::string(test.param.kernels->name); });

class FusedAlsKernelSet : public testing::TestWithParam<KernelSet> {};

TEST_P(FusedAlsKernelSet, GivesTheSameBits) {
  TUSK_SKIP_WITHOUT_KERNELS(GetParam());
  const AlsKernel& first = *test::fused_kernel_sets().front().kernels->als;
  const AlsKernel& other = *GetParam().kernels->als;
  for (const int factors : kFactorCounts) {
    for (const Index count : kRowCounts) {
      const AlsExample example(factors, count);
      EXPECT_EQ(example.exact(first).x, example.exact(other).x) << factors << ' ' << count;
      EXPECT_EQ(example.exact(first).value, example.exact(other).value);
      EXPECT_EQ(example.steps(first, 3).x, example.steps(other, 3).x) << factors << ' ' << count;
      EXPECT_EQ(example.steps(first, 3).value, example.steps(other, 3).value);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Fused, FusedAlsKernelSet, testing::ValuesIn(test::fused_kernel_sets()),
                         [](const auto& test) { return std::string(test.param.kernels->name); });

}  // namespace
}  // namespace tusk
