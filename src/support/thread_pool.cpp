#include "support/thread_pool.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>

namespace tusk {

ThreadPool::ThreadPool(int threads, std::function<bool()> should_stop)
    : should_stop_(std::move(should_stop)) {
  if (threads <= 0) threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  workers_.reserve(static_cast<std::size_t>(threads) - 1);
  try {
    for (int t = 1; t < threads; ++t) workers_.emplace_back([this, t] { work(t); });
  } catch (const std::system_error& error) {
    stop();
    throw Error(fmt::format("{} threads cannot be started ({}); ask for fewer with {}", threads,
                            error.code().message(), option_name("threads")));
  }
}

ThreadPool::~ThreadPool() { stop(); }

void ThreadPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
}

void ThreadPool::parallel_for(std::int64_t count,
                              const std::function<void(std::int64_t, int)>& task) {
  if (count <= 0) return;
  if (workers_.empty() || count == 1) {
    for (std::int64_t i = 0; i < count; ++i) {
      check_stop();
      task(i, 0);
    }
    return;
  }
  const std::lock_guard turn(turn_);
  {
    const std::lock_guard lock(mutex_);
    task_ = &task;
    error_ = nullptr;
    next_ = 0;
    count_ = count;
  }
  wake_.notify_all();
  run_tasks(0);
  // No task is left, so that no worker joins any more: only those that have done so are waited for.
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return busy_ == 0; });
  if (error_) std::rethrow_exception(error_);
}

void ThreadPool::check_stop() const {
  if (should_stop_ && should_stop_()) throw Interrupted();
}

void ThreadPool::work(int thread) {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stop_ || next_ < count_; });
    if (stop_) return;
    ++busy_;
    lock.unlock();
    run_tasks(thread);
    lock.lock();
    if (--busy_ == 0) done_.notify_one();
  }
}

void ThreadPool::run_tasks(int thread) {
  try {
    for (std::int64_t i = next_++; i < count_; i = next_++) {
      check_stop();
      (*task_)(i, thread);
    }
  } catch (...) {
    next_ = count_;
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::current_exception();
  }
}

}  // namespace tusk
