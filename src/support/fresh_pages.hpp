// Fresh memory, which the system clears when it is first written to, cleared by all threads.
#pragma once

#include <cstddef>

#include "support/thread_pool.hpp"

namespace tusk {

// For memory that is soon to be written to by one thread. Where the system cannot, nothing happens.
void clear_fresh_pages(void* begin, std::size_t bytes, ThreadPool& threads);

}  // namespace tusk
