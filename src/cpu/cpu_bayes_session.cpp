#include "cpu/cpu_bayes_session.hpp"

#include <utility>

#include "algebra/random_draws.hpp"

namespace tusk {
namespace {

void open_features(const CsrView& features, const CsrView& ratings, ThreadPool& threads,
                   std::optional<LinkFeatures>& opened) {
  if (features.rows() == 0) return;
  std::vector<bool> known;
  for (Index row = 0; row < ratings.rows(); ++row) known.push_back(!ratings.row(row).empty());
  opened.emplace(features, known, WorkLoop(threads));
}

const LinkFeatures* pointer_to(const std::optional<LinkFeatures>& features) {
  return features ? &*features : nullptr;
}

}  // namespace

CpuBayesSession::CpuBayesSession(std::shared_ptr<ThreadPool> threads, const CpuKernels& kernels,
                                 const BayesProblem& problem)
    : threads_(std::move(threads)),
      params_(problem.params),
      ratings_(problem.ratings.size()),
      columns_(problem.ratings),
      side_by_side_(params_.chains % threads_->threads() == 0),
      loop_(side_by_side_ ? WorkLoop() : WorkLoop(*threads_)) {
  const CsrView columns = columns_.view();
  open_features(problem.user_features, problem.ratings, *threads_, user_features_);
  open_features(problem.item_features, columns, *threads_, item_features_);
  threads_->parallel_for(2, [&](std::int64_t side, int) {
    auto& features = side == 0 ? user_features_ : item_features_;
    if (features) features->decompose();
  });
  for (int chain = 0; chain < params_.chains; ++chain) {
    chains_.push_back(
        {BayesSide(false, problem.ratings, pointer_to(user_features_), params_, chain, loop_,
                   kernels),
         BayesSide(true, columns, pointer_to(item_features_), params_, chain, loop_, kernels)});
  }
}

BayesSweep CpuBayesSession::run_sweep(Chain& chain, std::uint64_t which) {
  constexpr int kChainBit = 40;
  chain.items.draw_prior(sweep_);
  chain.items.draw_vectors(chain.users, chain.alpha, sweep_);
  chain.users.draw_prior(sweep_);
  const double error = chain.users.draw_vectors(chain.items, chain.alpha, sweep_);
  RandomSequence random(params_.seed,
                        random_stream(RandomUse::bayes_noise, (which << kChainBit) | sweep_));
  chain.alpha = draw_gamma(random, 1 + 0.5 * static_cast<double>(ratings_)) / (1 + error / 2);
  return {error, chain.alpha};
}

std::vector<BayesSweep> CpuBayesSession::run_sweep() {
  ++sweep_;
  std::vector<BayesSweep> sweeps(chains_.size());
  const auto run = [&](std::size_t chain) {
    sweeps[chain] = run_sweep(chains_[chain], static_cast<std::uint64_t>(chain));
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

BayesChain CpuBayesSession::chain(int chain) const {
  const Chain& own = chains_[static_cast<std::size_t>(chain)];
  return {draw(chain), own.users.link_precision(), own.items.link_precision()};
}

void CpuBayesSession::restore(std::uint64_t sweeps, std::span<const BayesChain> chains) {
  sweep_ = sweeps;
  for (std::size_t c = 0; c < chains_.size(); ++c) {
    const auto& [draw, of_users, of_items] = chains[c];
    chains_[c].alpha = draw.alpha;
    chains_[c].users.restore(draw.user, draw.user_prior, of_users);
    chains_[c].items.restore(draw.item, draw.item_prior, of_items);
  }
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
