// Large tables in large pages: random access to them then waits less for the page tables.
#pragma once

#include <cstddef>
#include <vector>

namespace tusk {

// Asks the system for pages of 2 MiB, where it has such, for memory that is not yet written to.
void advise_huge_pages(void* begin, std::size_t bytes);

// An empty vector with room for `count` values in such pages.
template <class T>
std::vector<T> vector_in_huge_pages(std::size_t count) {
  std::vector<T> values;
  values.reserve(count);
  advise_huge_pages(values.data(), count * sizeof(T));
  return values;
}

}  // namespace tusk
