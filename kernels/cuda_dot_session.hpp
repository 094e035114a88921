// Top-K search on a GPU.
#pragma once

#include <vector>

#include "cuda/cuda_device.hpp"
#include "cuda_handles.hpp"
#include "topk_arguments.hpp"

namespace tusk {

// The model, in fp32 and as the tensor cores take it, and what is excluded stay in the GPU's
// memory. Users are searched for in batches, whose memory is kept from one query to the next.
class CudaDotSession : public DotSession {
 public:
  CudaDotSession(int device, const CudaDotWork& work);
  ~CudaDotSession() override;

  std::vector<std::size_t> query(std::span<const Index> rows, int k, TopK& top) override;
  double search_milliseconds() const override { return search_milliseconds_; }

 private:
  // What a batch of users is searched for in.
  struct Batch {
    DeviceBuffer<Index> row;
    DeviceBuffer<__half> packed;
    DeviceBuffer<UserScale> scale;
    DeviceBuffer<ListEntry> list;
    DeviceBuffer<int> length;
    DeviceBuffer<Index> index;
    DeviceBuffer<float> score;
  };

  void make_room(std::size_t users, const ListSizes& sizes);
  // Queues the search for a batch.
  void search(std::span<const Index> rows);

  int device_;
  std::uint64_t batch_bytes_;
  CudaStream stream_;
  CudaTimer timer_;
  DeviceBuffer<float> user_factor_;
  DeviceBuffer<float> item_factor_;
  DeviceBuffer<float> user_bias_;
  DeviceBuffer<float> item_bias_;
  DeviceBuffer<std::int64_t> excluded_offset_;
  DeviceBuffer<Index> excluded_item_;
  DeviceBuffer<Index> item_;
  DeviceBuffer<Index> rank_;
  DeviceBuffer<Index> ranked_;
  DeviceBuffer<__half> packed_item_;
  DeviceBuffer<float> packed_bias_;
  DeviceBuffer<ItemNorms> norms_;
  TopKArguments arguments_;
  Batch batch_;
  double search_milliseconds_ = 0;
};

}  // namespace tusk
