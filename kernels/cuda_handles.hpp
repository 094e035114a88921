// Streams, events, and memory of the GPU and of the host, each with one owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <cuda_runtime_api.h>

#include "cuda_check.hpp"

namespace tusk {

// Calls of the CUDA runtime are about the device that the calling thread has chosen. A session's
// streams and memory are those of the one that is chosen before its members are made.
inline int choose_device(int device) {
  TUSK_CUDA_TRY(cudaSetDevice(device));
  return device;
}

// How many numbers a matrix has.
inline std::size_t matrix_size(std::int64_t rows, std::int64_t columns) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
}

class CudaStream {
 public:
  enum class Priority { normal, high };  // what is of high priority begins first
  explicit CudaStream(Priority priority = Priority::normal) {
    int lowest = 0;
    int highest = 0;
    if (priority == Priority::high) {
      TUSK_CUDA_TRY(cudaDeviceGetStreamPriorityRange(&lowest, &highest));
    }
    TUSK_CUDA_TRY(cudaStreamCreateWithPriority(&stream_, cudaStreamNonBlocking, highest));
  }
  ~CudaStream() { cudaStreamDestroy(stream_); }
  CudaStream(const CudaStream&) = delete;
  CudaStream& operator=(const CudaStream&) = delete;

  operator cudaStream_t() const { return stream_; }
  void wait() const { TUSK_CUDA_TRY(cudaStreamSynchronize(stream_)); }

 private:
  cudaStream_t stream_ = nullptr;
};

class CudaEvent {
 public:
  CudaEvent() : CudaEvent(cudaEventDisableTiming) {}
  explicit CudaEvent(unsigned flags) { TUSK_CUDA_TRY(cudaEventCreateWithFlags(&event_, flags)); }
  ~CudaEvent() {
    if (event_ != nullptr) cudaEventDestroy(event_);
  }
  CudaEvent(CudaEvent&& other) noexcept : event_(std::exchange(other.event_, nullptr)) {}
  CudaEvent& operator=(CudaEvent&&) = delete;

  operator cudaEvent_t() const { return event_; }
  void record(cudaStream_t stream) const { TUSK_CUDA_TRY(cudaEventRecord(event_, stream)); }
  // What is queued in `stream` from now on waits for what was recorded.
  void hold_back(cudaStream_t stream) const {
    TUSK_CUDA_TRY(cudaStreamWaitEvent(stream, event_, 0));
  }

 private:
  cudaEvent_t event_ = nullptr;
};

// The time that the GPU takes for what is queued between start() and stop().
class CudaTimer {
 public:
  void start(cudaStream_t stream) const { begin_.record(stream); }
  void stop(cudaStream_t stream) const { end_.record(stream); }
  // Once the stream has come to stop().
  double milliseconds() const {
    float elapsed = 0;
    TUSK_CUDA_TRY(cudaEventElapsedTime(&elapsed, begin_, end_));
    return static_cast<double>(elapsed);
  }

 private:
  CudaEvent begin_{cudaEventDefault};
  CudaEvent end_{cudaEventDefault};
};

// Memory of the GPU, allocated and freed in the order of a stream, which must outlive it.
template <class T>
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  DeviceBuffer(std::size_t size, cudaStream_t stream) : size_(size), stream_(stream) {
    if (size == 0) return;
    void* data = nullptr;
    TUSK_CUDA_TRY(cudaMallocAsync(&data, size * sizeof(T), stream));
    data_ = static_cast<T*>(data);
  }
  DeviceBuffer(std::span<const T> values, cudaStream_t stream)
      : DeviceBuffer(values.size(), stream) {
    upload(values, stream);
  }
  ~DeviceBuffer() {
    if (data_ != nullptr) cudaFreeAsync(data_, stream_);
  }
  DeviceBuffer(DeviceBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        stream_(other.stream_) {}
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(stream_, other.stream_);
    return *this;
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::size_t bytes() const { return size_ * sizeof(T); }

  // `values` must stay as they are until the stream has come to this.
  void upload(std::span<const T> values, cudaStream_t stream) {
    if (values.empty()) return;
    TUSK_CUDA_TRY(
        cudaMemcpyAsync(data_, values.data(), values.size_bytes(), cudaMemcpyHostToDevice, stream));
  }
  // From the value numbered `first` on; `values` are there once the stream has come to this.
  void download(std::span<T> values, cudaStream_t stream, std::size_t first = 0) const {
    if (values.empty()) return;
    TUSK_CUDA_TRY(cudaMemcpyAsync(values.data(), data_ + first, values.size_bytes(),
                                  cudaMemcpyDeviceToHost, stream));
  }
  void clear(cudaStream_t stream) {
    if (size_ > 0) TUSK_CUDA_TRY(cudaMemsetAsync(data_, 0, bytes(), stream));
  }
  // From a buffer of the same size.
  void copy(const DeviceBuffer& other, cudaStream_t stream) {
    if (size_ == 0) return;
    TUSK_CUDA_TRY(cudaMemcpyAsync(data_, other.data_, bytes(), cudaMemcpyDeviceToDevice, stream));
  }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
  cudaStream_t stream_ = nullptr;
};

// Host memory that the system may not move, as long as this lives: copies from it go on beside
// computation. Where the system does not grant that, they do not.
class PinnedMemory {
 public:
  PinnedMemory(const void* data, std::size_t bytes) : data_(const_cast<void*>(data)) {
    if (cudaHostRegister(data_, bytes, cudaHostRegisterDefault) == cudaSuccess) return;
    cudaGetLastError();
    data_ = nullptr;
  }
  ~PinnedMemory() {
    if (data_ != nullptr) cudaHostUnregister(data_);
  }
  PinnedMemory(PinnedMemory&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  PinnedMemory& operator=(PinnedMemory&&) = delete;

 private:
  void* data_ = nullptr;
};

}  // namespace tusk
