// Tells AddressSanitizer and ThreadSanitizer that a thread changes from one stack to another. Each
// keeps what it knows of a thread by stack. Without them this does nothing.
#pragma once

#include <cstddef>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define TUSK_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
#define TUSK_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#endif

namespace tusk::test {

class SanitizedStack {
 public:
  // The stack that the thread has already.
  SanitizedStack() = default;
  // A new one, which must outlive this.
  SanitizedStack([[maybe_unused]] char* memory, [[maybe_unused]] std::size_t bytes) {
#ifdef TUSK_ADDRESS_SANITIZER
    memory_ = memory;
    bytes_ = bytes;
    owned_ = true;
#endif
#ifdef TUSK_THREAD_SANITIZER
    state_ = __tsan_create_fiber(0);
    owned_ = true;
#endif
  }
  ~SanitizedStack() {
#ifdef TUSK_ADDRESS_SANITIZER
    if (owned_) ASAN_UNPOISON_MEMORY_REGION(memory_, bytes_);
#endif
#ifdef TUSK_THREAD_SANITIZER
    if (owned_) __tsan_destroy_fiber(state_);
#endif
  }
  SanitizedStack(const SanitizedStack&) = delete;
  SanitizedStack& operator=(const SanitizedStack&) = delete;

  // The last call on this stack before the jump to `to`.
  void leave_for([[maybe_unused]] SanitizedStack& to) {
#ifdef TUSK_ADDRESS_SANITIZER
    __sanitizer_start_switch_fiber(&fake_stack_, to.memory_, to.bytes_);
#endif
#ifdef TUSK_THREAD_SANITIZER
    state_ = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(to.state_, 0);
#endif
  }

  // The first call on this stack after the jump from `from`.
  void arrive_from([[maybe_unused]] SanitizedStack& from) {
#ifdef TUSK_ADDRESS_SANITIZER
    __sanitizer_finish_switch_fiber(fake_stack_, &from.memory_, &from.bytes_);
#endif
  }

 private:
#ifdef TUSK_ADDRESS_SANITIZER
  const void* memory_ = nullptr;
  std::size_t bytes_ = 0;
  void* fake_stack_ = nullptr;
#endif
#ifdef TUSK_THREAD_SANITIZER
  void* state_ = nullptr;
#endif
#if defined(TUSK_ADDRESS_SANITIZER) || defined(TUSK_THREAD_SANITIZER)
  bool owned_ = false;
#endif
};

}  // namespace tusk::test
