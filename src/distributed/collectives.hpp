// What several processes do together, made of messages and sums. Everywhere a null pointer means
// that there is but one process, and nothing to be done.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <tusk/communicator.hpp>

namespace tusk {

inline bool is_first(const Communicator* processes) {
  return processes == nullptr || processes->rank() == 0;
}

template <class T>
concept Sendable = std::is_trivially_copyable_v<T>;

namespace messages {
void send(Communicator& processes, int to, std::span<const std::byte> bytes);
void receive(Communicator& processes, int from, std::span<std::byte> bytes);
}  // namespace messages

// Sends a vector and its length, and waits until it is under way; receives one.
template <Sendable T>
void send_vector(Communicator& processes, int to, const std::vector<T>& values) {
  const std::uint64_t count = values.size();
  messages::send(processes, to, std::as_bytes(std::span(&count, 1)));
  messages::send(processes, to, std::as_bytes(std::span(values)));
}
template <Sendable T>
std::vector<T> receive_vector(Communicator& processes, int from) {
  std::uint64_t count = 0;
  messages::receive(processes, from, std::as_writable_bytes(std::span(&count, 1)));
  std::vector<T> values(count);
  messages::receive(processes, from, std::as_writable_bytes(std::span(values)));
  return values;
}

// The sum over all processes.
std::int64_t sum_of_all(Communicator* processes, std::int64_t value);
void sum_of_all(Communicator* processes, std::span<std::int64_t> values);

// What each process gives, by rank, on all of them.
template <Sendable T>
std::vector<std::vector<T>> gather_on_all(Communicator& processes, const std::vector<T>& values);

// What all processes give, in the order of their ranks, appended to that of the first, on the
// first; of the others it is used up.
template <Sendable T>
void append_on_first(Communicator* processes, std::vector<T>& values);

// A vector of the process `from`, on all of them.
template <Sendable T>
void share(Communicator* processes, int from, std::vector<T>& values);

// Work that goes on where that of the process before has ended: each calls work() in its turn, with
// the bytes of `state` as the one before it left them. At the end all have those of the last.
void in_turn(Communicator* processes, std::span<std::byte> state,
             const std::function<void()>& work);

// Sends give(r) to each other process r, and calls take(r, values) with what each process has for
// this one, in the order of their ranks; what it has for itself is among them.
template <Sendable T>
void exchange(Communicator& processes, const std::function<std::vector<T>(int to)>& give,
              const std::function<void(int from, std::vector<T> values)>& take);

// Calls work(), and throws on all processes if it has thrown Error on any: each of those throws its
// own, the others an InputError with the text of the first. Interrupted if any was interrupted.
void agree(Communicator* processes, const std::function<void()>& work);

// The text of the first process that has one, on all of them.
std::string first_text(Communicator* processes, const std::string& text);

// Which of the processes on its machine this one is, from 0 on.
int rank_on_machine(Communicator& processes);

template <Sendable T>
std::vector<std::vector<T>> gather_on_all(Communicator& processes, const std::vector<T>& values) {
  std::vector<std::vector<T>> all(static_cast<std::size_t>(processes.size()));
  for (int from = 0; from < processes.size(); ++from) {
    auto& of_one = all[static_cast<std::size_t>(from)];
    if (from == processes.rank()) of_one = values;
    share(&processes, from, of_one);
  }
  return all;
}

template <Sendable T>
void append_on_first(Communicator* processes, std::vector<T>& values) {
  if (processes == nullptr) return;
  if (processes->rank() > 0) {
    send_vector(*processes, 0, values);
    values = {};
    return;
  }
  for (int from = 1; from < processes->size(); ++from) {
    const auto more = receive_vector<T>(*processes, from);
    values.insert(values.end(), more.begin(), more.end());
  }
}

template <Sendable T>
void share(Communicator* processes, int from, std::vector<T>& values) {
  if (processes == nullptr) return;
  if (processes->rank() != from) {
    values = receive_vector<T>(*processes, from);
    return;
  }
  for (int to = 0; to < processes->size(); ++to) {
    if (to != from) send_vector(*processes, to, values);
  }
}

template <Sendable T>
void exchange(Communicator& processes, const std::function<std::vector<T>(int to)>& give,
              const std::function<void(int from, std::vector<T> values)>& take) {
  const int size = processes.size();
  const int rank = processes.rank();
  std::vector<std::vector<T>> received(static_cast<std::size_t>(size));
  received[static_cast<std::size_t>(rank)] = give(rank);
  for (int step = 1; step < size; ++step) {
    const int to = (rank + step) % size;
    const int from = (rank - step + size) % size;
    const std::vector<T> given = give(to);
    const std::uint64_t count = given.size();
    std::uint64_t other_count = 0;
    const auto swap = [&](std::span<const std::byte> out, std::span<std::byte> in) {
      const auto sending = processes.send(to, 0, out);
      const auto receiving = processes.receive(from, 0, in);
      receiving->wait();
      sending->wait();
    };
    swap(std::as_bytes(std::span(&count, 1)), std::as_writable_bytes(std::span(&other_count, 1)));
    auto& taken = received[static_cast<std::size_t>(from)];
    taken.resize(other_count);
    swap(std::as_bytes(std::span(given)), std::as_writable_bytes(std::span(taken)));
  }
  for (int from = 0; from < size; ++from) {
    take(from, std::move(received[static_cast<std::size_t>(from)]));
  }
}

}  // namespace tusk
