#include "backend/neural_session.hpp"

#include <algorithm>
#include <cmath>

#include "cpu/cpu_neural_session.hpp"
#include "support/host_memory.hpp"

namespace tusk {

NeuralOutput::NeuralOutput(RatingScale scale, float mean, bool squashed)
    : squashed_(squashed), low_(scale.low), range_(scale.high - scale.low), middle_(mean) {
  if (!squashed) return;
  constexpr float kLeast = 0.01f;  // so that a mean at an end of the scale has a finite place
  const float share = range_ > 0 ? (mean - low_) / range_ : 0.5f;
  const float inside = std::clamp(share, kLeast, 1 - kLeast);
  middle_ = std::log(inside / (1 - inside));
}

float NeuralOutput::rating(float sum) const {
  if (!squashed_) return middle_ + sum;
  return low_ + range_ / (1 + std::exp(-(middle_ + sum)));
}

float NeuralOutput::slope(float sum) const {
  if (!squashed_) return 1;
  const float share = 1 / (1 + std::exp(-(middle_ + sum)));
  return range_ * share * (1 - share);
}

MfMemory plan_neural(const NeuralProblem& problem) {
  MfMemory memory = CpuNeuralSession::plan(problem);
  memory.available = available_host_memory();
  return memory;
}

}  // namespace tusk
