// Threads that answer requests.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tusk::server {

class WorkerPool {
 public:
  // At most `waiting` jobs wait for a thread. Throws Error if the system gives no threads.
  WorkerPool(int threads, std::size_t waiting);
  // Waits for the jobs that run; those that wait are dropped.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False if too many jobs wait. A job must not throw.
  bool submit(std::function<void()> job);

  std::size_t waiting() const;

 private:
  void work();
  void stop();

  const std::size_t most_waiting_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool stop_ = false;
  std::vector<std::jthread> threads_;  // last, so that they end before what they use
};

}  // namespace tusk::server
