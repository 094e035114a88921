#include "cpu/cpu_bayes_session.hpp"

#include <utility>

#include "algebra/random_draws.hpp"

namespace tusk {

CpuBayesSession::CpuBayesSession(std::shared_ptr<ThreadPool> threads, const CpuKernels& kernels,
                                 const BayesProblem& problem)
    : threads_(std::move(threads)),
      params_(problem.params),
      ratings_(problem.ratings.size()),
      columns_(problem.ratings),
      users_(false, problem.ratings, problem.user_features, params_, *threads_, kernels),
      items_(true, columns_.view(), problem.item_features, params_, *threads_, kernels) {}

BayesSweep CpuBayesSession::run_sweep() {
  ++sweep_;
  items_.draw_prior(sweep_);
  items_.draw_vectors(users_, alpha_, sweep_);
  users_.draw_prior(sweep_);
  const double error = users_.draw_vectors(items_, alpha_, sweep_);
  RandomSequence random(
      params_.seed,
      random_stream(RandomUse::bayes_noise,
                    (static_cast<std::uint64_t>(params_.chain) << 40) | sweep_));
  alpha_ = draw_gamma(random, 1 + 0.5 * static_cast<double>(ratings_)) / (1 + error / 2);
  return {error, alpha_};
}

BayesDraw CpuBayesSession::draw() const {
  return {users_.vectors(), items_.vectors(), alpha_, users_.prior(), items_.prior()};
}

MfMemory CpuBayesSession::plan(const BayesProblem& problem, int threads) {
  const auto users = static_cast<std::uint64_t>(problem.ratings.rows());
  const auto items = static_cast<std::uint64_t>(problem.ratings.columns);
  const int width = problem.params.factors + 1;
  const FactorRows one(1, width + 1);
  const std::uint64_t stride = static_cast<std::uint64_t>(one.vectors()) * kLanes;
  MfMemory memory;
  memory.parameters = (users + items) * (2 * stride + 1) * sizeof(float);
  memory.ratings =
      static_cast<std::uint64_t>(problem.ratings.size()) * (sizeof(Index) + sizeof(float)) +
      (items + 1) * sizeof(std::int64_t);
  memory.working = static_cast<std::uint64_t>(threads) * 2 * (kGramBlock + stride) * stride *
                   sizeof(float);
  for (const CsrView& features : {problem.user_features, problem.item_features}) {
    if (features.rows() > 0) memory.working += BayesLinks::bytes(features, width);
  }
  return memory;
}

}  // namespace tusk
