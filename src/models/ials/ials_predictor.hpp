// iALS opened for use.
#pragma once

#include <memory>

#include "models/dot_predictor.hpp"
#include "models/ials/ials_state.hpp"

namespace tusk {

// A user is folded in exactly as a row is solved in training, from the items' factors.
class IalsPredictor : public DotPredictor {
 public:
  // Everything is borrowed.
  IalsPredictor(Backend& backend, const Model& model, const IalsState& state)
      : DotPredictor(backend, model), state_(state) {}

 private:
  std::unique_ptr<const UserFold> make_fold() const override;

  const IalsState& state_;
};

}  // namespace tusk
