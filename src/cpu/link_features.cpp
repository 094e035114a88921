#include "cpu/link_features.hpp"

#include <algorithm>

#include <Eigen/Eigenvalues>

#include "algebra/gram.hpp"

namespace tusk {
namespace {

SparseMatrixOf rows_known(const CsrView& features, const std::vector<bool>& known) {
  SparseMatrixOf rows;
  rows.columns = features.columns;
  for (Index row = 0; row < features.rows(); ++row) {
    if (known[static_cast<std::size_t>(row)]) {
      const auto first = static_cast<std::size_t>(features.offset[static_cast<std::size_t>(row)]);
      const auto columns = features.row(row);
      rows.column.insert(rows.column.end(), columns.begin(), columns.end());
      const auto values = features.value.subspan(first, columns.size());
      rows.value.insert(rows.value.end(), values.begin(), values.end());
    }
    rows.offset.push_back(std::ssize(rows.column));
  }
  return rows;
}

}  // namespace

LinkFeatures::LinkFeatures(const CsrView& features, const std::vector<bool>& known,
                           const WorkLoop& loop, Index most_dense)
    : features_(features),
      known_(rows_known(features, known)),
      transposed_(known_.view()),
      dual_(features.rows() < features.columns && features.rows() <= most_dense) {
  const Index smaller = std::min(features.rows(), features.columns);
  if (smaller > most_dense) return;
  size_ = smaller;
  gram_.resize(static_cast<std::size_t>(size_) * static_cast<std::size_t>(size_));
  const std::vector<double> ones;
  fill_gram<double>(
      dual_ ? known_.view() : transposed_.view(), dual_ ? transposed_.view() : known_.view(), ones,
      [&](std::int64_t count, const std::function<void(std::int64_t)>& task) {
        loop.parallel_for(count, [&](std::int64_t i, int) { task(i); });
      },
      std::span(gram_));
}

void LinkFeatures::decompose() {
  if (size_ == 0) return;
  // Of a symmetric matrix the lower triangle in rows is the upper one in columns.
  Eigen::MatrixXd gram = Eigen::Map<Eigen::MatrixXd>(gram_.data(), size_, size_).transpose();
  gram_ = {};
  const Eigen::Tridiagonalization<Eigen::MatrixXd> found(gram);
  gram = found.matrixQ();
  using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  basis_.resize(static_cast<std::size_t>(gram.size()));
  transposed_basis_.resize(basis_.size());
  Eigen::Map<Rows>(basis_.data(), size_, size_) = gram.cast<float>();
  Eigen::Map<Rows>(transposed_basis_.data(), size_, size_) = gram.cast<float>().transpose();
  const Eigen::VectorXd diagonal = found.diagonal();
  diagonal_.assign(diagonal.data(), diagonal.data() + size_);
  const Eigen::VectorXd beside = found.subDiagonal();
  beside_.assign(beside.data(), beside.data() + beside.size());
}

std::uint64_t LinkFeatures::bytes(const CsrView& features) {
  const auto smaller = static_cast<std::uint64_t>(std::min(features.rows(), features.columns));
  std::uint64_t bytes = 2 * static_cast<std::uint64_t>(features.size()) * 2 * sizeof(float);
  if (smaller <= static_cast<std::uint64_t>(kMostDense)) {
    bytes += smaller * smaller * (2 * sizeof(float) + 2 * sizeof(double));
  }
  return bytes;
}

}  // namespace tusk
