// Rows of parameters in a GPU's memory, and their rounding to half precision.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "cuda/half_rounding.hpp"
#include "cuda/hogwild_width.hpp"
#include "cuda/row_layout.hpp"
#include "support/philox.hpp"

namespace tusk {
namespace {

TEST(RowLayout, HoldsEveryNumberOfFactorsAligned) {
  for (int factors = 1; factors <= 4096; ++factors) {
    for (const Precision precision : {Precision::fp32, Precision::fp16}) {
      const RowLayout layout = row_layout(factors, precision);
      ASSERT_GE(layout.padded(), factors);
      ASSERT_EQ(layout.stride() % 32, 0u);
      ASSERT_GE(layout.stride(), static_cast<std::size_t>(factors) * layout.factor_bytes);
      const bool listed = std::find(kRegisterFactors.begin(), kRegisterFactors.end(),
                                    layout.factors_per_lane) != kRegisterFactors.end();
      ASSERT_EQ(listed, factors <= 512) << factors;
    }
  }
}

TEST(RowLayout, PadsNoMoreThanItMust) {
  EXPECT_EQ(row_layout(64, Precision::fp32).stride(), 64 * 4u);
  EXPECT_EQ(row_layout(64, Precision::fp16).stride(), 64 * 2u);
  EXPECT_EQ(row_layout(64, Precision::fp16).bytes(), 64 * 2 + 32u);
  EXPECT_EQ(row_layout(33, Precision::fp32).padded(), 64);
  EXPECT_EQ(row_layout(200, Precision::fp32).padded(), 224);
  EXPECT_EQ(row_layout(200, Precision::fp16).padded(), 256);
  EXPECT_EQ(row_layout(20, Precision::fp16).padded(), 64);
  EXPECT_EQ(row_layout(513, Precision::fp32).padded(), 576);
}

// The value of a half that is positive and normal: a float's exponent has 112 more for its bias and
// its fraction 13 more bits.
float half_value(std::uint32_t bits) { return std::bit_cast<float>((bits << 13) + (112u << 23)); }

TEST(HalfPrecision, RoundsToANeighbourAndKeepsHalves) {
  constexpr std::uint32_t kSmallestNormal = 0x400;
  RandomSequence random(1, 2);
  for (std::uint32_t b = kSmallestNormal; b < 0x7bff; ++b) {
    const float low = half_value(b);
    const float high = half_value(b + 1);
    for (const float sign : {1.0f, -1.0f}) {
      EXPECT_EQ(round_to_half(sign * low, random.next()), sign * low);
      const float between = low + (high - low) * static_cast<float>(random.uniform());
      const float rounded = sign * round_to_half(sign * between, random.next());
      EXPECT_TRUE(rounded == low || rounded == high) << between << " became " << rounded;
    }
  }
}

TEST(HalfPrecision, RoundingIsRightOnAverage) {
  for (const float value : {0.1f, -0.3f, 1.0003f, 7e-5f, 1234.567f}) {
    RandomSequence random(3, 4);
    const float step = std::abs(value) * 0x1p-10f;
    double sum = 0;
    constexpr int kDraws = 100'000;
    for (int n = 0; n < kDraws; ++n) {
      sum += static_cast<double>(round_to_half(value, random.next()));
    }
    EXPECT_NEAR(sum / kDraws, static_cast<double>(value), 0.01 * static_cast<double>(step));
  }
}

TEST(HalfPrecision, KeepsZeroInfinityAndWhatIsTooSmallToBeRounded) {
  EXPECT_EQ(round_to_half(0, 0x1fff), 0);
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(round_to_half(infinity, 0x1fff), infinity);
  EXPECT_EQ(round_to_half(-infinity, 0x1fff), -infinity);
  EXPECT_NEAR(round_to_half(2e-8f, 0x1fff), 2e-8f, 0x1p-24f);
}

TEST(HogwildWarps, AreFewBesideUsersAndItems) {
  EXPECT_EQ(hogwild_warps(1, 1, 132), 1);
  EXPECT_EQ(hogwild_warps(100'000, 1, 132), 1);
  EXPECT_EQ(hogwild_warps(943, 1682, 132), 117);
  EXPECT_EQ(hogwild_warps(1'000'000, 1'000'000, 132), 132 * 24);
}

}  // namespace
}  // namespace tusk
