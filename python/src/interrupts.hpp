// Python functions that are called while the engine works without the GIL, and what ends its work.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "binding.hpp"

namespace tusk::python {

// Belongs to one call. Signals of Python, such as Ctrl-C, are looked for by the thread that made
// the call, which is the main thread where they can come at all.
class Interrupts {
 public:
  // Whether to stop. From any thread.
  bool asked();
  // Calls a Python function with the GIL. What it raises stops the work, and so does `True`.
  void call(const std::function<nb::object()>& function);

  // Throws what a function raised, but for Ctrl-C: whoever calls this has a result to show.
  void rethrow_unless_interrupt() const;
  // Throws also that.
  void rethrow() const;
  bool stopped() const { return stopped_; }

  // An observer that stops so and tells Python's functions of epochs and of progress; None for one
  // that is not there. It borrows them and this.
  Observer observer(const nb::object& on_epoch, const nb::object& on_progress);

 private:
  using Clock = std::chrono::steady_clock;

  const std::thread::id caller_ = std::this_thread::get_id();
  Clock::time_point looked_ = Clock::now();
  std::atomic<bool> stopped_ = false;
  std::optional<nb::python_error> error_;
};

// Runs work of the engine without the GIL.
template <class Work>
auto unlocked(const Work& work) {
  const nb::gil_scoped_release released;
  return work();
}

// The same of work that can be interrupted. `Interrupted` becomes what Python raised.
template <class Work>
auto without_gil(Interrupts& interrupts, const Work& work) {
  try {
    const nb::gil_scoped_release released;
    return work();
  } catch (const Interrupted&) {
    interrupts.rethrow();
    throw;
  }
}

}  // namespace tusk::python
