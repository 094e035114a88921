// What networks do with the numbers of a layer one by one. Compiled several times, see
// isa_kernels.hpp; the compiler makes vectors of these loops.

#include "algebra/network_kernels.hpp"
#include "cpu/isa_kernels.hpp"
#include "support/philox.hpp"

namespace tusk::TUSK_ISA {
namespace {

// Of 16 bits, in the order in which they are in memory; Philox gives eight at a time.
using Draw = std::uint16_t __attribute__((may_alias));
constexpr int kDraws = 8;
constexpr int kCalls = 32;  // at a time

void draw(std::uint64_t seed, std::uint64_t stream, std::uint64_t first, std::uint32_t* words) {
  for (int c = 0; c < kCalls; ++c) {
    const Random4 random = philox(seed, stream, first + static_cast<std::uint64_t>(c));
    for (int w = 0; w < 4; ++w) words[4 * c + w] = random.word[w];
  }
}

void drop_some(const Draw* draws, std::uint32_t least, float by, int count, const float* from,
               float* to, float* mask) {
  for (int k = 0; k < count; ++k) to[k] = draws[k] >= least ? by * from[k] : 0;
  if (mask == nullptr) return;
  for (int k = 0; k < count; ++k) mask[k] = draws[k] >= least ? by : 0;
}

}  // namespace

void rectify(float* values, int rows, int outputs, const float* bias) {
  for (int row = 0; row < rows; ++row, values += outputs) {
    for (int o = 0; o < outputs; ++o) {
      const float sum = values[o] + bias[o];
      values[o] = sum > 0 ? sum : 0;
    }
  }
}

void rectify_gradient(std::size_t count, const float* outputs, float by, float* gradient) {
  for (std::size_t k = 0; k < count; ++k) gradient[k] *= outputs[k] > 0 ? by : 0.0f;
}

void drop(const DroppedRows& rows) {
  const auto least = static_cast<std::uint32_t>(rows.share * 65536 + 0.5f);
  const float by = 1 / (1 - rows.share);
  const int calls = (rows.width + kDraws - 1) / kDraws;
  const int rows_at_once = calls < kCalls ? kCalls / calls : 1;
  alignas(64) std::uint32_t words[4 * kCalls];
  const auto* const draws = reinterpret_cast<const Draw*>(words);
  for (int row = 0; row < rows.rows; row += rows_at_once) {
    const int end = row + rows_at_once < rows.rows ? row + rows_at_once : rows.rows;
    const std::uint64_t place = rows.first_place + static_cast<std::uint64_t>(row);
    for (int call = 0; call < calls; call += kCalls) {
      draw(rows.seed, rows.stream,
           place * static_cast<std::uint64_t>(calls) + static_cast<std::uint64_t>(call), words);
      const int first = call * kDraws;
      const int left = rows.width - first;
      const int count = left < kCalls * kDraws ? left : kCalls * kDraws;
      for (int r = row; r < end; ++r) {
        const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(r) * rows.width + first;
        drop_some(draws + (r - row) * calls * kDraws, least, by, count, rows.from + at,
                  rows.to + at, rows.mask == nullptr ? nullptr : rows.mask + at);
      }
    }
  }
}

}  // namespace tusk::TUSK_ISA
