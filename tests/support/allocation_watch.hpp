// Watches the sizes of memory allocations. The program that links it has its own operator new.
#pragma once

#include <cstddef>

namespace tusk::test {

class AllocationWatch {
 public:
  AllocationWatch();
  ~AllocationWatch();
  AllocationWatch(const AllocationWatch&) = delete;
  AllocationWatch& operator=(const AllocationWatch&) = delete;

  // The size of the largest single allocation since the watch began, in bytes.
  std::size_t largest() const;
};

}  // namespace tusk::test
