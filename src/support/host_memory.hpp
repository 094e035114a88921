#pragma once

#include <cstdint>

namespace tusk {

// Bytes of the machine's memory that programs can have without swapping; the most there can be
// where the system does not say.
std::uint64_t available_host_memory();

}  // namespace tusk
