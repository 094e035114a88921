#include "interrupts.hpp"

namespace tusk::python {

bool Interrupts::asked() {
  if (stopped_) return true;
  if (std::this_thread::get_id() != caller_) return false;
  constexpr auto kPause = std::chrono::milliseconds(20);
  const auto now = Clock::now();
  if (now - looked_ < kPause) return false;
  looked_ = now;
  const nb::gil_scoped_acquire gil;
  if (PyErr_CheckSignals() != 0) {
    error_.emplace();
    stopped_ = true;
  }
  return stopped_;
}

void Interrupts::call(const std::function<nb::object()>& function) {
  const nb::gil_scoped_acquire gil;
  if (stopped_) return;
  try {
    if (function().is(nb::handle(Py_True))) stopped_ = true;
  } catch (nb::python_error& error) {
    error_.emplace(std::move(error));
    stopped_ = true;
  }
}

void Interrupts::rethrow() const {
  if (error_) throw nb::python_error(*error_);
}

void Interrupts::rethrow_unless_interrupt() const {
  if (error_ && !error_->matches(PyExc_KeyboardInterrupt)) rethrow();
}

Observer Interrupts::observer(const nb::object& on_epoch, const nb::object& on_progress) {
  Observer observer;
  observer.should_stop = [this] { return asked(); };
  if (!on_epoch.is_none()) {
    observer.on_epoch = [this, &on_epoch](std::span<const EpochReport> reports) {
      call([&] {
        nb::object stop = nb::none();
        for (const EpochReport& report : reports) {
          Json json = epoch_json(report, "model");
          json["epochs"] = report.epochs;
          const nb::object answer = on_epoch(from_json(json));
          if (answer.is(nb::handle(Py_True))) stop = answer;
        }
        return stop;
      });
    };
  }
  if (!on_progress.is_none()) {
    observer.on_progress = [this, &on_progress](Work, std::int64_t done, std::int64_t of) {
      call([&] { return nb::object(on_progress(done, of)); });
    };
    observer.on_search = [this, &on_progress](const SearchProgress& progress) {
      call([&] { return nb::object(on_progress(progress.done, progress.of)); });
    };
  }
  return observer;
}

}  // namespace tusk::python
