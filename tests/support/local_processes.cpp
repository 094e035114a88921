#include "tests/support/local_processes.hpp"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <thread>

namespace tusk::test {

class LocalProcesses::Member : public Communicator {
 public:
  Member(LocalProcesses& all, int rank) : all_(all), rank_(rank) {}

  int rank() const override { return rank_; }
  int size() const override { return all_.size_; }

  std::unique_ptr<Transfer> send(int to, int tag, std::span<const std::byte> bytes) override {
    if (to == rank_ || tag >= kTags) throw std::logic_error("no such message");
    const std::lock_guard lock(all_.mutex_);
    ++all_.messages_;
    all_.bytes_ += static_cast<std::int64_t>(bytes.size());
    auto& busy = all_.busy_until_[{rank_, to}];
    const double seconds = all_.network_.bytes_per_second > 0
                               ? static_cast<double>(bytes.size()) / all_.network_.bytes_per_second
                               : 0;
    const auto span = [](std::chrono::duration<double> time) {
      return std::chrono::duration_cast<Clock::duration>(time);
    };
    busy = std::max(busy, Clock::now()) + span(std::chrono::duration<double>(seconds));
    auto received = std::make_shared<bool>(false);
    all_.messages_to_[{rank_, to, tag}].push_back(
        {bytes, busy + span(all_.network_.latency), received});
    all_.changed_.notify_all();
    struct Sent : Transfer {
      Sent(LocalProcesses& processes, std::shared_ptr<bool> was_received)
          : all(processes), received(std::move(was_received)) {}
      bool done() override {
        const std::lock_guard lock(all.mutex_);
        all.check();
        return *received;
      }
      void wait() override {
        std::unique_lock lock(all.mutex_);
        all.changed_.wait(lock, [&] { return *received || all.failure_; });
        if (!*received) all.check();
      }
      LocalProcesses& all;
      std::shared_ptr<bool> received;
    };
    return std::make_unique<Sent>(all_, std::move(received));
  }

  std::unique_ptr<Transfer> receive(int from, int tag, std::span<std::byte> bytes) override {
    struct Received : Transfer {
      Received(LocalProcesses& processes, std::tuple<int, int, int> its_key,
               std::span<std::byte> place)
          : all(processes), key(its_key), to(place) {}
      bool done() override {
        const std::lock_guard lock(all.mutex_);
        return take();
      }
      void wait() override {
        std::unique_lock lock(all.mutex_);
        while (!take()) {
          const auto& waiting = all.messages_to_[key];
          if (waiting.empty()) {
            all.changed_.wait(lock);
          } else {
            all.changed_.wait_until(lock, waiting.front().arrival);
          }
        }
      }
      bool take() {
        all.check();
        auto& waiting = all.messages_to_[key];
        if (taken || waiting.empty() || Clock::now() < waiting.front().arrival) return taken;
        if (waiting.front().bytes.size() != to.size()) {
          throw std::logic_error("a message of another length");
        }
        std::ranges::copy(waiting.front().bytes, to.begin());
        *waiting.front().received = true;
        waiting.pop_front();
        all.changed_.notify_all();
        return taken = true;
      }
      LocalProcesses& all;
      std::tuple<int, int, int> key;
      std::span<std::byte> to;
      bool taken = false;
    };
    std::ranges::fill(bytes, std::byte{0xff});
    return std::make_unique<Received>(all_, std::tuple(from, rank_, tag), bytes);
  }

  void sum(std::span<std::int64_t> values) override {
    std::unique_lock lock(all_.mutex_);
    const std::int64_t own = all_.sums_;
    if (all_.in_sum_++ == 0) all_.sum_.assign(values.size(), 0);
    if (all_.sum_.size() != values.size()) throw std::logic_error("sums of different lengths");
    for (std::size_t i = 0; i < values.size(); ++i) all_.sum_[i] += values[i];
    if (all_.in_sum_ == all_.size_) {
      all_.in_sum_ = 0;
      all_.done_ = all_.sum_;
      ++all_.sums_;
      all_.changed_.notify_all();
    } else {
      all_.changed_.wait(lock, [&] { return all_.sums_ != own || all_.failure_; });
      if (all_.sums_ == own) all_.check();
    }
    // The next sum cannot end before all have taken this one.
    std::ranges::copy(all_.done_, values.begin());
  }

  void abort(int code) override { std::exit(code); }

 private:
  LocalProcesses& all_;
  int rank_;
};

LocalProcesses::LocalProcesses(int size, Network network) : size_(size), network_(network) {}

void LocalProcesses::check() const {
  if (failure_) throw std::runtime_error("another process has failed");
}

void LocalProcesses::run(const std::function<void(std::shared_ptr<Communicator>)>& job) {
  {
    std::vector<std::jthread> threads;
    for (int rank = 0; rank < size_; ++rank) {
      threads.emplace_back([&, rank] {
        try {
          job(std::make_shared<Member>(*this, rank));
        } catch (...) {
          const std::lock_guard lock(mutex_);
          if (!failure_) failure_ = std::current_exception();
          changed_.notify_all();
        }
      });
    }
  }
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace tusk::test
