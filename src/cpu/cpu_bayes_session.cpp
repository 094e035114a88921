#include "cpu/cpu_bayes_session.hpp"

#include <utility>

#include "backend/bayes_prior.hpp"

namespace tusk {
namespace {

const LinkFeatures* pointer_to(const std::optional<LinkFeatures>& features) {
  return features ? &*features : nullptr;
}

}  // namespace

CpuBayesSession::CpuBayesSession(std::shared_ptr<ThreadPool> threads, const CpuKernels& kernels,
                                 const BayesProblem& problem, Index most_dense)
    : threads_(std::move(threads)),
      params_(problem.params),
      ratings_(problem.ratings.size()),
      columns_(problem.ratings),
      side_by_side_(params_.chains % threads_->threads() == 0),
      loop_(side_by_side_ ? WorkLoop() : WorkLoop(*threads_)) {
  const CsrView columns = columns_.view();
  open_features(problem, columns, *threads_, features_, most_dense);
  for (int chain = 0; chain < params_.chains; ++chain) {
    chains_.push_back(
        {BayesSide(false, problem.ratings, pointer_to(features_.users), params_, chain, loop_,
                   kernels),
         BayesSide(true, columns, pointer_to(features_.items), params_, chain, loop_, kernels)});
  }
}

BayesSweep CpuBayesSession::run_sweep(Chain& chain, int which) {
  chain.items.draw_prior(sweep_);
  chain.items.draw_vectors(chain.users, chain.alpha, sweep_);
  chain.users.draw_prior(sweep_);
  const double error = chain.users.draw_vectors(chain.items, chain.alpha, sweep_);
  chain.alpha = draw_noise_precision(params_, which, sweep_, ratings_, error);
  return {error, chain.alpha};
}

std::vector<BayesSweep> CpuBayesSession::run_sweep() {
  ++sweep_;
  std::vector<BayesSweep> sweeps(chains_.size());
  const auto run = [&](std::size_t chain) {
    sweeps[chain] = run_sweep(chains_[chain], static_cast<int>(chain));
  };
  if (side_by_side_) {
    threads_->parallel_for(std::ssize(chains_),
                           [&](std::int64_t chain, int) { run(static_cast<std::size_t>(chain)); });
  } else {
    for (std::size_t chain = 0; chain < chains_.size(); ++chain) run(chain);
  }
  return sweeps;
}

BayesDraw CpuBayesSession::draw(int chain) const {
  const Chain& own = chains_[static_cast<std::size_t>(chain)];
  return {own.users.vectors(), own.items.vectors(), own.alpha, own.users.prior(),
          own.items.prior()};
}

MfMemory CpuBayesSession::plan(const BayesProblem& problem, int threads) {
  const auto users = static_cast<std::uint64_t>(problem.ratings.rows());
  const auto items = static_cast<std::uint64_t>(problem.ratings.columns);
  const auto chains = static_cast<std::uint64_t>(problem.params.chains);
  const int width = problem.params.factors + 1;
  const auto stride = static_cast<std::uint64_t>(FactorRows(1, width + 1).vectors()) * kLanes;
  MfMemory memory;
  memory.parameters = chains * (users + items) * (2 * stride + 1) * sizeof(float);
  memory.ratings =
      static_cast<std::uint64_t>(problem.ratings.size()) * (sizeof(Index) + sizeof(float)) +
      (items + 1) * sizeof(std::int64_t);
  memory.working =
      static_cast<std::uint64_t>(threads) * 2 * (kGramBlock + stride) * stride * sizeof(float);
  for (const CsrView& features : {problem.user_features, problem.item_features}) {
    if (features.rows() == 0) continue;
    memory.working += LinkFeatures::bytes(features) + chains * BayesLinks::bytes(features, width);
  }
  return memory;
}

}  // namespace tusk
