// EASE by its definition, in double precision and dense.
#pragma once

#include <Eigen/Dense>

#include <tusk/dataset.hpp>
#include <tusk/models.hpp>

#include "train/interactions.hpp"

namespace tusk::test {

struct EaseReference {
  Eigen::MatrixXd x;        // users x items
  Eigen::MatrixXd inverse;  // P
  Eigen::MatrixXd table;    // B
  Eigen::MatrixXd scores;   // x B

  EaseReference(const Dataset& data, const EaseOptions& options) {
    const std::vector<Label> label(data.rating.size(), 0);
    const SparseMatrixOf weights = interactions_of_part(data, label, only(0), options.interactions);
    x = Eigen::MatrixXd::Zero(data.users.size(), data.items.size());
    weights.view().each([&](Index user, std::size_t at) {
      x(user, weights.column[at]) = static_cast<double>(weights.value[at]);
    });
    const double p = static_cast<double>(options.dropout);
    Eigen::MatrixXd a = x.transpose() * x;
    for (Eigen::Index j = 0; j < a.rows(); ++j) {
      a(j, j) += static_cast<double>(options.regularization) + p / (1 - p) * a(j, j);
      if (a(j, j) == 0) a(j, j) = 1;  // an item without interactions
    }
    inverse = a.inverse();
    table = inverse;
    for (Eigen::Index j = 0; j < a.rows(); ++j) {
      table.col(j) /= -inverse(j, j);
      table(j, j) = 0;
    }
    scores = x * table;
  }
};

}  // namespace tusk::test
