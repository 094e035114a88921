// Rows of parameters in a GPU's memory, and their rounding to half precision.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "cuda/half_rounding.hpp"
#include "cuda/hogwild_width.hpp"
#include "cuda/row_layout.hpp"
#include "cuda/unpack_rows.hpp"
#include "support/philox.hpp"

namespace tusk {
namespace {

TEST(RowLayout, HoldsEveryNumberOfFactorsAligned) {
  for (int factors = 1; factors <= 4096; ++factors) {
    for (const Precision precision : {Precision::fp32, Precision::fp16}) {
      const RowLayout layout = row_layout(factors, precision);
      ASSERT_GE(layout.padded(), factors);
      ASSERT_EQ(layout.stride() % 32, 0u);
      ASSERT_EQ(layout.bias_offset() % 32, 0u);
      ASSERT_GE(layout.bias_offset(), static_cast<std::size_t>(factors) * layout.factor_bytes);
      const bool listed = std::find(kRegisterFactors.begin(), kRegisterFactors.end(),
                                    layout.factors_per_lane) != kRegisterFactors.end();
      ASSERT_EQ(listed, factors <= 512) << factors;
    }
  }
}

TEST(RowLayout, PadsNoMoreThanItMust) {
  EXPECT_EQ(row_layout(64, Precision::fp32).stride(), 64 * 4 + 32u);
  EXPECT_EQ(row_layout(64, Precision::fp16).stride(), 64 * 2 + 32u);
  EXPECT_EQ(row_layout(33, Precision::fp32).padded(), 64);
  EXPECT_EQ(row_layout(200, Precision::fp32).padded(), 224);
  EXPECT_EQ(row_layout(513, Precision::fp32).padded(), 544);
}

std::uint16_t half_bits(float value) {
  const auto half = static_cast<_Float16>(value);
  std::uint16_t bits = 0;
  std::memcpy(&bits, &half, sizeof bits);
  return bits;
}

TEST(HalfPrecision, ValuesAreThoseOfTheStandard) {
  for (int b = 0; b < 65536; ++b) {
    const auto bits = static_cast<std::uint16_t>(b);
    _Float16 half;
    std::memcpy(&half, &bits, sizeof half);
    const auto expected = static_cast<float>(half);
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(half_value(bits)));
    } else {
      EXPECT_EQ(std::bit_cast<std::uint32_t>(half_value(bits)),
                std::bit_cast<std::uint32_t>(expected));
    }
  }
}

TEST(HalfPrecision, RoundsToANeighbourAndKeepsHalves) {
  RandomSequence random(1, 2);
  for (int b = 0; b < 0x7bff; ++b) {
    const float low = half_value(static_cast<std::uint16_t>(b));
    const float high = half_value(static_cast<std::uint16_t>(b + 1));
    for (const float sign : {1.0f, -1.0f}) {
      EXPECT_EQ(round_to_half(sign * low, random.next()), sign * low);
      const float between = low + (high - low) * static_cast<float>(random.uniform());
      const float rounded = sign * round_to_half(sign * between, random.next());
      EXPECT_TRUE(rounded == low || rounded == high) << between << " became " << rounded;
      EXPECT_EQ(half_value(half_bits(rounded)), rounded);
    }
  }
}

TEST(HalfPrecision, RoundingIsRightOnAverage) {
  for (const float value : {0.1f, -0.3f, 1.0003f, 3e-5f, -7e-6f, 2e-8f, 1234.567f}) {
    RandomSequence random(3, 4);
    const float step = std::abs(value) < 0x1p-14f ? 0x1p-24f : std::abs(value) * 0x1p-10f;
    double sum = 0;
    constexpr int kDraws = 100'000;
    for (int n = 0; n < kDraws; ++n) {
      sum += static_cast<double>(round_to_half(value, random.next()));
    }
    EXPECT_NEAR(sum / kDraws, static_cast<double>(value), 0.01 * static_cast<double>(step));
  }
}

TEST(HalfPrecision, EndsAtTheLargestHalf) {
  EXPECT_EQ(round_to_half(1e6f, 5), 65504);
  EXPECT_EQ(round_to_half(-65519.0f, 0x1fff), -65504);
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(round_to_half(infinity, 0x1fff), infinity);
  EXPECT_TRUE(std::isnan(round_to_half(std::nanf(""), 0x1fff)));
}

TEST(UnpackRows, TakesThePaddingOffAndPutsRowsInOrder) {
  const std::vector<Index> row_of = {2, 0, 1};
  for (const Precision precision : {Precision::fp32, Precision::fp16}) {
    const RowLayout layout = row_layout(5, precision);
    std::vector<unsigned char> bytes(3 * layout.stride(), 0xff);
    for (std::size_t user = 0; user < 3; ++user) {
      unsigned char* const row =
          bytes.data() + static_cast<std::size_t>(row_of[user]) * layout.stride();
      for (std::size_t f = 0; f < 5; ++f) {
        const float value = static_cast<float>(user) + static_cast<float>(f) / 8;
        const std::uint16_t half = half_bits(value);
        std::memcpy(row + f * layout.factor_bytes,
                    precision == Precision::fp16 ? static_cast<const void*>(&half) : &value,
                    layout.factor_bytes);
      }
      const float bias = -static_cast<float>(user);
      std::memcpy(row + layout.bias_offset(), &bias, sizeof bias);
    }
    std::vector<float> factors;
    std::vector<float> biases;
    unpack_rows(bytes, layout, 3, row_of, factors, biases);
    EXPECT_EQ(factors, (std::vector<float>{0, .125f, .25f, .375f, .5f, 1, 1.125f, 1.25f, 1.375f,
                                           1.5f, 2, 2.125f, 2.25f, 2.375f, 2.5f}));
    EXPECT_EQ(biases, (std::vector<float>{0, -1, -2}));
  }
}

TEST(HogwildWarps, AreFewBesideUsersAndItems) {
  EXPECT_EQ(hogwild_warps(1, 1, 4224), 1);
  EXPECT_EQ(hogwild_warps(100'000, 1, 4224), 1);
  EXPECT_EQ(hogwild_warps(943, 1682, 4224), 58);
  EXPECT_EQ(hogwild_warps(1'000'000, 1'000'000, 4224), 4224);
}

}  // namespace
}  // namespace tusk
