#include "cuda_dot_session.hpp"

#include <algorithm>

#include "cuda/topk_layout.hpp"
#include "topk_launch.hpp"

namespace tusk {
namespace {

std::size_t places(std::size_t items) { return (items + kStepItems - 1) / kStepItems * kStepItems; }

std::size_t packed_size(std::size_t rows, int factors) {
  return rows * static_cast<std::size_t>(factor_chunks(factors) * kChunkFactors);
}

}  // namespace

CudaDotSession::CudaDotSession(int device, const CudaDotWork& work)
    : device_(choose_device(device)),
      batch_bytes_(work.batch_bytes),
      user_factor_(work.state->user_factors, stream_),
      item_factor_(work.state->item_factors, stream_),
      user_bias_(work.state->user_bias, stream_),
      item_bias_(work.state->item_bias, stream_),
      excluded_offset_(work.exclude.offset, stream_),
      excluded_item_(work.exclude.column, stream_),
      item_(work.items, stream_),
      rank_(work.rank, stream_),
      ranked_(work.candidates, stream_),
      packed_item_(packed_size(places(work.items.size()), work.state->factors), stream_),
      packed_bias_(places(work.items.size()), stream_),
      norms_(1, stream_) {
  norms_.clear(stream_);
  TopKItems& items = arguments_.items;
  items.factor = item_factor_.data();
  items.bias = item_bias_.data();
  items.item = item_.data();
  items.rank = rank_.data();
  items.ranked = ranked_.data();
  items.items = static_cast<int>(work.items.size());
  items.steps = static_cast<int>(places(work.items.size()) / kStepItems);
  items.exponent = work.item_exponent;
  items.packed = packed_item_.data();
  items.packed_bias = packed_bias_.data();
  items.norms = norms_.data();
  arguments_.users.factor = user_factor_.data();
  arguments_.users.bias = user_bias_.data();
  arguments_.factors = work.state->factors;
  arguments_.chunks = factor_chunks(work.state->factors);
  arguments_.mean = work.state->mean;
  arguments_.largest_item_bias = work.largest_item_bias;
  arguments_.most_exponent = work.most_exponent;
  arguments_.excluded_offset = excluded_item_.size() == 0 ? nullptr : excluded_offset_.data();
  arguments_.excluded_item = excluded_item_.data();
  launch_pack_items(arguments_, stream_);
  stream_.wait();
}

CudaDotSession::~CudaDotSession() {
  // After a failure nothing more is known of the stream, and there is nobody to tell.
  cudaSetDevice(device_);
  cudaStreamSynchronize(stream_);
}

void CudaDotSession::make_room(std::size_t users, const ListSizes& sizes) {
  const std::size_t entries = users * static_cast<std::size_t>(sizes.capacity);
  const std::size_t results = users * static_cast<std::size_t>(sizes.k);
  // The last of them is there only if all are.
  const bool enough =
      batch_.row.size() >= users && batch_.list.size() >= entries && batch_.score.size() >= results;
  if (!enough) {
    batch_ = {};
    batch_.row = DeviceBuffer<Index>(users, stream_);
    batch_.packed = DeviceBuffer<__half>(packed_size(users, arguments_.factors), stream_);
    batch_.scale = DeviceBuffer<UserScale>(users, stream_);
    batch_.list = DeviceBuffer<ListEntry>(entries, stream_);
    batch_.length = DeviceBuffer<int>(users, stream_);
    batch_.index = DeviceBuffer<Index>(results, stream_);
    batch_.score = DeviceBuffer<float>(results, stream_);
  }
  arguments_.users.row = batch_.row.data();
  arguments_.users.packed = batch_.packed.data();
  arguments_.users.scale = batch_.scale.data();
  arguments_.list = batch_.list.data();
  arguments_.length = batch_.length.data();
  arguments_.index = batch_.index.data();
  arguments_.score = batch_.score.data();
  arguments_.sizes = sizes;
}

void CudaDotSession::search(std::span<const Index> rows) {
  arguments_.users.users = static_cast<int>(rows.size());
  arguments_.users.padded =
      static_cast<int>((rows.size() + kBlockUsers - 1) / kBlockUsers * kBlockUsers);
  batch_.row.upload(rows, stream_);
  timer_.start(stream_);
  launch_pack_users(arguments_, stream_);
  launch_collect_best(arguments_, stream_);
  launch_finish_lists(arguments_, stream_);
  timer_.stop(stream_);
}

std::vector<std::size_t> CudaDotSession::query(std::span<const Index> rows, int k, TopK& top) {
  TUSK_CUDA_TRY(cudaSetDevice(device_));
  const auto width = static_cast<std::size_t>(k);
  const std::size_t batch = users_per_batch(batch_bytes_, arguments_.factors, k, rows.size());
  make_room(batch, list_sizes(k));
  search_milliseconds_ = 0;
  std::vector<std::size_t> undecided;
  std::vector<int> length(std::min(batch, rows.size()));
  for (std::size_t first = 0; first < rows.size(); first += batch) {
    const std::size_t users = std::min(batch, rows.size() - first);
    search(rows.subspan(first, users));
    batch_.index.download(std::span(top.index).subspan(first * width, users * width), stream_);
    batch_.score.download(std::span(top.score).subspan(first * width, users * width), stream_);
    batch_.length.download(std::span(length).first(users), stream_);
    stream_.wait();
    search_milliseconds_ += timer_.milliseconds();
    for (std::size_t u = 0; u < users; ++u) {
      if (length[u] == kTooLong) undecided.push_back(first + u);
    }
  }
  return undecided;
}

}  // namespace tusk
