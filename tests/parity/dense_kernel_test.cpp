// What networks are computed with: every set of CPU kernels against the definition, in double and
// bit for bit.
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/philox.hpp"
#include "tests/support/cpu_kernels.hpp"

namespace tusk {
namespace {

std::vector<float> random_values(int count, std::uint64_t seed) {
  RandomSequence random(seed, 8);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = static_cast<float>(random.uniform()) - 0.4f;
  return values;
}

struct Size {
  int rows;
  int columns;
  int depth;
};

// Tiles of all sizes, and parts of them.
const Size kSizes[] = {{1, 1, 1},    {12, 32, 8}, {13, 33, 5},  {6, 16, 9},
                       {25, 47, 31}, {3, 100, 2}, {64, 10, 20}, {30, 15, 12},
                       {7, 17, 64},  {1, 64, 40}, {40, 40, 600}};

class DenseKernelSet : public testing::TestWithParam<KernelSet> {
 protected:
  void SetUp() override { TUSK_SKIP_WITHOUT_KERNELS(GetParam()); }

  // Of `a` as it is or transposed, added to what is there or not; every row of the matrices is
  // longer than what is asked for.
  static std::vector<float> product(const CpuKernels& kernels, const Size& size, bool transposed,
                                    bool add) {
    const auto [rows, columns, depth] = size;
    const int lda = (transposed ? rows : depth) + 3;
    const int ldb = columns + 2;
    const int ldc = columns + 5;
    const auto a = random_values(lda * (transposed ? depth : rows), 1);
    auto b = random_values(ldb * depth, 2);
    b.resize(b.size() + kDenseMargin);
    auto c = random_values(ldc * rows, 3);
    const auto before = c;
    kernels.network.multiply({rows, columns, depth, a.data(), transposed ? 1 : lda,
                              transposed ? lda : 1, b.data(), ldb, c.data(), ldc, add});
    for (int r = 0; r < rows; ++r) {
      for (int column = 0; column < ldc; ++column) {
        const auto place = static_cast<std::size_t>(r * ldc + column);
        if (column >= columns) {
          EXPECT_EQ(c[place], before[place]) << "beside the product";
          continue;
        }
        double sum = add ? static_cast<double>(before[place]) : 0;
        for (int k = 0; k < depth; ++k) {
          sum += static_cast<double>(
                     a[static_cast<std::size_t>(transposed ? k * lda + r : r * lda + k)]) *
                 static_cast<double>(b[static_cast<std::size_t>(k * ldb + column)]);
        }
        EXPECT_NEAR(c[place], sum, 1e-4) << r << ", " << column;
      }
    }
    return c;
  }
};

TEST_P(DenseKernelSet, IsTheDefinition) {
  const CpuKernels& kernels = *GetParam().kernels;
  for (const Size& size : kSizes) {
    for (const bool transposed : {false, true}) {
      for (const bool add : {false, true}) product(kernels, size, transposed, add);
    }
  }
}

// One sum over the depth, whatever the set, the place in a tile and the size of the matrices.
TEST_P(DenseKernelSet, BitsAreThoseOfTheFormula) {
  const CpuKernels& kernels = *GetParam().kernels;
  constexpr int kDepth = 300;
  for (const int columns : {1, 7, 16, 40}) {
    for (const int rows : {1, 5, 12, 31}) {
      const auto a = random_values(rows * kDepth, 1);
      auto b = random_values(columns * kDepth, 2);
      b.resize(b.size() + kDenseMargin);
      std::vector<float> c(static_cast<std::size_t>(rows * columns));
      kernels.network.multiply({rows, columns, kDepth, a.data(), kDepth, 1, b.data(), columns,
                                c.data(), columns, false});
      for (int r = 0; r < rows; ++r) {
        for (int column = 0; column < columns; ++column) {
          float sum = 0;
          for (int k = 0; k < kDepth; ++k) {
            const float left = a[static_cast<std::size_t>(r * kDepth + k)];
            const float right = b[static_cast<std::size_t>(k * columns + column)];
            sum = kernels.fused ? std::fma(left, right, sum) : sum + left * right;
          }
          EXPECT_EQ(c[static_cast<std::size_t>(r * columns + column)], sum);
        }
      }
    }
  }
}

TEST_P(DenseKernelSet, RectifiesSumsAndPassesTheirGradients) {
  const NetworkKernels& kernels = GetParam().kernels->network;
  for (const int outputs : {1, 7, 40}) {
    constexpr int kRows = 5;
    auto values = random_values(kRows * outputs, 1);
    const auto before = values;
    const auto bias = random_values(outputs, 2);
    kernels.rectify(values.data(), kRows, outputs, bias.data());
    auto gradient = random_values(kRows * outputs, 3);
    const auto given = gradient;
    kernels.rectify_gradient(gradient.size(), values.data(), 1.5f, gradient.data());
    for (std::size_t k = 0; k < values.size(); ++k) {
      const float sum = before[k] + bias[k % static_cast<std::size_t>(outputs)];
      EXPECT_EQ(values[k], sum > 0 ? sum : 0);
      EXPECT_EQ(gradient[k], sum > 0 ? 1.5f * given[k] : 0);
    }
  }
}

// Bit for bit, and a row is the same in every block.
TEST_P(DenseKernelSet, DropsWhatPhiloxSays) {
  const NetworkKernels& kernels = GetParam().kernels->network;
  constexpr std::uint64_t kSeed = 5;
  constexpr std::uint64_t kEpoch = 3;
  constexpr std::uint64_t kLayer = 2;
  constexpr std::uint64_t kStream = random_stream(RandomUse::dropout, 256 * kEpoch + kLayer);
  constexpr float kShare = 0.3f;
  for (const int width : {1, 8, 10, 128, 256, 700}) {
    constexpr int kRows = 35;
    constexpr int kFirst = 1000;
    const auto from = random_values(kRows * width, 1);
    std::vector<float> to(from.size());
    std::vector<float> mask(from.size());
    DroppedRows rows{DropoutDraws(kShare, kSeed, kLayer, width),
                     kEpoch,
                     kFirst,
                     1 / (1 - kShare),
                     kRows,
                     width,
                     from.data(),
                     to.data(),
                     mask.data()};
    kernels.drop(rows);
    std::size_t n = 0;
    for (int row = 0; row < kRows; ++row) {
      for (int k = 0; k < width; ++k, ++n) {
        const auto calls = static_cast<std::uint64_t>((width + 7) / 8);
        const auto place = static_cast<std::uint64_t>(kFirst + row);
        const Random4 random =
            philox(kSeed, kStream, place * calls + static_cast<std::uint64_t>(k / 8));
        const std::uint32_t draw = (random.word[k % 8 / 2] >> (16 * (k % 2))) & 0xffff;
        const float by = draw >= 19661 ? 1 / (1 - kShare) : 0;  // 0.3 times 65,536
        ASSERT_EQ(mask[n], by) << width << ": " << row << ", " << k;
        ASSERT_EQ(to[n], by * from[n]);
      }
    }
    // Further rows, in place and without a mask.
    constexpr int kLater = 9;
    const auto later = static_cast<std::size_t>(kLater * width);
    std::vector<float> in_place(from.begin() + static_cast<std::ptrdiff_t>(later), from.end());
    rows.first_place += kLater;
    rows.rows -= kLater;
    rows.from = rows.to = in_place.data();
    rows.mask = nullptr;
    kernels.drop(rows);
    EXPECT_EQ(in_place,
              std::vector<float>(to.begin() + static_cast<std::ptrdiff_t>(later), to.end()));
  }
}

INSTANTIATE_TEST_SUITE_P(Sets, DenseKernelSet,
                         testing::ValuesIn(kernel_sets().begin(), kernel_sets().end()),
                         [](const auto& test) { return std::string(test.param.kernels->name); });

}  // namespace
}  // namespace tusk
