// A fixed set of threads that share loops.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tusk {

class ThreadPool {
 public:
  // threads <= 0 takes as many as the machine has. The calling thread is one of them.
  // `should_stop` is asked before every task, from any thread; empty never stops. Throws Error if
  // the system gives no more threads.
  explicit ThreadPool(int threads = 0, std::function<bool()> should_stop = {});
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  // Calls task(i, thread) for i = 0 .. count - 1, each once, in any order, and returns when all are
  // done; thread is in 0 .. threads() - 1. The first exception is rethrown once all have stopped;
  // Interrupted if should_stop ends the loop, with some tasks done and others not.
  // Loops of several threads take turns. Not to be called from a task.
  void parallel_for(std::int64_t count, const std::function<void(std::int64_t, int)>& task);

  // As parallel_for(), with `chunk` calls in a row by one thread.
  template <class Task>
  void parallel_chunks(std::int64_t count, std::int64_t chunk, const Task& task);

  // Throws Interrupted if should_stop says so. For long tasks, and for work between loops.
  void check_stop() const;

 private:
  void stop();
  void work(int thread);
  void run_tasks(int thread);

  const std::function<bool()> should_stop_;
  std::mutex turn_;  // held for the whole of a loop
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  int busy_ = 0;  // workers that are in the present loop; they join while it has tasks left
  bool stop_ = false;
  const std::function<void(std::int64_t, int)>* task_ = nullptr;
  std::int64_t count_ = 0;
  std::atomic<std::int64_t> next_ = 0;
  std::exception_ptr error_;
  std::vector<std::jthread> workers_;  // last, so that they end before what they use
};

// Splits 0 .. size - 1 into chunks of at most `chunk`, a division that does not depend on the
// number of threads: partial sums by chunk, added in order, are reproducible.
inline std::int64_t chunk_count(std::int64_t size, std::int64_t chunk) {
  return (size + chunk - 1) / chunk;
}

template <class Task>
void ThreadPool::parallel_chunks(std::int64_t count, std::int64_t chunk, const Task& task) {
  parallel_for(chunk_count(count, chunk), [&](std::int64_t c, int thread) {
    const std::int64_t end = std::min(count, (c + 1) * chunk);
    for (std::int64_t i = c * chunk; i < end; ++i) task(i, thread);
  });
}

}  // namespace tusk
