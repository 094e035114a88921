// Neural networks on the threads of the CPU, reproducible bit for bit with any number of them.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "backend/neural_session.hpp"
#include "cpu/neural_model.hpp"

namespace tusk {

// A single model is trained by all threads; of several, as many as can be shared out evenly are
// trained by a thread each.
class CpuNeuralSession : public NeuralSession {
 public:
  static MfMemory plan(const NeuralProblem& problem);

  // The backend is borrowed: its parallel_for(), check_stop() and network_kernels().
  CpuNeuralSession(Backend& backend, const NeuralProblem& problem);

  std::vector<SquaredError> run_epoch(std::span<const float> rate) override;
  std::vector<ErrorSums> validate() override;
  std::vector<EpochErrors> run_epochs(std::span<const float> rate, std::size_t models,
                                      Validate validate_after) override;
  void checkpoint(std::size_t model) override;
  void retire(std::size_t model) override;
  NeuralWeights state(std::size_t model) const override;

 private:
  struct Slot {
    const NeuralPart* part = nullptr;
    NeuralWeights now() const { return model ? model->weights() : *last; }

    std::unique_ptr<NeuralModel> model;  // null: retired
    std::optional<NeuralWeights> last;   // of a retired model
    std::optional<NeuralWeights> checkpoint;
  };

  // Calls run(m, for_each) for the models that are not retired.
  template <class Run>
  void share_out(const Run& run);

  Backend& backend_;
  std::deque<NeuralPart> parts_;
  std::map<const Index*, Transposed> columns_;  // of features, by where they are
  std::vector<Slot> slots_;
  std::uint64_t epoch_ = 0;
};

}  // namespace tusk
