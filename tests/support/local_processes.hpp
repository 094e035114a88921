// Several processes of one training as threads of this one, with a network as slow as is asked. It
// reads what is sent when it arrives, and writes to where it is received at once, as MPI may.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <tuple>
#include <vector>

#include <tusk/communicator.hpp>

namespace tusk::test {

struct Network {
  std::chrono::duration<double> latency{0};
  double bytes_per_second = 0;  // of each connection; 0: infinite
};

class LocalProcesses {
 public:
  explicit LocalProcesses(int size, Network network = {});

  // Calls job(communicator) on a thread for each process. If one throws the others, which may wait
  // for it, are ended, as mpirun does; what the first of those that failed threw is rethrown.
  void run(const std::function<void(std::shared_ptr<Communicator>)>& job);

  std::int64_t messages() const { return messages_; }
  std::int64_t bytes() const { return bytes_; }

 private:
  class Member;
  void check() const;  // throws if a process has failed
  using Clock = std::chrono::steady_clock;
  struct Message {
    std::span<const std::byte> bytes;  // the sender's
    Clock::time_point arrival;
    std::shared_ptr<bool> received;
  };

  int size_;
  Network network_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::tuple<int, int, int>, std::deque<Message>> messages_to_;  // from, to, tag
  std::map<std::pair<int, int>, Clock::time_point> busy_until_;           // of a connection
  std::int64_t messages_ = 0;
  std::int64_t bytes_ = 0;
  std::vector<std::int64_t> sum_;   // that is being added
  std::vector<std::int64_t> done_;  // the last that all have
  int in_sum_ = 0;
  std::int64_t sums_ = 0;
  std::exception_ptr failure_;
};

}  // namespace tusk::test
