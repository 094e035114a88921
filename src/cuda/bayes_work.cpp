#include "cuda/bayes_work.hpp"

#include <utility>

#include "model/transposed.hpp"

namespace tusk {
namespace {

std::optional<BayesLinkWork> work_of(const std::optional<LinkFeatures>& features) {
  if (!features) return {};
  return BayesLinkWork{features->all(),        features->transposed(), features->is_dual(),
                       features->only_known(), features->size(),       features->basis(),
                       features->tridiagonal()};
}

}  // namespace

BayesWork::BayesWork(const BayesProblem& problem, BayesPlan plan, ThreadPool& threads,
                     Index most_dense) {
  const Transposed columns(problem.ratings);
  open_features(problem, columns.view(), threads, features_, most_dense);
  work_ = {problem, work_of(features_.users), work_of(features_.items), std::move(plan)};
}

}  // namespace tusk
