// Draws of the links B given the vectors, on the host, in the basis Q in which X'X or XX' is the
// tridiagonal T. See src/backend/bayes_session.hpp.
#pragma once

#include <span>
#include <vector>

#include <Eigen/Core>

#include <tusk/types.hpp>

#include "algebra/tridiagonal.hpp"
#include "support/philox.hpp"

namespace tusk {

// (T + b I)^-1 rows, in their place.
void solve_tridiagonal(const Tridiagonal& matrix, double precision, int width,
                       std::span<double> rows);

// All of the following is in units in which L is the identity: vectors less m are multiplied by R,
// with L = R R', and what is drawn by R^-1. Rows of numbers are [size of T, width].
struct RotatedLinks {
  Tridiagonal matrix;
  bool dual = false;  // whether XX' = Q T Q', of size rows of X; else X'X, of size columns
  Index columns = 0;  // of X
  int width = 0;
  std::span<const double> targets;  // Q' (vectors less m), or Q' X' (vectors less m)
};

// Draws b given the vectors less m but not given B: of B's many numbers each tells little of b,
// which would hardly move from where it is. The columns of the vectors are independent and
// N(0, I + XX' / b). By slice sampling of log b (Neal: "Slice Sampling", 2003), from `precision`
// on.
double draw_link_precision(RandomSequence& random, double precision, const RotatedLinks& links);

// Draws b given B, of so many rows, by the trace of B'B.
double draw_link_precision(RandomSequence& random, Index rows, int width, double trace);

struct RotatedDraw {
  std::vector<double> rows;  // Q' X B, of known rows of X alone, if it is dual; else Q' B
  Eigen::MatrixXd scatter;   // B'B
};

// Draws B given the vectors and b. `noise` are standard normal numbers, [size, width], and so is
// `more`, which only a dual draw takes.
RotatedDraw draw_links(RandomSequence& random, double precision, const RotatedLinks& links,
                       std::span<const double> noise, std::span<const double> more);

}  // namespace tusk
