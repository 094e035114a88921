// How widely a GPU validates.
#pragma once

namespace tusk {

// Warps that go over the held-out ratings of a model, each with a place for its sums of errors.
inline constexpr int kValidationWarps = 4096;

}  // namespace tusk
