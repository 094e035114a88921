#include "distributed/collectives.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <unistd.h>

#include <tusk/error.hpp>

namespace tusk {

void messages::send(Communicator& processes, int to, std::span<const std::byte> bytes) {
  processes.send(to, 0, bytes)->wait();
}

void messages::receive(Communicator& processes, int from, std::span<std::byte> bytes) {
  processes.receive(from, 0, bytes)->wait();
}

std::int64_t sum_of_all(Communicator* processes, std::int64_t value) {
  sum_of_all(processes, std::span(&value, 1));
  return value;
}

void sum_of_all(Communicator* processes, std::span<std::int64_t> values) {
  if (processes != nullptr) processes->sum(values);
}

void in_turn(Communicator* processes, std::span<std::byte> state,
             const std::function<void()>& work) {
  if (processes == nullptr) return work();
  const int rank = processes->rank();
  const int last = processes->size() - 1;
  if (rank > 0) messages::receive(*processes, rank - 1, state);
  work();
  if (rank < last) {
    messages::send(*processes, rank + 1, state);
    messages::receive(*processes, last, state);
  } else {
    for (int to = 0; to < last; ++to) messages::send(*processes, to, state);
  }
}

void agree(Communicator* processes, const std::function<void()>& work) {
  if (processes == nullptr) return work();
  std::exception_ptr error;
  std::string text;
  bool interrupted = false;
  try {
    work();
  } catch (const Interrupted&) {
    interrupted = true;
  } catch (const Error& thrown) {
    error = std::current_exception();
    text = thrown.what();
  }
  if (sum_of_all(processes, interrupted ? 1 : 0) > 0) throw Interrupted();
  text = first_text(processes, text);
  if (text.empty()) return;
  if (error) std::rethrow_exception(error);
  throw InputError(text);
}

std::string first_text(Communicator* processes, const std::string& text) {
  if (processes == nullptr) return text;
  for (const auto& one : gather_on_all(*processes, std::vector<char>(text.begin(), text.end()))) {
    if (!one.empty()) return {one.begin(), one.end()};
  }
  return {};
}

int rank_on_machine(Communicator& processes) {
  std::vector<char> name(256);
  if (gethostname(name.data(), name.size() - 1) != 0) name = {};
  const auto names = gather_on_all(processes, name);
  return static_cast<int>(std::count(names.begin(), names.begin() + processes.rank(), name));
}

}  // namespace tusk
