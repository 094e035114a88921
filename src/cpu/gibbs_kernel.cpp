// Gibbs sampling: vectors drawn from their normal distributions, kLanes of them side by side.
// Compiled several times, see isa_kernels.hpp.
//
// Each lane is a vector of its own, so that neither the vectors beside it nor the instruction set
// changes a bit of it (see MultiplyAdd).

#include "cpu/isa_kernels.hpp"
#include "cpu/lanes.hpp"

namespace tusk::TUSK_ISA {
namespace {

// Some of the lanes, as many as a register holds.
class Part {
 public:
  Part(const GibbsRows& rows, int first) : rows_(rows), first_(first), width_(rows.width) {}

  void draw() const {
    fill();
    for (int k = 0; k < width_; ++k) eliminate(k);
    for (int j = width_ - 1; j >= 0; --j) {
      Vector sum = matrix(width_, j) + read(rows_.noise + j);
      for (int i = j + 1; i < width_; ++i) {
        sum = kMultiplyAdd(-matrix(i, j), read(rows_.drawn + i), sum);
      }
      write(rows_.drawn + j, sum * matrix(j, j));
    }
    sum_errors();
  }

 private:
  TUSK_HD static std::size_t place(int row, int column) {
    return triangle_place(static_cast<std::size_t>(row), static_cast<std::size_t>(column));
  }
  TUSK_HD Vector read(const LaneRow* row) const {
    return *reinterpret_cast<const Vector*>(row->lane + first_);
  }
  TUSK_HD void write(LaneRow* row, const Vector& value) const {
    *reinterpret_cast<Vector*>(row->lane + first_) = value;
  }
  TUSK_HD Vector matrix(int row, int column) const {
    return read(rows_.scratch + place(row, column));
  }
  TUSK_HD Vector moment(int row, int column) const {
    return read(rows_.moments + place(row, column));
  }

  // The lower triangle of A, and b' below it.
  TUSK_HD void fill() const {
    for (int i = 0; i < width_; ++i) {
      const float* const precision = rows_.precision + static_cast<std::ptrdiff_t>(i) * width_;
      Vector right = rows_.alpha * moment(width_, i);
      for (int j = 0; j < width_; ++j) {
        right = kMultiplyAdd(precision[j], read(rows_.mean + j), right);
      }
      write(rows_.scratch + place(width_, i), right);
      for (int j = 0; j <= i; ++j) {
        write(rows_.scratch + place(i, j),
              kMultiplyAdd(rows_.alpha, moment(i, j), precision[j] - Vector{}));
      }
    }
  }

  // Column k of the lower triangle C with A = C C', its diagonal inverted, and number k of C^-1 b.
  TUSK_HD void eliminate(int k) const {
    Vector square = matrix(k, k);
    for (int l = 0; l < k; ++l) square = kMultiplyAdd(-matrix(k, l), matrix(k, l), square);
    Vector inverse;
    for (int lane = 0; lane < kVectorFloats; ++lane) {
      inverse[lane] = 1 / __builtin_sqrtf(square[lane]);
    }
    write(rows_.scratch + place(k, k), inverse);
    int i = k + 1;
    for (; i + kRows <= width_ + 1; i += kRows) eliminate_rows<kRows>(k, i, inverse);
    for (; i <= width_; ++i) eliminate_rows<1>(k, i, inverse);
  }

  // Rows i, i + 1, ... of column k.
  template <int Rows>
  TUSK_HD void eliminate_rows(int k, int i, const Vector& inverse) const {
    Vector sum[Rows];
    for (int r = 0; r < Rows; ++r) sum[r] = matrix(i + r, k);
    for (int l = 0; l < k; ++l) {
      const Vector own = -matrix(k, l);
#pragma GCC unroll 4
      for (int r = 0; r < Rows; ++r) sum[r] = kMultiplyAdd(own, matrix(i + r, l), sum[r]);
    }
    for (int r = 0; r < Rows; ++r) write(rows_.scratch + place(i + r, k), sum[r] * inverse);
  }

  // x' S x - 2 x' s + t, with S, s and t of the moments.
  TUSK_HD void sum_errors() const {
    Vector error = moment(width_, width_);
    for (int i = 0; i < width_; ++i) {
      const Vector own = read(rows_.drawn + i);
      Vector sum = 0.5f * own * moment(i, i) - moment(width_, i);
      for (int j = 0; j < i; ++j) sum = kMultiplyAdd(moment(i, j), read(rows_.drawn + j), sum);
      error = kMultiplyAdd(own + own, sum, error);
    }
    write(rows_.squared_error, error);
  }

  static constexpr int kRows = 4;

  const GibbsRows& rows_;
  int first_;
  int width_;
};

}  // namespace

void draw_vectors(const GibbsRows& rows) {
  for (int first = 0; first < kLanes; first += kVectorFloats) Part(rows, first).draw();
}

}  // namespace tusk::TUSK_ISA
