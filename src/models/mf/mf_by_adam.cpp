#include "models/mf/mf_by_adam.hpp"

#include <utility>
#include <vector>

namespace tusk {
namespace {

NeuralParams network_of(const MfParams& mf) {
  NeuralParams params;
  params.factors = mf.factors;
  params.biased = mf.biased;
  params.products = params.factorization = true;
  params.learning_rate = mf.user_learning_rate;
  params.weight_decay = mf.adam->weight_decay;
  params.decoupled = mf.adam->decoupled;
  params.batch_size = mf.adam->batch_size;
  params.init_std = mf.init_std;
  params.seed = mf.seed;
  return params;
}

NeuralProblem network_problem(const MfProblem& problem) {
  NeuralProblem networks{problem.ratings, problem.label, problem.scale, {}};
  for (const MfFit& fit : problem.fits) {
    networks.fits.push_back({network_of(fit.params), fit.train, fit.validate, fit.mean});
  }
  return networks;
}

class MfByAdam : public MfSession {
 public:
  MfByAdam(Backend& backend, const MfProblem& problem)
      : users_(problem.ratings.rows()),
        items_(problem.ratings.columns),
        fits_(problem.fits),
        networks_(backend.open_neural(network_problem(problem))) {}

  std::vector<SquaredError> run_epoch(std::span<const float> rate) override {
    return networks_->run_epoch(rate);
  }
  std::vector<ErrorSums> validate() override { return networks_->validate(); }
  std::vector<EpochErrors> run_epochs(std::span<const float> rate, std::size_t models,
                                      Validate validate) override {
    return networks_->run_epochs(rate, models, validate);
  }
  void checkpoint(std::size_t model) override { networks_->checkpoint(model); }
  void retire(std::size_t model) override { networks_->retire(model); }

  MfState state(std::size_t model) const override {
    NeuralWeights weights = networks_->state(model);
    MfState state;
    state.users = users_;
    state.items = items_;
    state.factors = fits_[model].params.factors;
    state.biased = fits_[model].params.biased;
    state.mean = fits_[model].mean;
    state.user_factors = std::move(weights.user);
    state.item_factors = std::move(weights.item);
    state.user_bias = std::move(weights.user_bias);
    state.item_bias = std::move(weights.item_bias);
    return state;
  }

 private:
  Index users_;
  Index items_;
  std::vector<MfFit> fits_;
  std::unique_ptr<NeuralSession> networks_;
};

}  // namespace

std::unique_ptr<MfSession> open_mf_by_adam(Backend& backend, const MfProblem& problem) {
  return std::make_unique<MfByAdam>(backend, problem);
}

MfMemory plan_mf_by_adam(Backend& backend, const MfProblem& problem) {
  return backend.plan_neural(network_problem(problem));
}

}  // namespace tusk
