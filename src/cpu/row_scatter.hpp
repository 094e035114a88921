// Sums of products of vectors.
#pragma once

#include <Eigen/Core>

#include "cpu/factor_rows.hpp"
#include "cpu/kernels.hpp"
#include "cpu/work_loop.hpp"

namespace tusk {

// The sum over the first `count` rows of the products of their numbers, [factors, factors].
Eigen::MatrixXd row_scatter(const FactorRows& rows, Index count, const WorkLoop& loop,
                            const CpuKernels& kernels);

}  // namespace tusk
