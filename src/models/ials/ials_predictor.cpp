#include "models/ials/ials_predictor.hpp"

#include <algorithm>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <tusk/error.hpp>
#include <tusk/model.hpp>

#include "models/ials/ials.hpp"
#include "train/interactions.hpp"

namespace tusk {
namespace {

using Rows =
    Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

Rows item_rows(const MfState& state) {
  return {state.item_factors.data(), state.items, state.factors};
}

// The products of all items' factors, [factors, factors].
Eigen::MatrixXf gram_of_items(Backend& backend, const MfState& state) {
  constexpr Eigen::Index kColumns = 16;
  const Rows items = item_rows(state);
  Eigen::MatrixXf gram(state.factors, state.factors);
  backend.parallel_for((state.factors + kColumns - 1) / kColumns, [&](std::int64_t task) {
    const Eigen::Index first = task * kColumns;
    const Eigen::Index count = std::min<Eigen::Index>(kColumns, state.factors - first);
    gram.middleCols(first, count).noalias() = items.transpose() * items.middleCols(first, count);
  });
  return gram;
}

class AlsFold : public UserFold {
 public:
  AlsFold(Backend& backend, const Model& model, const IalsOptions& options)
      : model_(model),
        params_(als_params(options, 0)),
        weight_(options.interactions, model.scale(), model.of_weights()),
        gram_(gram_of_items(backend, model.state())) {
    params_.factors = model.state().factors;  // a file's options may name another number
  }

  std::vector<float> fold(const RatedItems& rated) const override {
    const Interactions own = interactions_of(rated);
    std::vector<float> vector(static_cast<std::size_t>(params_.factors), 0);
    if (own.weight.size() == 0) return vector;
    const Eigen::VectorXd right = own.factors.transpose() * own.weight;
    Eigen::VectorXf::Map(vector.data(), params_.factors) =
        decompose(own).solve(right).cast<float>();
    return vector;
  }

  // Hu, Koren, Volinsky, section 5: <y_j, x> is the sum over the user's items i of
  // weight[i] y_j' A^-1 y_i.
  std::vector<std::vector<Contribution>> contributions(
      const RatedItems& rated, std::span<const Index> items) const override {
    std::vector<std::vector<Contribution>> all(items.size());
    const Interactions own = interactions_of(rated);
    if (own.weight.size() == 0) return all;
    const auto solver = decompose(own);
    for (std::size_t j = 0; j < items.size(); ++j) {
      if (!model_.knows_item(items[j])) continue;
      const Eigen::VectorXd item =
          item_rows(model_.state()).row(items[j]).transpose().cast<double>();
      const Eigen::VectorXd part = own.weight.cwiseProduct(own.factors * solver.solve(item).eval());
      for (Eigen::Index k = 0; k < part.size(); ++k) {
        const std::size_t at = own.place[static_cast<std::size_t>(k)];
        all[j].push_back({rated.item[at], rated.rating[at], static_cast<float>(part[k])});
      }
    }
    return all;
  }

 private:
  // Ratings with a weight above 0.
  struct Interactions {
    std::vector<std::size_t> place;  // in RatedItems
    Eigen::VectorXd weight;
    Eigen::MatrixXd factors;  // [interactions, factors]
  };

  Interactions interactions_of(const RatedItems& rated) const {
    Interactions own;
    std::vector<double> weight;
    for (std::size_t k = 0; k < rated.item.size(); ++k) {
      const float one = weight_(rated.rating[k]);
      if (one == 0) continue;
      own.place.push_back(k);
      weight.push_back(static_cast<double>(one));
    }
    const auto count = static_cast<Eigen::Index>(weight.size());
    own.weight = Eigen::VectorXd::Map(weight.data(), count);
    own.factors.resize(count, params_.factors);
    for (Eigen::Index k = 0; k < count; ++k) {
      own.factors.row(k) = item_rows(model_.state())
                               .row(rated.item[own.place[static_cast<std::size_t>(k)]])
                               .cast<double>();
    }
    return own;
  }

  Eigen::LLT<Eigen::MatrixXd> decompose(const Interactions& own) const {
    Eigen::MatrixXd matrix = static_cast<double>(params_.unobserved_weight) * gram_.cast<double>();
    matrix.diagonal().array() +=
        als_regularization(params_, own.weight.sum(), model_.state().items);
    matrix.noalias() += own.factors.transpose() * own.weight.asDiagonal() * own.factors;
    Eigen::LLT<Eigen::MatrixXd> solver(matrix);
    if (solver.info() != Eigen::Success) {
      throw FormatError("the model's factors are too large to fold users in");
    }
    return solver;
  }

  const Model& model_;
  AlsParams params_;
  InteractionWeight weight_;
  Eigen::MatrixXf gram_;
};

}  // namespace

std::unique_ptr<const UserFold> IalsPredictor::make_fold() const {
  return std::make_unique<AlsFold>(backend(), model(), state_.options());
}

}  // namespace tusk
