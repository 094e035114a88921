#include "models/bayes/bayes_fold_in.hpp"

#include <cmath>

#include <Eigen/Cholesky>

#include <tusk/error.hpp>

#include "algebra/random_draws.hpp"
#include "support/philox.hpp"

namespace tusk {

std::vector<float> fold_user(const BayesDraws& draws, const RatedItems& rated) {
  const Eigen::Index width = draws.width;
  const auto count = static_cast<std::size_t>(draws.count);
  const auto number = [&](const float* row, Eigen::Index f, std::size_t s) {
    return static_cast<double>(row[static_cast<std::size_t>(f) * count + s]);
  };
  std::vector<float> folded(draws.row_size());
  const auto rows = static_cast<Eigen::Index>(rated.item.size());
  Eigen::MatrixXd design(rows, width);
  Eigen::VectorXd value(rows);
  for (std::size_t s = 0; s < count; ++s) {
    Eigen::VectorXd mean(width);
    Eigen::MatrixXd precision(width, width);
    for (Eigen::Index f = 0; f < width; ++f) {
      mean[f] = number(draws.user_mean.data(), f, s);
      for (Eigen::Index g = 0; g < width; ++g) {
        precision(f, g) = number(draws.prior_precision.data(), f * width + g, s);
      }
    }
    for (Eigen::Index k = 0; k < rows; ++k) {
      const auto at = static_cast<std::size_t>(k);
      const float* const item = draws.item_row(rated.item[at]);
      for (Eigen::Index f = 0; f + 1 < width; ++f) design(k, f) = number(item, f, s);
      design(k, width - 1) = 1;
      value[k] = static_cast<double>((rated.rating[at] - draws.mean) / draws.spread) -
                 number(item, width - 1, s);
      if (draws.prior_links.empty()) continue;
      const float* const link =
          draws.prior_links.data() + static_cast<std::size_t>(rated.item[at]) * draws.row_size();
      for (Eigen::Index f = 0; f < width; ++f) {
        mean[f] += number(link, f, s) / std::sqrt(static_cast<double>(rows));
      }
    }
    const auto alpha = static_cast<double>(draws.alpha[s]);
    const Eigen::LLT<Eigen::MatrixXd> solver(precision + alpha * design.transpose() * design);
    Eigen::VectorXd vector = solver.solve(precision * mean + alpha * design.transpose() * value);
    NormalDraws normal(0, random_stream(RandomUse::bayes_fold_in, s / 2), 0);
    Eigen::VectorXd noise(width);
    for (Eigen::Index f = 0; f < width; ++f) noise[f] = normal.next();
    solver.matrixU().solveInPlace(noise);
    vector += s % 2 == 0 ? noise : Eigen::VectorXd(-noise);
    if (solver.info() != Eigen::Success || !vector.allFinite()) {
      throw FormatError("the model's draws are too large to fold users in");
    }
    for (Eigen::Index f = 0; f < width; ++f) {
      folded[static_cast<std::size_t>(f) * count + s] = static_cast<float>(vector[f]);
    }
  }
  return folded;
}

}  // namespace tusk
