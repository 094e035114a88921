#include "support/philox.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "model/initial_factors.hpp"

namespace tusk {
namespace {

std::uint64_t join(std::uint32_t low, std::uint32_t high) {
  return (std::uint64_t{high} << 32) | low;
}

// The known answers of Random123, the authors' own implementation (kat_vectors, philox4x32 10).
TEST(Philox, GivesTheKnownAnswers) {
  struct Case {
    std::array<std::uint32_t, 4> counter;
    std::array<std::uint32_t, 2> key;
    std::array<std::uint32_t, 4> answer;
  };
  const std::vector<Case> cases = {
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       {0xffffffff, 0xffffffff},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (const Case& c : cases) {
    const Random4 random = philox(join(c.key[0], c.key[1]), join(c.counter[2], c.counter[3]),
                                  join(c.counter[0], c.counter[1]));
    for (std::size_t w = 0; w < 4; ++w) EXPECT_EQ(random.word[w], c.answer[w]);
  }
}

TEST(RandomSequence, DrawsEveryNumberBelowItsBoundEquallyOften) {
  RandomSequence random(1, 2);
  std::array<int, 7> count{};
  constexpr int kDraws = 70'000;
  for (int d = 0; d < kDraws; ++d) ++count.at(random.below(7));
  for (const int c : count) EXPECT_NEAR(c, kDraws / 7, 5 * std::sqrt(kDraws / 7));
  EXPECT_EQ(random.below(1), 0u);
}

TEST(RandomSequence, UniformNumbersFillTheOpenUnitInterval) {
  RandomSequence random(3, 4);
  double sum = 0;
  for (int d = 0; d < 10'000; ++d) {
    const double u = random.uniform();
    ASSERT_GT(u, 0);
    ASSERT_LT(u, 1);
    sum += u;
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.015);
}

TEST(RandomSequence, ShuffleKeepsEveryElementAndDependsOnTheStream) {
  std::vector<int> a(100);
  std::iota(a.begin(), a.end(), 0);
  std::vector<int> b = a;
  const std::vector<int> sorted = a;
  RandomSequence(1, 1).shuffle(a);
  RandomSequence(1, 2).shuffle(b);
  EXPECT_NE(a, sorted);
  EXPECT_NE(a, b);
  std::sort(a.begin(), a.end());
  EXPECT_EQ(a, sorted);
}

TEST(InitialFactors, HaveTheAskedMeanAndSpread) {
  constexpr int kPairs = 50'000;
  double sum = 0;
  double squares = 0;
  for (std::uint64_t p = 0; p < kPairs; ++p) {
    float pair[2];
    initial_factor_pair(9, RandomUse::initial_user_factors, p, 3, 0.25f, pair);
    for (const float v : pair) {
      sum += v;
      squares += v * v;
    }
  }
  EXPECT_NEAR(sum / (2 * kPairs), 0, 0.004);
  EXPECT_NEAR(std::sqrt(squares / (2 * kPairs)), 0.25, 0.002);
}

}  // namespace
}  // namespace tusk
