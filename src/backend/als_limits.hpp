#pragma once

namespace tusk {

// Conjugate gradients of a row end where the square of its residual is no larger.
inline constexpr float kAlsLeastSquare = 1e-20f;

}  // namespace tusk
