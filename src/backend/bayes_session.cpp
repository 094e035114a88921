#include "backend/bayes_session.hpp"

#include "cpu/cpu_bayes_session.hpp"
#include "support/host_memory.hpp"

namespace tusk {

MfMemory plan_bayes(const BayesProblem& problem, int threads) {
  MfMemory memory = CpuBayesSession::plan(problem, threads);
  memory.available = available_host_memory();
  return memory;
}

}  // namespace tusk
