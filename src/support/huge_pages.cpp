#include "support/huge_pages.hpp"

#include <cstdint>

#include <sys/mman.h>

namespace tusk {

void advise_huge_pages(void* begin, std::size_t bytes) {
  constexpr std::uintptr_t kPage = 2 << 20;
  const auto address = reinterpret_cast<std::uintptr_t>(begin);
  const std::uintptr_t first = (address + kPage - 1) / kPage * kPage;
  const std::uintptr_t end = (address + bytes) / kPage * kPage;
  // Whether it is heard makes no difference to any result.
  if (first < end) ::madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
}

}  // namespace tusk
