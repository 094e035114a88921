// Matrix factorization by several processes, with the bits of one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "backend/backend.hpp"
#include "backend/block_order.hpp"
#include "cpu/rating_blocks.hpp"
#include "cpu/sgd_parameters.hpp"
#include "support/thread_pool.hpp"

namespace tusk {

// As CpuMfSession, of one model without validation: each process has some user stripes, and the
// item stripes travel to where they are trained next (Gemulla et al. 2011, see
// backend/stripes.hpp). A process has room for all items; a stripe is received at its own place,
// which is idle whenever another process has it. Nothing waits but for what it needs: a user stripe
// goes on to the next round as soon as the item stripe of that round has come.
class RingMfSession : public MfSession {
 public:
  RingMfSession(std::shared_ptr<ThreadPool> threads, const CpuKernels& kernels,
                const MfProblem& problem);

  // Throws Interrupted on all processes if the device of one of them is to stop.
  std::vector<SquaredError> run_epoch(std::span<const float> rate) override;
  std::vector<ErrorSums> validate() override { return {{}}; }
  void checkpoint(std::size_t) override {}
  void retire(std::size_t) override { retired_ = true; }
  // On the first process all of the model, on the others nothing.
  MfState state(std::size_t model) const override;
  void save(TrainingState& state) const override;
  void restore(const TrainingState& state) override;

 private:
  class Epoch;  // what is under way in an epoch

  int stripes() const { return blocks_.stripes(); }
  int rank() const { return processes_->rank(); }
  int owner(int user_stripe) const { return owner_[static_cast<std::size_t>(user_stripe)]; }
  // All of the parameters on the first process, none on the others.
  SgdParameters gathered() const;

  std::shared_ptr<ThreadPool> stop_;  // asked between epochs alone
  ThreadPool threads_;
  const CpuKernels& kernels_;
  std::shared_ptr<Communicator> processes_;
  MfFit fit_;
  RatingBlocks blocks_;
  std::vector<int> owner_;   // of each user stripe
  std::vector<int> holder_;  // of each item stripe between epochs; kEverybody before the first
  SgdParameters parameters_;
  std::uint64_t epoch_ = 0;
  bool retired_ = false;
};

}  // namespace tusk
