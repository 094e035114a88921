#pragma once

namespace tusk {

// Where links are drawn by conjugate gradients, these end where all residuals are this share of the
// right side, or after so many steps.
inline constexpr double kLinkTolerance = 1e-4;
inline constexpr int kMostLinkSteps = 100;

}  // namespace tusk
