// NCCL between the emulated GPUs of several threads. Messages go as late as they may: what is sent
// is read, and what is received is written, when something waits for them; until then the place of
// what is received holds no numbers.
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <vector>

#include "nccl_functions.hpp"
#include "tests/cuda/emulated_gpu.hpp"

struct tusk::NcclMember {
  int group;
  int rank;
  int size;
  cudaStream_t stream = nullptr;  // of the messages
};

namespace tusk::test {
namespace {

struct Wire {
  std::mutex mutex;
  std::condition_variable changed;
  // By group, sender and receiver.
  std::map<std::tuple<int, int, int>, std::deque<std::vector<char>>> messages;
  int groups = 0;
  std::set<int> aborted;
};

Wire& wire() {
  static Wire wire;
  return wire;
}

struct Message {
  void* data;
  std::size_t bytes;
  int other;
  NcclGroup group;
  cudaStream_t stream;
};

struct Batch {
  std::vector<Message> sent;
  std::vector<Message> received;
};

Batch& batch() {
  static thread_local Batch batch;
  return batch;
}

NcclResult get_id(NcclId* id) {
  const std::lock_guard lock(wire().mutex);
  const int number = ++wire().groups;
  std::memcpy(id->internal, &number, sizeof number);
  return kNcclSuccess;
}

NcclResult join(NcclGroup* group, int size, NcclId id, int rank) {
  int number = 0;
  std::memcpy(&number, id.internal, sizeof number);
  *group = new NcclMember{number, rank, size};
  ++emulated_memory().handles;
  return kNcclSuccess;
}

NcclResult leave(NcclGroup group) {
  delete group;
  --emulated_memory().handles;
  return kNcclSuccess;
}

// The others are told, who would wait for ever on a GPU.
NcclResult abort_group(NcclGroup group) {
  drop_late(group->stream);
  {
    const std::lock_guard lock(wire().mutex);
    wire().aborted.insert(group->group);
    wire().changed.notify_all();
  }
  return leave(group);
}

const char* error_text(NcclResult) { return "an emulated error"; }

NcclResult start_batch() {
  batch() = {};
  return kNcclSuccess;
}

NcclResult check(const Message& message, int type) {
  const bool wrong = type != kNcclBytes || message.other == message.group->rank ||
                     message.other < 0 || message.other >= message.group->size;
  return wrong ? 4 : kNcclSuccess;
}

NcclResult send(const void* from, std::size_t count, int type, int to, NcclGroup group,
                cudaStream_t stream) {
  batch().sent.push_back({const_cast<void*>(from), count, to, group, stream});
  return check(batch().sent.back(), type);
}

NcclResult receive(void* to, std::size_t count, int type, int from, NcclGroup group,
                   cudaStream_t stream) {
  batch().received.push_back({to, count, from, group, stream});
  return check(batch().received.back(), type);
}

void send_now(const Message& message) {
  const auto* const data = static_cast<const char*>(message.data);
  const std::lock_guard lock(wire().mutex);
  wire().messages[{message.group->group, message.group->rank, message.other}].emplace_back(
      data, data + message.bytes);
  wire().changed.notify_all();
}

void receive_now(const Message& message) {
  std::unique_lock lock(wire().mutex);
  const int group = message.group->group;
  auto& waiting = wire().messages[{group, message.other, message.group->rank}];
  const bool come = wire().changed.wait_for(lock, std::chrono::seconds(20), [&] {
    return !waiting.empty() || wire().aborted.contains(group);
  });
  if (waiting.empty()) throw std::runtime_error(come ? "aborted elsewhere" : "no message comes");
  if (waiting.front().size() != message.bytes) {
    throw std::logic_error("a message of another length");
  }
  std::memcpy(message.data, waiting.front().data(), message.bytes);
  waiting.pop_front();
}

NcclResult end_batch() {
  const Batch queued = std::exchange(batch(), {});
  const cudaStream_t stream = queued.sent.front().stream;
  queued.sent.front().group->stream = stream;
  if (start_on(stream) != cudaSuccess) return 1;
  if (emulated_calls().running.size() > emulated_calls().running.count(stream)) {
    ++emulated_calls().sent_in_use;
  }
  for (const Message& message : queued.received) {
    std::memset(message.data, 0xff, message.bytes);
  }
  queue_late(stream, [queued] {
    for (const Message& message : queued.sent) send_now(message);
    for (const Message& message : queued.received) receive_now(message);
  });
  return kNcclSuccess;
}

}  // namespace
}  // namespace tusk::test

namespace tusk {

const NcclFunctions& nccl_functions() {
  using namespace test;
  static const NcclFunctions functions = {get_id,      join,      leave, abort_group, error_text,
                                          start_batch, end_batch, send,  receive};
  return functions;
}

}  // namespace tusk
