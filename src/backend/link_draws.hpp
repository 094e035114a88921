// Draws of the links B given the vectors, on the host, in the basis Q in which X'X or XX' is the
// tridiagonal T. See src/backend/bayes_session.hpp.
#pragma once

#include <span>
#include <vector>

#include <Eigen/Core>

#include <tusk/types.hpp>

#include "backend/bayes_prior.hpp"
#include "support/philox.hpp"

namespace tusk {

// All of it is in units in which L is the identity: vectors less m are multiplied by R, with
// L = R R', and what comes of them by R^-1. Rows of numbers are [size of T, width].
struct RotatedLinks {
  Tridiagonal matrix;
  bool dual = false;     // XX' = Q T Q', of size rows of X; else X'X, of size columns
  Index columns = 0;     // of X
  int width = 0;
  std::span<const double> targets;  // Q' (vectors less m), or Q' X' (vectors less m)
};

struct RotatedDraw {
  std::vector<double> rows;  // Q' X B of those rows of X that are known if it is dual, else Q' B
  Eigen::MatrixXd scatter;   // B' B
};

// `noise` are standard normal numbers, [size, width], and so is `more`, which only a dual draw
// takes.
RotatedDraw draw_links(const RotatedLinks& links, double precision, std::span<const double> noise,
                       std::span<const double> more, RandomSequence& random);

// (T + b I)^-1 rows, in their place.
void solve_tridiagonal(const Tridiagonal& matrix, double precision, int width,
                       std::span<double> rows);

}  // namespace tusk
