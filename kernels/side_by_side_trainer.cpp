#include "side_by_side_trainer.hpp"

#include <algorithm>

#include "backend/stride_order.hpp"
#include "cuda/memory_plan.hpp"
#include "hogwild_launch.hpp"

namespace tusk {

static_assert(sizeof(HogwildArguments) == kSideBySideBytes, "memory plans count on that");

SideBySideTrainer::SideBySideTrainer(HogwildRatings ratings, Precision precision,
                                     cudaStream_t stream)
    : precision_(precision),
      stream_(stream),
      runs_(ratings.runs, stream),
      rating_(ratings.rating, stream),
      label_(ratings.label, stream) {
  TUSK_CUDA_TRY(cudaStreamSynchronize(stream));
}

SideBySideTrainer::~SideBySideTrainer() {
  for (const Lane& lane : lanes_) cudaStreamSynchronize(lane.stream);
}

HogwildArguments SideBySideTrainer::arguments_of(DeviceModel& model, float rate,
                                                 std::uint64_t epoch) const {
  const MfFit& fit = model.fit();
  RandomSequence random(fit.params.seed, random_stream(RandomUse::run_order, epoch));
  const StrideOrder order = draw_stride_order(static_cast<std::uint32_t>(runs_.size()), random);
  HogwildArguments arguments;
  arguments.rows = model.rows();
  arguments.rates = sgd_rates(fit.params, rate);
  arguments.train = label_mask(fit.train);
  arguments.runs = runs_.data();
  arguments.rating = rating_.data();
  arguments.label = label_.data();
  arguments.run_count = runs_.size();
  arguments.order_first = order.first;
  arguments.order_step = order.step;
  arguments.seed = fit.params.seed;
  arguments.epoch = epoch;
  arguments.error = model.errors();
  return arguments;
}

void SideBySideTrainer::start_epoch(std::span<DeviceModel* const> models,
                                    std::span<const float> rate, std::uint64_t epoch) {
  if (runs_.size() == 0) return;
  uploading_.clear();
  for (std::size_t m = 0; m < models.size(); ++m) {
    uploading_.push_back(arguments_of(*models[m], rate[m], epoch));
  }
  const auto length = [](const HogwildArguments& a) { return a.rows.factors_per_lane; };
  std::stable_sort(uploading_.begin(), uploading_.end(),
                   [&](const auto& a, const auto& b) { return length(a) > length(b); });
  if (arguments_.size() < uploading_.size()) {
    arguments_ = DeviceBuffer<HogwildArguments>(uploading_.size(), stream_);
  }
  arguments_.upload(uploading_, stream_);
  ready_.record(stream_);
  std::size_t lane = 0;
  for (auto first = uploading_.begin(); first != uploading_.end(); ++lane) {
    const auto end = std::find_if(first, uploading_.end(),
                                  [&](const auto& a) { return length(a) != length(*first); });
    if (lane == lanes_.size()) lanes_.emplace_back();
    ready_.hold_back(lanes_[lane].stream);
    launch_side_by_side(precision_, length(*first),
                        arguments_.data() + (first - uploading_.begin()),
                        static_cast<int>(end - first), lanes_[lane].stream);
    lanes_[lane].done.record(lanes_[lane].stream);
    lanes_[lane].done.hold_back(stream_);
    first = end;
  }
}

}  // namespace tusk
