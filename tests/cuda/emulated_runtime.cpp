// The CUDA runtime of the emulated GPU.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include <cuda_runtime_api.h>

#include "tests/cuda/emulated_gpu.hpp"

namespace tusk::test {
namespace {

std::map<void*, std::size_t>& allocations() {
  static thread_local std::map<void*, std::size_t> bytes;
  return bytes;
}

// What a stream leaves to be done as late as may be.
struct LateWork {
  std::deque<std::function<void()>> left;
  std::size_t done = 0;

  // All of the first `count`.
  void finish(std::size_t count) {
    for (; done < count; ++done) {
      const auto work = std::move(left.front());
      left.pop_front();
      work();
    }
  }
};

std::map<cudaStream_t, LateWork>& late_work() {
  static thread_local std::map<cudaStream_t, LateWork> work;
  return work;
}

// Where each event was recorded last.
struct Recorded {
  cudaStream_t stream = nullptr;
  std::size_t late = 0;  // of the stream's late work came before
};

std::map<cudaEvent_t, Recorded>& recorded() {
  static thread_local std::map<cudaEvent_t, Recorded> events;
  return events;
}

using Work = std::vector<std::function<void()>>;

// The stream that is captured, and what for; one is at a time.
struct Capture {
  cudaStream_t stream = nullptr;
  Work work;
};

Capture& capture() {
  static thread_local Capture capture;
  return capture;
}

bool is_captured(cudaStream_t stream) { return stream != nullptr && capture().stream == stream; }

cudaError_t next_result() {
  int& left = emulated_calls().before_failure;
  if (left < 0) return cudaSuccess;
  return left-- == 0 ? cudaErrorUnknown : cudaSuccess;
}

template <class Handle>
cudaError_t make_handle(Handle* handle) {
  *handle = reinterpret_cast<Handle>(new char);
  ++emulated_memory().handles;
  return cudaSuccess;
}

template <class Handle>
cudaError_t destroy_handle(Handle handle) {
  delete reinterpret_cast<char*>(handle);
  --emulated_memory().handles;
  return cudaSuccess;
}

}  // namespace

cudaError_t start_on(cudaStream_t stream) {
  const cudaError_t result = next_result();
  if (result == cudaSuccess && !is_captured(stream)) emulated_calls().running.insert(stream);
  return result;
}

cudaError_t queue(cudaStream_t stream, const std::function<void()>& work) {
  const cudaError_t result = start_on(stream);
  if (result != cudaSuccess) return result;
  if (is_captured(stream)) {
    capture().work.push_back(work);
  } else {
    work();
  }
  return result;
}

void queue_late(cudaStream_t stream, std::function<void()> work) {
  late_work()[stream].left.push_back(std::move(work));
}

void drop_late(cudaStream_t stream) { late_work().erase(stream); }

EmulatedMemory& emulated_memory() {
  static thread_local EmulatedMemory memory;
  return memory;
}

EmulatedCalls& emulated_calls() {
  static thread_local EmulatedCalls calls;
  return calls;
}

}  // namespace tusk::test

using tusk::test::allocations;
using tusk::test::capture;
using tusk::test::destroy_handle;
using tusk::test::emulated_calls;
using tusk::test::emulated_memory;
using tusk::test::is_captured;
using tusk::test::late_work;
using tusk::test::make_handle;
using tusk::test::next_result;
using tusk::test::recorded;
using tusk::test::start_on;
using tusk::test::Work;

extern "C" {

cudaError_t cudaSetDevice(int) { return cudaSuccess; }
cudaError_t cudaGetLastError() { return cudaSuccess; }
const char* cudaGetErrorString(cudaError_t) { return "an emulated error"; }
const char* cudaGetErrorName(cudaError_t) { return "emulated"; }
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr, int) {
  *value = 2;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetStreamPriorityRange(int* lowest, int* highest) {
  *lowest = 0;
  *highest = -1;
  return cudaSuccess;
}
cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned, int) {
  return make_handle(stream);
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  late_work().erase(stream);
  return destroy_handle(stream);
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  if (is_captured(stream)) return cudaErrorStreamCaptureUnsupported;
  const cudaError_t result = next_result();
  if (result == cudaSuccess) {
    auto& late = late_work()[stream];
    late.finish(late.done + late.left.size());
  }
  emulated_calls().running.erase(stream);
  return result;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  const cudaError_t result = next_result();
  const auto from = recorded().find(event);
  if (result != cudaSuccess || from == recorded().end()) return result;
  late_work()[from->second.stream].finish(from->second.late);
  // Who waits for this stream waits for what was recorded, too.
  auto& running = emulated_calls().running;
  if (running.erase(from->second.stream) > 0) running.insert(stream);
  return result;
}
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  const cudaError_t result = next_result();
  if (result == cudaSuccess) capture() = {stream, {}};
  return result;
}
cudaError_t cudaStreamEndCapture(cudaStream_t, cudaGraph_t* graph) {
  Work work = std::exchange(capture(), {}).work;
  const cudaError_t result = next_result();
  if (result != cudaSuccess) return result;
  *graph = reinterpret_cast<cudaGraph_t>(new Work(std::move(work)));
  ++emulated_memory().handles;
  return result;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                 unsigned long long) {
  const cudaError_t result = next_result();
  if (result != cudaSuccess) return result;
  *executable = reinterpret_cast<cudaGraphExec_t>(new Work(*reinterpret_cast<Work*>(graph)));
  ++emulated_memory().handles;
  return result;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete reinterpret_cast<Work*>(graph);
  --emulated_memory().handles;
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  if (!emulated_calls().running.empty()) ++emulated_calls().freed_in_use;
  delete reinterpret_cast<Work*>(executable);
  --emulated_memory().handles;
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  const cudaError_t result = start_on(stream);
  if (result != cudaSuccess) return result;
  for (const auto& work : *reinterpret_cast<Work*>(executable)) work();
  return result;
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) { return make_handle(event); }
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  recorded().erase(event);
  return destroy_handle(event);
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  const cudaError_t result = next_result();
  if (result == cudaSuccess) {
    const auto& late = late_work()[stream];
    recorded()[event] = {stream, late.done + late.left.size()};
  }
  return result;
}
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t, cudaEvent_t) {
  *milliseconds = 1;
  return cudaSuccess;
}
cudaError_t cudaHostRegister(void*, std::size_t, unsigned) {
  ++emulated_memory().handles;
  return cudaSuccess;
}
cudaError_t cudaHostUnregister(void*) {
  if (!emulated_calls().running.empty()) ++emulated_calls().freed_in_use;
  --emulated_memory().handles;
  return cudaSuccess;
}

cudaError_t cudaMallocAsync(void** data, std::size_t bytes, cudaStream_t) {
  if (bytes > emulated_memory().limit - emulated_memory().used) return cudaErrorMemoryAllocation;
  // As aligned as a GPU's, and not zero.
  *data = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
  std::memset(*data, 0x7f, bytes);
  allocations()[*data] = bytes;
  emulated_memory().used += bytes;
  emulated_memory().peak = std::max(emulated_memory().peak, emulated_memory().used);
  return cudaSuccess;
}
cudaError_t cudaFreeAsync(void* data, cudaStream_t stream) {
  const auto& running = emulated_calls().running;
  if (running.size() > running.count(stream)) ++emulated_calls().freed_in_use;
  emulated_memory().used -= allocations().at(data);
  allocations().erase(data);
  std::free(data);
  return cudaSuccess;
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind,
                            cudaStream_t stream) {
  return tusk::test::queue(stream, [=] { std::memcpy(to, from, bytes); });
}
cudaError_t cudaMemsetAsync(void* data, int value, std::size_t bytes, cudaStream_t stream) {
  return tusk::test::queue(stream, [=] { std::memset(data, value, bytes); });
}

}  // extern "C"
