#pragma once

#include <cstdint>

namespace tusk {

// Bytes of a GPU's memory that cuBLAS and cuSOLVER take, for their code and their room to work.
inline constexpr std::uint64_t kDenseLibraryBytes = std::uint64_t{256} << 20;

// What is left to NCCL, where several GPUs train.
inline constexpr std::uint64_t kNcclLibraryBytes = std::uint64_t{1} << 30;

}  // namespace tusk
