#include "cli/interrupts.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <string_view>

#include <unistd.h>

#include "cli/command.hpp"

namespace tusk::cli {
namespace {

// Signals nearer than this, in ns, are one request: who closes a terminal or stops a service sends
// several.
constexpr std::int64_t kOneRequest = 100'000'000;
constexpr std::int64_t kOverdue = 150'000'000;  // ns after a request
constexpr std::int64_t kDeadline =
    300'000'000;  // ns; what it holds of memory takes the system some time, too

// What signal handlers use.
std::atomic<std::int64_t> requested_at = 0;  // by the monotonic clock, in ns; 0: not yet
std::atomic<bool> keep_results = false;
timer_t deadline;
static_assert(std::atomic<std::int64_t>::is_always_lock_free);
static_assert(std::atomic<bool>::is_always_lock_free);

std::int64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

void on_request(int) {
  const int error = errno;
  std::int64_t before = 0;
  if (!requested_at.compare_exchange_strong(before, now())) {
    if (now() - before >= kOneRequest) _exit(exit_interrupted);
    return;
  }
  const itimerspec after{{0, 0}, {0, kDeadline}};
  timer_settime(deadline, 0, &after, nullptr);
  errno = error;
}

void on_deadline(int) {
  if (keep_results) return;
  constexpr std::string_view kLine = "\nwarning: interrupted\n";
  // The first line end is for a line of progress.
  const std::string_view text = isatty(STDERR_FILENO) == 1 ? kLine : kLine.substr(1);
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text.data(), text.size());
  _exit(exit_interrupted);
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  sigaction(signal, nullptr, &action);
  if (action.sa_handler == SIG_IGN) return;
  action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigaction(signal, &action, nullptr);
}

}  // namespace

void handle_interrupts() {
  std::signal(SIGALRM, SIG_DFL);
  handle(SIGALRM, on_deadline);
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGALRM;
  // Without a timer a request waits for the work to look.
  if (timer_create(CLOCK_MONOTONIC, &event, &deadline) != 0) keep_results_when_interrupted();
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) handle(signal, on_request);
}

bool interrupted() { return requested_at != 0; }

bool interrupt_is_overdue() {
  const std::int64_t at = requested_at;
  return at != 0 && now() - at >= kOverdue;
}

void keep_results_when_interrupted() { keep_results = true; }

}  // namespace tusk::cli
