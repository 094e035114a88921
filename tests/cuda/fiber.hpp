// Code with a stack of its own that runs until it gives way, and continues from there when it is
// resumed.
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include <setjmp.h>
#include <ucontext.h>

#include "tests/cuda/sanitized_stack.hpp"

namespace tusk::test {

// Fibers are resumed by one thread, and not by each other.
class Fiber {
 public:
  // `body` is called when the fiber is first resumed, and must not return.
  explicit Fiber(std::function<void()> body)
      : body_(std::move(body)), stack_(own_stack_.get(), kStackBytes) {
    getcontext(&start_);
    start_.uc_stack.ss_sp = own_stack_.get();
    start_.uc_stack.ss_size = kStackBytes;
    makecontext(&start_, &enter, 0);
  }
  // Nothing on the fiber's stack is destroyed.
  ~Fiber() = default;
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Runs the fiber until it gives way.
  void resume() {
    running() = this;
    // Jumps, unlike swapcontext(), need no system call each.
    if (_setjmp(resumer_place_) == 0) {
      resumer_stack_.leave_for(stack_);
      if (std::exchange(started_, true)) _longjmp(place_, 1);
      setcontext(&start_);
    }
    resumer_stack_.arrive_from(stack_);
  }

  // Called by the running fiber: returns to resume(), and from here when the fiber is resumed.
  static void give_way() {
    Fiber& self = *running();
    if (_setjmp(self.place_) == 0) {
      self.stack_.leave_for(self.resumer_stack_);
      _longjmp(self.resumer_place_, 1);
    }
    self.stack_.arrive_from(self.resumer_stack_);
  }

 private:
  static constexpr std::size_t kStackBytes = 256 << 10;

  static Fiber*& running() {
    static thread_local Fiber* fiber = nullptr;
    return fiber;
  }

  static void enter() {
    Fiber& self = *running();
    self.stack_.arrive_from(self.resumer_stack_);
    self.body_();
    std::terminate();
  }

  std::function<void()> body_;
  std::unique_ptr<char[]> own_stack_ = std::make_unique_for_overwrite<char[]>(kStackBytes);
  SanitizedStack stack_;
  SanitizedStack resumer_stack_;
  ucontext_t start_{};
  bool started_ = false;
  jmp_buf place_{};  // where the fiber continues, once it has started
  jmp_buf resumer_place_{};
};

}  // namespace tusk::test
