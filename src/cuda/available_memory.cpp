#include "cuda/available_memory.hpp"

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "support/text.hpp"

namespace tusk {

void check_training_memory(const MfMemory& memory, std::string_view gpu) {
  if (memory.total() <= memory.available) return;
  throw DeviceError(fmt::format(
      "training needs {} of GPU memory and {} has {} left; take fewer {}, or use {} cpu",
      size_text(memory.total()), gpu, size_text(memory.available), option_name("factors"),
      option_name("device")));
}

}  // namespace tusk
