// Predictions of models whose scores are dot products and biases.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include <tusk/model.hpp>

#include "model/item_cosines.hpp"
#include "models/rated_items.hpp"

namespace tusk {

// How users who were not trained join a model of factors. Any number of threads may use it at a
// time.
class UserFold {
 public:
  virtual ~UserFold() = default;

  // Whether users make a difference to the model.
  virtual bool has_users() const { return true; }
  // The user's factors and, if the model has biases, the bias behind them. Not called unless
  // has_users().
  virtual std::vector<float> fold(const RatedItems& rated) const = 0;
  // As Predictor::contributions(), in any order; nothing for an item that the model does not know.
  virtual std::vector<std::vector<Contribution>> contributions(
      const RatedItems& rated, std::span<const Index> items) const = 0;
};

// Users are folded in as FoldIn does, by the model's priors.
class DotPredictor : public Predictor {
 public:
  // Both are borrowed.
  DotPredictor(Backend& backend, const Model& model) : backend_(backend), model_(model) {}

  std::vector<Prediction> predict(std::span<const Index> user,
                                  std::span<const Index> item) const override;
  std::optional<std::vector<float>> similarities(Index item,
                                                 std::span<const Index> others) const override;
  std::unique_ptr<const Predictor> fold_in(CsrView ratings) const override;
  std::optional<UserVectors> user_vectors() const override;

 protected:
  Backend& backend() const { return backend_; }
  const Model& model() const { return model_; }

 private:
  // Called once, when it is needed first.
  virtual std::unique_ptr<const UserFold> make_fold() const;

  Backend& backend_;
  const Model& model_;
  ItemCosines cosines_{model_.state()};
  mutable std::once_flag once_;
  mutable std::unique_ptr<const UserFold> fold_;
};

}  // namespace tusk
