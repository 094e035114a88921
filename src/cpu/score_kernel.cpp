// Scoring items for users, and keeping what beats a threshold. Compiled several times, see
// isa_kernels.hpp.
//
// The blocked matrix product of Goto and van de Geijn ("Anatomy of High-Performance Matrix
// Multiplication", 2008): a tile of users by items is summed in registers over all factors. Its
// scores are compared there and are not written to memory unless one of a user's passes. The lanes
// of a vector are items, so each score is a chain of fused multiply-adds of its own: no tile's
// shape changes a bit of it.

#include "cpu/isa_kernels.hpp"
#include "cpu/lanes.hpp"

namespace tusk::TUSK_ISA {
namespace {

using Mask = int __attribute__((vector_size(kVectorBytes)));
using Words = long long __attribute__((vector_size(kVectorBytes)));

TUSK_HD bool any(Mask mask) {
  const Words words = reinterpret_cast<Words>(mask);
  long long all = 0;
  for (int w = 0; w < kVectorBytes / 8; ++w) all |= words[w];
  return all != 0;
}

TUSK_HD const Vector* vectors(const PanelRow& row, int first_item) {
  return reinterpret_cast<const Vector*>(row.item + first_item);
}

// Returns the end of what is written.
TUSK_HD Passing* score_tile(const PanelRow& bias, const PanelRow* items, int first_item,
                            const GroupRow* users, int first_user, int factors,
                            const float* threshold, int users_before, Passing* passing) {
  Vector sum[kTileUsers][2];
  for (int u = 0; u < kTileUsers; ++u) {
    for (int v = 0; v < 2; ++v) sum[u][v] = vectors(bias, first_item)[v];
  }
  for (int f = 0; f < factors; ++f) {
    const Vector* const row = vectors(items[f], first_item);
    const Vector left = row[0];
    const Vector right = row[1];
    const float* const user = users[f].user + first_user;
#pragma GCC unroll 12
    for (int u = 0; u < kTileUsers; ++u) {
      sum[u][0] = kMultiplyAdd(user[u], left, sum[u][0]);
      sum[u][1] = kMultiplyAdd(user[u], right, sum[u][1]);
    }
  }
  for (int u = 0; u < kTileUsers; ++u) {
    const int user = users_before + first_user + u;
    const float least = threshold[user];
    if (!any((sum[u][0] > least) | (sum[u][1] > least))) continue;
    for (int i = 0; i < kTileItems; ++i) {
      const float score = sum[u][i / kVectorFloats][i % kVectorFloats];
      if (score > least) *passing++ = {score, user, first_item + i};
    }
  }
  return passing;
}

}  // namespace

std::size_t score_panel(const PanelRow& bias, const PanelRow* items, const GroupRow* users,
                        int factors, int groups, const float* threshold, Passing* passing) {
  Passing* end = passing;
  for (int g = 0; g < groups; ++g) {
    const GroupRow* const group = users + static_cast<std::ptrdiff_t>(g) * factors;
    for (int user = 0; user < kGroupUsers; user += kTileUsers) {
      for (int item = 0; item < kPanelItems; item += kTileItems) {
        end = score_tile(bias, items, item, group, user, factors, threshold, g * kGroupUsers, end);
      }
    }
  }
  return static_cast<std::size_t>(end - passing);
}

}  // namespace tusk::TUSK_ISA
