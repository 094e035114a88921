#include "train/epoch_stepper.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <utility>

namespace tusk {

float schedule_factor(Schedule schedule, double decay, int epoch) {
  const double t = epoch - 1;
  switch (schedule) {
    case Schedule::constant:
      return 1;
    case Schedule::inverse:
      return static_cast<float>(1 / (1 + decay * t));
    case Schedule::exponential:
      return static_cast<float>(std::pow(decay, t));
  }
  return 1;
}

double largest_sane_error(RatingScale scale) {
  const float largest =
      std::max({std::abs(scale.low), std::abs(scale.high), scale.high - scale.low});
  return largest > 0 ? 10 * largest : 10;
}

EpochStepper::EpochStepper(EpochSession& session, std::vector<ModelPlan> models, RatingScale scale)
    : session_(session),
      models_(std::move(models)),
      largest_sane_error_(largest_sane_error(scale)),
      active_(models_.size(), true) {}

bool EpochStepper::done() const {
  return std::none_of(active_.begin(), active_.end(), [](bool a) { return a; });
}

int EpochStepper::epochs_left() const {
  int left = std::numeric_limits<int>::max();
  for (std::size_t m = 0; m < models_.size(); ++m) {
    if (active_[m]) left = std::min(left, models_[m].epochs - epoch_);
  }
  return left;
}

const std::vector<EpochStepper::Epoch>& EpochStepper::step(int epochs, Validate validate) {
  using Clock = std::chrono::steady_clock;
  std::vector<float> rate;
  for (int epoch = epoch_ + 1; epoch <= epoch_ + epochs; ++epoch) {
    for (const ModelPlan& plan : models_) {
      rate.push_back(schedule_factor(plan.schedule, plan.decay, epoch));
    }
  }
  const auto start = Clock::now();
  const auto errors = session_.run_epochs(rate, models_.size(), validate);
  seconds_per_epoch_ = std::chrono::duration<double>(Clock::now() - start).count() / epochs;
  stepped_.assign(static_cast<std::size_t>(epochs), {});
  for (std::size_t e = 0; e < stepped_.size(); ++e) {
    ++epoch_;
    const bool validated =
        validate == Validate::each || (validate == Validate::last && e + 1 == stepped_.size());
    for (std::size_t m = 0; m < models_.size(); ++m) {
      if (!active_[m]) continue;
      const auto& [train, validation] = errors[e * models_.size() + m];
      ModelEpoch& one = stepped_[e].emplace_back();
      one.model = m;
      one.epoch = epoch_;
      one.rate = rate[e * models_.size() + m];
      one.ratings = train.count;
      one.train_rmse = std::sqrt(train.sum / static_cast<double>(train.count));
      one.validation = validation;
      one.diverged = !(one.train_rmse <= largest_sane_error_) ||
                     (validated && !std::isfinite(validation.rmse()));
      if (epoch_ >= models_[m].epochs) retire(m);
    }
  }
  return stepped_;
}

void EpochStepper::go_on_after(int epochs) {
  epoch_ = epochs;
  for (std::size_t m = 0; m < models_.size(); ++m) {
    if (epoch_ >= models_[m].epochs) retire(m);
  }
}

void EpochStepper::retire(std::size_t model) {
  if (!active_[model]) return;
  active_[model] = false;
  session_.retire(model);
}

}  // namespace tusk
