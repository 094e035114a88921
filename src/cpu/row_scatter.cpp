#include "cpu/row_scatter.hpp"

#include <algorithm>
#include <vector>

namespace tusk {
namespace {

constexpr std::int64_t kScatterRows = 2048;  // that are summed in single precision

}  // namespace

Eigen::MatrixXd row_scatter(const FactorRows& rows, Index count, const WorkLoop& loop,
                            const CpuKernels& kernels) {
  const int width = rows.factors();
  const int stride = rows.vectors() * kLanes;
  std::vector<FactorRows> part(static_cast<std::size_t>(chunk_count(count, kScatterRows)));
  loop.parallel_for(std::ssize(part), [&](std::int64_t p, int) {
    const auto first = static_cast<Index>(p * kScatterRows);
    FactorRows& sum = part[static_cast<std::size_t>(p)];
    sum = FactorRows(stride, width);
    kernels.als->add_gram(
        rows.row(first),
        std::min<std::size_t>(kScatterRows, static_cast<std::size_t>(count - first)),
        rows.vectors(), sum.data());
  });
  Eigen::MatrixXd all = Eigen::MatrixXd::Zero(width, width);
  for (const FactorRows& one : part) {
    for (int i = 0; i < width; ++i) {
      for (int j = i; j < width; ++j) all(i, j) += static_cast<double>(one.row(i)[j]);
    }
  }
  all.triangularView<Eigen::StrictlyLower>() = all.transpose();
  return all;
}

}  // namespace tusk
