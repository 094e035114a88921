#include "cpu/cpu_bayes_session.hpp"

#include <utility>

#include "backend/bayes_prior.hpp"
#include "support/host_memory.hpp"

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
      user_groups_by_item_(
          by_column(problem.ratings, columns_.offset, problem.user_groups.of_rating)),
      item_groups_by_item_(
          by_column(problem.ratings, columns_.offset, problem.item_groups.of_rating)),
      side_by_side_(params_.chains % threads_->threads() == 0),
      loop_(side_by_side_ ? WorkLoop() : WorkLoop(*threads_)) {
  const CsrView columns = columns_.view();
  open_features(problem, columns, *threads_, features_, most_dense);
  const SideGroups of_users = {problem.user_groups.offset, problem.user_groups.of_rating,
                               problem.item_groups.of_rating};
  const SideGroups of_items = {problem.item_groups.offset, item_groups_by_item_,
                               user_groups_by_item_};
  for (int chain = 0; chain < params_.chains; ++chain) {
    chains_.push_back({BayesSide(false, problem.ratings, pointer_to(features_.users), of_users,
                                 params_, chain, loop_, kernels),
                       BayesSide(true, columns, pointer_to(features_.items), of_items, params_,
                                 chain, loop_, kernels)});
  }
}

void CpuBayesSession::draw_priors(Chain& chain) {
  constexpr int kFewThreads = 3;
  if (loop_.threads() == 1 || loop_.threads() > kFewThreads) {
    chain.items.draw_prior(loop_, sweep_);
    chain.users.draw_prior(loop_, sweep_);
    return;
  }
  // Few threads do the many short loops of both side by side faster than each of them together.
  loop_.parallel_for(2, [&](std::int64_t side, int) {
    (side == 0 ? chain.items : chain.users).draw_prior(WorkLoop(), sweep_);
  });
}

BayesSweep CpuBayesSession::run_sweep(Chain& chain, int which) {
  draw_priors(chain);
  chain.items.draw_vectors(chain.users, chain.alpha, sweep_);
  const double error = chain.users.draw_vectors(chain.items, chain.alpha, sweep_);
  chain.alpha = draw_noise_precision(params_, which, sweep_, ratings_, error);
  return {error, chain.alpha};
}

void CpuBayesSession::each_chain(std::size_t count,
                                 const std::function<void(std::size_t)>& task) const {
  if (side_by_side_) {
    threads_->parallel_for(static_cast<std::int64_t>(count),
                           [&](std::int64_t k, int) { task(static_cast<std::size_t>(k)); });
  } else {
    for (std::size_t k = 0; k < count; ++k) task(k);
  }
}

std::vector<BayesSweep> CpuBayesSession::run_sweep() {
  ++sweep_;
  std::vector<BayesSweep> sweeps(chains_.size());
  each_chain(chains_.size(), [&](std::size_t chain) {
    sweeps[chain] = run_sweep(chains_[chain], static_cast<int>(chain));
  });
  return sweeps;
}

std::vector<BayesDraw> CpuBayesSession::draw(std::span<const int> chains, bool with_links) const {
  std::vector<BayesDraw> draws(chains.size());
  each_chain(chains.size(), [&](std::size_t k) {
    const Chain& own = chains_[static_cast<std::size_t>(chains[k])];
    draws[k] = {own.users.vectors(), own.items.vectors(),
                own.alpha,           own.users.prior(),
                own.items.prior(),   with_links ? own.users.links(sweep_) : std::vector<float>(),
                own.users.groups(),  own.items.groups()};
  });
  return draws;
}

BayesChain CpuBayesSession::chain(int chain) const {
  const Chain& own = chains_[static_cast<std::size_t>(chain)];
  return {own.alpha, own.users.state(), own.items.state()};
}

void CpuBayesSession::restore(std::uint64_t sweeps, std::span<const BayesChain> chains) {
  sweep_ = sweeps;
  for (std::size_t c = 0; c < chains_.size(); ++c) {
    chains_[c].alpha = chains[c].alpha;
    chains_[c].users.restore(chains[c].users);
    chains_[c].items.restore(chains[c].items);
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
  for (const RatingGroups& groups : {problem.user_groups, problem.item_groups}) {
    if (groups.offset.empty()) continue;
    memory.ratings += groups.of_rating.size() * sizeof(Index);
    memory.parameters += chains * static_cast<std::uint64_t>(groups.offset.back()) * sizeof(float);
  }
  for (const CsrView& features : {problem.user_features, problem.item_features}) {
    if (features.rows() == 0) continue;
    memory.working += LinkFeatures::bytes(features) + chains * BayesLinks::bytes(features, width);
  }
  memory.available = available_host_memory();
  return memory;
}

}  // namespace tusk
