// Loops of work that may itself be a task of a loop.
#pragma once

#include <cstdint>
#include <functional>

#include "support/thread_pool.hpp"

namespace tusk {

// The loops of a pool's threads, or of the calling thread alone.
class WorkLoop {
 public:
  WorkLoop() = default;  // on the calling thread
  explicit WorkLoop(ThreadPool& threads) : threads_(&threads) {}

  int threads() const { return threads_ == nullptr ? 1 : threads_->threads(); }

  // As ThreadPool's.
  void parallel_for(std::int64_t count, const std::function<void(std::int64_t, int)>& task) const {
    if (threads_ != nullptr) {
      threads_->parallel_for(count, task);
    } else {
      for (std::int64_t i = 0; i < count; ++i) task(i, 0);
    }
  }
  template <class Task>
  void parallel_chunks(std::int64_t count, std::int64_t chunk, const Task& task) const {
    if (threads_ != nullptr) {
      threads_->parallel_chunks(count, chunk, task);
    } else {
      for (std::int64_t i = 0; i < count; ++i) task(i, 0);
    }
  }

 private:
  ThreadPool* threads_ = nullptr;
};

}  // namespace tusk
