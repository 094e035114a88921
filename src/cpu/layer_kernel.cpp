// What networks do with the numbers of a layer one by one. Compiled several times, see
// isa_kernels.hpp; the compiler makes vectors of these loops.

#include "algebra/network_kernels.hpp"
#include "cpu/isa_kernels.hpp"

namespace tusk::TUSK_ISA {
namespace {

// 16 bits, in the order in which draws have them in memory.
using Bits = std::uint16_t __attribute__((may_alias));
constexpr int kNumbers = DropoutDraws::kNumbers;
constexpr int kDraws = 32;  // at a time

void draw(const DropoutDraws& draws, std::uint64_t epoch, std::uint64_t first,
          std::uint32_t* words) {
  for (int n = 0; n < kDraws; ++n) {
    const Random4 random = draws.draw(epoch, first + static_cast<std::uint64_t>(n));
    for (int w = 0; w < 4; ++w) words[4 * n + w] = random.word[w];
  }
}

void drop_some(const DroppedRows& rows, const Bits* bits, std::ptrdiff_t at, int count) {
  const DropoutDraws draws = rows.draws;
  const float by = rows.by;
  const float* const from = rows.from + at;
  float* const to = rows.to + at;
  for (int k = 0; k < count; ++k) to[k] = draws.keeps(bits[k]) ? by * from[k] : 0;
  if (rows.mask == nullptr) return;
  float* const mask = rows.mask + at;
  for (int k = 0; k < count; ++k) mask[k] = draws.keeps(bits[k]) ? by : 0;
}

}  // namespace

void rectify(float* values, int rows, int outputs, const float* bias) {
  for (int row = 0; row < rows; ++row, values += outputs) {
    for (int o = 0; o < outputs; ++o) {
      const float sum = values[o] + bias[o];
      values[o] = sum <= 0 ? 0.0f : sum;  // so that NaN stays NaN
    }
  }
}

void rectify_gradient(std::size_t count, const float* outputs, float by, float* gradient) {
  for (std::size_t k = 0; k < count; ++k) gradient[k] *= outputs[k] > 0 ? by : 0.0f;
}

void drop(const DroppedRows& rows) {
  const int groups = (rows.width + kNumbers - 1) / kNumbers;
  const int rows_at_once = groups < kDraws ? kDraws / groups : 1;
  alignas(64) std::uint32_t words[4 * kDraws];
  const auto* const bits = reinterpret_cast<const Bits*>(words);
  for (int row = 0; row < rows.rows; row += rows_at_once) {
    const int end = row + rows_at_once < rows.rows ? row + rows_at_once : rows.rows;
    const std::uint64_t place = rows.first_place + static_cast<std::uint64_t>(row);
    for (int group = 0; group < groups; group += kDraws) {
      draw(rows.draws, rows.epoch, rows.draws.number(place, group), words);
      const int first = group * kNumbers;
      const int left = rows.width - first;
      const int count = left < kDraws * kNumbers ? left : kDraws * kNumbers;
      for (int r = row; r < end; ++r) {
        drop_some(rows, bits + (r - row) * groups * kNumbers,
                  static_cast<std::ptrdiff_t>(r) * rows.width + first, count);
      }
    }
  }
}

}  // namespace tusk::TUSK_ISA
