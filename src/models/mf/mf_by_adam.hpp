// Matrix factorization by Adam. It is a neural network without layers whose output stays the dot
// product of the embeddings.
#pragma once

#include <memory>

#include "backend/backend.hpp"
#include "backend/neural_session.hpp"

namespace tusk {

// As Backend::open_mf(), for problems whose fits have MfParams::adam.
std::unique_ptr<MfSession> open_mf_by_adam(Backend& backend, const MfProblem& problem);

MfMemory plan_mf_by_adam(Backend& backend, const MfProblem& problem);

}  // namespace tusk
