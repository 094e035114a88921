#include "cuda_mf_session.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "cuda/memory_plan.hpp"
#include "hogwild_trainer.hpp"
#include "model_launch.hpp"
#include "side_by_side_trainer.hpp"
#include "strata_trainer.hpp"

namespace tusk {

CudaMfSession::CudaMfSession(int device, CudaMfWork work)
    : device_(choose_device(device)),
      scale_(work.scale),
      precision_(work.options.precision),
      validation_offset_(std::move(work.validation.offset)),
      validation_user_(work.validation.user, stream_),
      validation_item_(work.validation.item, stream_),
      validation_rating_(work.validation.rating, stream_) {
  if (auto* const strata = std::get_if<StrataRatings>(&work.ratings)) {
    trainer_ = std::make_unique<StrataTrainer>(std::move(*strata), precision_, stream_);
  } else if (auto& ratings = std::get<HogwildRatings>(work.ratings); work.side_by_side) {
    trainer_ = std::make_unique<SideBySideTrainer>(std::move(ratings), precision_, stream_);
  } else {
    trainer_ = std::make_unique<HogwildTrainer>(std::move(ratings), work.users, work.items,
                                                precision_, device, stream_, copy_stream_);
  }
  std::size_t unpacked = 0;
  models_.reserve(work.fits.size());
  for (std::size_t m = 0; m < work.fits.size(); ++m) {
    const MfFit& fit = work.fits[m];
    models_.emplace_back(fit, work.users, work.items, *work.rated[m], precision_,
                         error_places(trainer_->error_places(fit)), trainer_->row_numbers(),
                         stream_);
    unpacked = std::max(unpacked, unpacked_floats(work.users, work.items, fit.params.factors));
  }
  totals_ = DeviceBuffer<ErrorSums>(models_.size(), stream_);
  unpacked_ = DeviceBuffer<float>(unpacked, stream_);
  stream_.wait();
}

CudaMfSession::~CudaMfSession() {
  // After a failure nothing more is known of the streams, and there is nobody to tell.
  cudaSetDevice(device_);
  cudaStreamSynchronize(copy_stream_);
  cudaStreamSynchronize(stream_);
  trainer_.reset();  // waits for its own streams, which use the models
}

std::vector<SquaredError> CudaMfSession::run_epoch(std::span<const float> rate) {
  choose_device(device_);
  std::vector<DeviceModel*> active;
  std::vector<float> active_rate;
  for (std::size_t m = 0; m < models_.size(); ++m) {
    if (models_[m].retired) continue;
    active.push_back(&models_[m]);
    active_rate.push_back(rate[m]);
    models_[m].clear_errors();
  }
  if (!active.empty()) trainer_->start_epoch(active, active_rate, epoch_);
  ++epoch_;
  totals_.clear(stream_);
  for (std::size_t m = 0; m < models_.size(); ++m) {
    if (models_[m].retired) continue;
    models_[m].add_up_errors(trainer_->error_places(models_[m].fit()), totals_.data() + m);
  }
  std::vector<SquaredError> errors;
  for (const ErrorSums& total : read_totals()) errors.push_back({total.squared, total.count});
  return errors;
}

std::vector<ErrorSums> CudaMfSession::read_totals() {
  std::vector<ErrorSums> totals(models_.size());
  totals_.download(totals, stream_);
  stream_.wait();
  return totals;
}

std::vector<ErrorSums> CudaMfSession::validate() {
  choose_device(device_);
  totals_.clear(stream_);
  const auto measured = [](const DeviceModel& model) {
    return !model.retired && model.fit().validate.any();
  };
  for (std::size_t m = 0; m < models_.size(); ++m) {
    DeviceModel& model = models_[m];
    if (!measured(model)) continue;
    model.clear_errors();
    const LabelSet& labels = model.fit().validate;
    for (std::size_t label = 0; label < labels.size();) {
      // Ratings of labels that follow each other follow each other, too.
      std::size_t end = label;
      while (end < labels.size() && labels.test(end)) ++end;
      const std::int64_t first = validation_offset_[label];
      ValidationArguments arguments;
      arguments.rows = model.rows();
      arguments.user = validation_user_.data() + first;
      arguments.item = validation_item_.data() + first;
      arguments.rating = validation_rating_.data() + first;
      arguments.count = validation_offset_[end] - first;
      arguments.scale = scale_;
      arguments.error = model.errors();
      if (arguments.count > 0) launch_validation(precision_, arguments, stream_);
      label = end + 1;
    }
    model.add_up_errors(kValidationWarps, totals_.data() + m);
  }
  return read_totals();
}

void CudaMfSession::checkpoint(std::size_t model) {
  choose_device(device_);
  models_[model].checkpoint();
}

void CudaMfSession::retire(std::size_t model) { models_[model].retired = true; }

MfState CudaMfSession::state(std::size_t model) const {
  choose_device(device_);
  return models_[model].state(unpacked_);
}

}  // namespace tusk
