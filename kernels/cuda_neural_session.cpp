#include "cuda_neural_session.hpp"

namespace tusk {

CudaNeuralSession::CudaNeuralSession(int device, const CudaNeuralWork& work)
    : device_(choose_device(device)),
      algebra_(stream_, work.precision),
      room_(kNeuralLibraryRoom, stream_),
      check_stop_(work.plan.check_stop),
      buffers_(work.plan.room, stream_) {
  algebra_.take_room(room_);
  for (const NeuralPart& part : work.parts) parts_.emplace_back(part, stream_);
  for (const CsrView& features : work.features) features_.emplace_back(features, stream_);
  for (std::size_t m = 0; m < work.models.size(); ++m) {
    const CudaNeuralWork::Model& model = work.models[m];
    const CudaNeuralModel::Context context = {
        parts_[model.part], model.features ? &features_[*model.features] : nullptr, buffers_,
        algebra_, stream_};
    slots_.push_back(
        {std::make_unique<CudaNeuralModel>(work, model, work.plan.portions[m], context)});
  }
  // The work may be gone after this.
  stream_.wait();
}

CudaNeuralSession::~CudaNeuralSession() {
  // After a failure nothing more is known of the stream, and there is nobody to tell.
  cudaSetDevice(device_);
  cudaStreamSynchronize(stream_);
}

std::vector<SquaredError> CudaNeuralSession::run_epoch(std::span<const float> rate) {
  choose_device(device_);
  std::vector<SquaredError> errors(slots_.size());
  for (std::size_t m = 0; m < slots_.size(); ++m) {
    if (!slots_[m].retired) errors[m] = slots_[m].model->train(rate[m], epoch_, check_stop_);
  }
  ++epoch_;
  return errors;
}

std::vector<ErrorSums> CudaNeuralSession::validate() {
  choose_device(device_);
  std::vector<ErrorSums> errors(slots_.size());
  for (std::size_t m = 0; m < slots_.size(); ++m) {
    check_stop_();
    if (!slots_[m].retired) errors[m] = slots_[m].model->validate();
  }
  return errors;
}

void CudaNeuralSession::checkpoint(std::size_t model) {
  choose_device(device_);
  slots_[model].model->pack();
  slots_[model].has_checkpoint = true;
}

void CudaNeuralSession::retire(std::size_t model) { slots_[model].retired = true; }

NeuralWeights CudaNeuralSession::state(std::size_t model) const {
  choose_device(device_);
  const Slot& slot = slots_[model];
  if (!slot.has_checkpoint) slot.model->pack();
  return slot.model->packed();
}

}  // namespace tusk
