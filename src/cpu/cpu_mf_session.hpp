// Matrix factorization on the CPU, reproducible bit for bit with any number of threads.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "backend/fit_parts.hpp"
#include "cpu/kernels.hpp"
#include "cpu/rating_blocks.hpp"
#include "cpu/sgd_parameters.hpp"
#include "support/thread_pool.hpp"

namespace tusk {

// An epoch is `stripes` rounds; a round is as many blocks, no two of which share a user or an item.
// A single model's blocks are shared out to the threads (block_flow.hpp); of several models each is
// trained by one thread. The order of rounds, of blocks in a round and of users in a block is drawn
// from the seed anew in each epoch, so the result depends neither on threads nor on timing nor on
// other models. Each training part that models have is arranged once.
class CpuMfSession : public MfSession {
 public:
  // The memory that a session takes, with as many runs as the ratings could at most be.
  static MfMemory plan(const MfProblem& problem);

  CpuMfSession(std::shared_ptr<ThreadPool> threads, const CpuKernels& kernels,
               const MfProblem& problem);

  std::vector<SquaredError> run_epoch(std::span<const float> rate) override;
  std::vector<ErrorSums> validate() override;
  std::vector<EpochErrors> run_epochs(std::span<const float> rate, std::size_t models,
                                      Validate validate_after) override;
  void checkpoint(std::size_t model) override;
  void retire(std::size_t model) override;
  MfState state(std::size_t model) const override;
  void save(TrainingState& state) const override;
  void restore(const TrainingState& state) override;

 private:
  // The ratings of all models with one training part.
  struct Part {
    RatingBlocks blocks;
    ValidationRatings validation;
  };

  struct Model {
    MfFit fit;
    const Part* part = nullptr;
    SgdParameters now;
    std::optional<SgdParameters> checkpoint;
    bool retired = false;
  };

  // Some of a model's validation ratings, of one label.
  struct ValidationTask {
    std::size_t model = 0;
    std::size_t begin = 0;
    std::size_t count = 0;
  };

  static bool start_alike(const Model& a, const Model& b);
  std::vector<std::size_t> active_models() const;
  // Trains the model for an epoch; in_threads(work) calls work(), in one thread or in several.
  template <class InThreads>
  SquaredError train(Model& model, float rate, std::uint64_t epoch,
                     const InThreads& in_threads) const;
  void add_validation_tasks(std::size_t model, std::vector<ValidationTask>& tasks) const;
  ErrorSums measure(const ValidationTask& task);

  std::shared_ptr<ThreadPool> threads_;
  const CpuKernels& kernels_;
  RatingScale scale_;
  std::deque<Part> parts_;
  std::vector<Model> models_;
  std::uint64_t epoch_ = 0;
};

}  // namespace tusk
