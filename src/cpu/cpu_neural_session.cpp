#include "cpu/cpu_neural_session.hpp"

#include <algorithm>
#include <utility>

#include "backend/fit_parts.hpp"
#include "backend/neural_parts.hpp"

namespace tusk {

MfMemory CpuNeuralSession::plan(const NeuralProblem& problem) {
  const auto rows = static_cast<std::uint64_t>(problem.ratings.rows()) +
                    static_cast<std::uint64_t>(problem.ratings.columns);
  const auto count = count_labels(problem.label);
  MfMemory memory;
  for (std::size_t m = 0; m < problem.fits.size(); ++m) {
    const NeuralFit& fit = problem.fits[m];
    const auto width = static_cast<std::uint64_t>(fit.params.factors + (fit.params.biased ? 1 : 0));
    const std::uint64_t checkpoints = fit.validate.any() ? 1 : 0;
    const auto columns = static_cast<std::uint64_t>(fit.features.columns);
    memory.parameters += (rows * (3 + checkpoints) + columns * 3) * width * sizeof(float);
    const std::int64_t batch = largest_batch(fit.params, count_part(count, fit.train));
    const std::uint64_t rows_of_batch = columns > 0 ? 4 : 2;
    const auto networks = static_cast<std::uint64_t>(4 + most_pieces(batch));
    memory.working += (static_cast<std::uint64_t>(batch) * rows_of_batch * width +
                       networks * fit.params.shape().size()) *
                      sizeof(float);
    const auto before = problem.fits.begin() + static_cast<std::ptrdiff_t>(m);
    if (std::none_of(problem.fits.begin(), before,
                     [&](const NeuralFit& other) { return same_ratings(fit, other); })) {
      memory.ratings +=
          static_cast<std::uint64_t>(count_part(count, fit.train)) * sizeof(NeuralRating);
      memory.validation +=
          static_cast<std::uint64_t>(count_part(count, fit.validate)) * sizeof(NeuralRating);
    }
  }
  return memory;
}

CpuNeuralSession::CpuNeuralSession(Backend& backend, const NeuralProblem& problem)
    : backend_(backend) {
  for (std::size_t m = 0; m < problem.fits.size(); ++m) {
    const NeuralFit& fit = problem.fits[m];
    std::size_t same = 0;
    while (!same_ratings(problem.fits[same], fit)) ++same;
    Slot slot;
    slot.part = same < m ? slots_[same].part : &parts_.emplace_back(gather_part(problem, fit));
    const Transposed* columns = nullptr;
    if (fit.features.rows() > 0) {
      columns = &columns_.try_emplace(fit.features.column.data(), fit.features).first->second;
    }
    slot.model = std::make_unique<NeuralModel>(fit, problem.scale, *slot.part, columns,
                                               backend.network_kernels());
    slots_.push_back(std::move(slot));
  }
}

template <class Run>
void CpuNeuralSession::share_out(const Run& run) {
  std::vector<std::size_t> active;
  for (std::size_t m = 0; m < slots_.size(); ++m) {
    if (slots_[m].model) active.push_back(m);
  }
  const ForEach one_thread = [&](std::int64_t count, const auto& task) {
    for (std::int64_t i = 0; i < count; ++i) {
      backend_.check_stop();
      task(i);
    }
  };
  const ForEach all_threads = [&](std::int64_t count, const auto& task) {
    backend_.parallel_for(count, task);
  };
  const std::int64_t threads = backend_.threads();
  const std::int64_t alone = std::ssize(active) / threads * threads;
  if (threads > 1) {
    backend_.parallel_for(
        alone, [&](std::int64_t a) { run(active[static_cast<std::size_t>(a)], one_thread); });
  }
  for (auto a = static_cast<std::size_t>(threads > 1 ? alone : 0); a < active.size(); ++a) {
    run(active[a], all_threads);
  }
}

std::vector<SquaredError> CpuNeuralSession::run_epoch(std::span<const float> rate) {
  std::vector<SquaredError> errors;
  for (const EpochErrors& e : run_epochs(rate, slots_.size(), Validate::never)) {
    errors.push_back(e.train);
  }
  return errors;
}

std::vector<EpochErrors> CpuNeuralSession::run_epochs(std::span<const float> rate,
                                                      std::size_t models, Validate validate_after) {
  const std::size_t epochs = rate.size() / models;
  std::vector<EpochErrors> errors(rate.size());
  share_out([&](std::size_t m, const ForEach& for_each) {
    for (std::size_t e = 0; e < epochs; ++e) {
      EpochErrors& of_epoch = errors[e * models + m];
      of_epoch.train = slots_[m].model->train(rate[e * models + m], epoch_ + e, for_each);
      const bool last = e + 1 == epochs;
      if (validate_after == Validate::each || (validate_after == Validate::last && last)) {
        of_epoch.validation = slots_[m].model->validate(for_each);
      }
    }
  });
  epoch_ += epochs;
  return errors;
}

std::vector<ErrorSums> CpuNeuralSession::validate() {
  std::vector<ErrorSums> errors(slots_.size());
  share_out([&](std::size_t m, const ForEach& for_each) {
    errors[m] = slots_[m].model->validate(for_each);
  });
  return errors;
}

void CpuNeuralSession::checkpoint(std::size_t model) {
  slots_[model].checkpoint = slots_[model].now();
}

void CpuNeuralSession::retire(std::size_t model) {
  Slot& slot = slots_[model];
  if (!slot.model) return;
  slot.last = slot.model->weights();
  slot.model.reset();
}

NeuralWeights CpuNeuralSession::state(std::size_t model) const {
  const Slot& slot = slots_[model];
  return slot.checkpoint ? *slot.checkpoint : slot.now();
}

}  // namespace tusk
