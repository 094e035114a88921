#include <tusk/error.hpp>

#include "backend/backend.hpp"
#include "backend/training_state.hpp"

namespace tusk {

std::vector<EpochErrors> EpochSession::run_epochs(std::span<const float> rate, std::size_t models,
                                                  Validate validate_after) {
  std::vector<EpochErrors> errors(rate.size());
  for (std::size_t first = 0; first < rate.size(); first += models) {
    const auto train = run_epoch(rate.subspan(first, models));
    const bool last = first + models == rate.size();
    const bool asked =
        validate_after == Validate::each || (validate_after == Validate::last && last);
    const auto validation = asked ? validate() : std::vector<ErrorSums>(models);
    for (std::size_t m = 0; m < models; ++m) errors[first + m] = {train[m], validation[m]};
  }
  return errors;
}

void EpochSession::save(TrainingState&) const {
  throw UsageError(option_name("checkpoint") +
                   " is for training by stochastic gradient descent on the CPU");
}

void EpochSession::restore(const TrainingState&) {
  TrainingState none;
  save(none);
}

}  // namespace tusk
