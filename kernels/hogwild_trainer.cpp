#include "hogwild_trainer.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "cuda/hogwild_width.hpp"

namespace tusk {
namespace {

// Where in a slot the parts of a chunk begin, in bytes.
struct SlotLayout {
  std::size_t ratings = 0;
  std::size_t labels = 0;
};

SlotLayout slot_layout(const RunChunk& chunk) {
  SlotLayout layout;
  layout.ratings = chunk.runs * sizeof(UserRun);
  layout.labels = layout.ratings + static_cast<std::size_t>(chunk.ratings) * sizeof(PackedRating);
  return layout;
}

template <class Values>
void copy_part(unsigned char* to, const Values& from, std::size_t first, std::size_t count,
               cudaStream_t stream) {
  if (count == 0) return;
  TUSK_CUDA_TRY(cudaMemcpyAsync(to, from.data() + first, count * sizeof(*from.data()),
                                cudaMemcpyHostToDevice, stream));
}

}  // namespace

HogwildTrainer::HogwildTrainer(HogwildRatings ratings, Index users, Index items,
                               Precision precision, int device, cudaStream_t stream,
                               cudaStream_t copy_stream)
    : host_(std::move(ratings)),
      labelled_(!host_.label.empty()),
      precision_(precision),
      stream_(stream),
      copy_stream_(copy_stream),
      taken_(1, stream) {
  int multiprocessors = 0;
  TUSK_CUDA_TRY(cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device));
  warps_ = hogwild_warps(users, items, multiprocessors);
  std::uint64_t largest = 0;
  for (const RunChunk& chunk : host_.chunks) {
    largest = std::max(largest, chunk.bytes(labelled_));
  }
  const std::size_t slots = host_.chunks.size() > 1 ? 2 : 1;
  for (std::size_t s = 0; s < slots; ++s) {
    slots_.push_back({DeviceBuffer<unsigned char>(largest, stream), {}, {}});
  }
  // The slots are there for the copying stream, too.
  TUSK_CUDA_TRY(cudaStreamSynchronize(stream));
  if (host_.chunks.empty()) return;
  if (!resident()) {
    const auto pin = [&](const auto& values) {
      if (!values.empty()) pinned_.emplace_back(values.data(), values.size() * sizeof(values[0]));
    };
    pin(host_.runs);
    pin(host_.rating);
    pin(host_.label);
    return;
  }
  fill(slots_[0], host_.chunks[0], stream);
  TUSK_CUDA_TRY(cudaStreamSynchronize(stream));
  host_.runs = {};
  host_.rating = {};
  host_.label = {};
}

void HogwildTrainer::fill(Slot& slot, const RunChunk& chunk, cudaStream_t stream) {
  const SlotLayout layout = slot_layout(chunk);
  const auto first = static_cast<std::size_t>(chunk.first_rating);
  const auto ratings = static_cast<std::size_t>(chunk.ratings);
  unsigned char* const to = slot.bytes.data();
  copy_part(to, host_.runs, chunk.first_run, chunk.runs, stream);
  copy_part(to + layout.ratings, host_.rating, first, ratings, stream);
  if (labelled_) copy_part(to + layout.labels, host_.label, first, ratings, stream);
}

void HogwildTrainer::start_chunk(Slot& slot, std::size_t chunk_number, DeviceModel& model,
                                 float rate, std::uint64_t epoch) {
  const RunChunk& chunk = host_.chunks[chunk_number];
  const SlotLayout layout = slot_layout(chunk);
  const MfFit& fit = model.fit();
  RandomSequence random(fit.params.seed,
                        random_stream(RandomUse::run_order, (epoch << 20) + chunk_number));
  HogwildArguments arguments;
  arguments.rows = model.rows();
  arguments.rates = sgd_rates(fit.params, rate);
  arguments.train = label_mask(fit.train);
  const unsigned char* const bytes = slot.bytes.data();
  arguments.runs = reinterpret_cast<const UserRun*>(bytes);
  arguments.rating = reinterpret_cast<const PackedRating*>(bytes + layout.ratings);
  if (labelled_) arguments.label = bytes + layout.labels;
  arguments.run_count = chunk.runs;
  arguments.first_run = chunk.first_run;
  arguments.first_rating = chunk.first_rating;
  // From any one on forwards or backwards, which keeps runs of a user apart.
  arguments.order_first = random.below(static_cast<std::uint32_t>(chunk.runs));
  arguments.order_step = random.below(2) == 0 ? 1 : chunk.runs - 1;
  arguments.seed = fit.params.seed;
  arguments.epoch = epoch;
  arguments.taken = taken_.data();
  arguments.error = model.errors();
  taken_.clear(stream_);
  launch_hogwild(precision_, arguments, warps_, stream_);
}

void HogwildTrainer::start_epoch(std::span<DeviceModel* const> models, std::span<const float> rate,
                                 std::uint64_t epoch) {
  std::vector<std::size_t> order(host_.chunks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  RandomSequence(models.front()->fit().params.seed, random_stream(RandomUse::block_order, epoch))
      .shuffle(order);
  for (std::size_t n = 0; n < order.size(); ++n) {
    Slot& slot = slots_[n % slots_.size()];
    if (!resident()) {
      slot.trained.hold_back(copy_stream_);
      fill(slot, host_.chunks[order[n]], copy_stream_);
      slot.filled.record(copy_stream_);
      slot.filled.hold_back(stream_);
    }
    for (std::size_t m = 0; m < models.size(); ++m) {
      start_chunk(slot, order[n], *models[m], rate[m], epoch);
    }
    if (!resident()) slot.trained.record(stream_);
  }
}

}  // namespace tusk
