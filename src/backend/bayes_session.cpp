#include "backend/bayes_session.hpp"

#include <tusk/error.hpp>

#include "cpu/cpu_bayes_session.hpp"
#include "support/host_memory.hpp"

namespace tusk {

BayesChain BayesSession::chain(int) const {
  throw UsageError("Gibbs sampling keeps no checkpoints on this device: take " +
                   option_name("device") + " cpu");
}

void BayesSession::restore(std::uint64_t, std::span<const BayesChain>) { chain(0); }

MfMemory plan_bayes(const BayesProblem& problem, int threads) {
  MfMemory memory = CpuBayesSession::plan(problem, threads);
  memory.available = available_host_memory();
  return memory;
}

}  // namespace tusk
