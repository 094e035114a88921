// How the instruction set that a file is compiled for handles vectors: constants, which code
// chooses by with `if constexpr`. Every choice is compiled on every x86-64 machine: the kernel set
// `wide` is the policy of AVX-512 in AVX2 code. See isa_kernels.hpp.
#pragma once

#include "cpu/kernels.hpp"

namespace tusk::TUSK_ISA {

inline constexpr int kVectorBytes = TUSK_VECTOR_BYTES;  // that one register holds
inline constexpr int kVectorFloats = kVectorBytes / 4;

// Whether a multiplication and an addition are rounded once. Without such an instruction this would
// take a function call.
inline constexpr bool kFused = TUSK_FUSED;

// Whether the factors of the users that are worked on stay in registers: 32 of 64 bytes hold those
// of four users, 16 of 32 do not.
inline constexpr bool kUsersInRegisters = kVectorBytes == 64;

// A tile of users by items fills 24 of 32 registers, or 12 of 16.
inline constexpr int kTileUsers = kVectorBytes == 64 ? 12 : 6;
inline constexpr int kTileItems = 2 * kVectorFloats;
static_assert(kGroupUsers % kTileUsers == 0 && kPanelItems % kTileItems == 0);

// Rows of a tile of a Gram matrix, each of kLanes floats, that are summed in registers: half of
// them, or eight of 32.
inline constexpr int kGramRows = kVectorBytes == 64 ? 8 : 4;

}  // namespace tusk::TUSK_ISA
