#include "support/fresh_pages.hpp"

#include <algorithm>
#include <cstdint>

#include <sys/mman.h>

namespace tusk {

void clear_fresh_pages(void* begin, std::size_t bytes, ThreadPool& threads) {
  constexpr std::size_t kPage = 4096;  // or a multiple, where this is refused
  constexpr std::size_t kStep = 8 << 20;
  const auto address = reinterpret_cast<std::uintptr_t>(begin);
  const std::uintptr_t first = (address + kPage - 1) / kPage * kPage;
  const std::uintptr_t end = (address + bytes) / kPage * kPage;
  if (first >= end) return;
  const auto steps = static_cast<std::int64_t>((end - first + kStep - 1) / kStep);
  threads.parallel_for(steps, [&](std::int64_t step, int) {
    const std::uintptr_t from = first + static_cast<std::uintptr_t>(step) * kStep;
    ::madvise(reinterpret_cast<void*>(from), std::min<std::size_t>(kStep, end - from),
              MADV_POPULATE_WRITE);
  });
}

}  // namespace tusk
