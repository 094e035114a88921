// Training of EASE.
#pragma once

#include <cstdint>

#include <tusk/models.hpp>
#include <tusk/observer.hpp>

#include "backend/backend.hpp"
#include "backend/gram_inverse.hpp"
#include "models/ease/ease_weights.hpp"

namespace tusk {

// How the coefficients are computed. They are the same but for rounding.
struct EaseMethod {
  bool by_users = false;          // by a matrix as large as there are users, not items
  bool double_precision = false;  // else single, where a check finds that enough
};

// By users where they are fewer, and in double precision where the matrix is small.
EaseMethod choose_ease_method(Index users, Index items);

// Of the matrix that is inverted.
GramSize gram_size(Index users, Index items, std::int64_t interactions, const EaseMethod& method);

// Bytes of the machine's memory that fit_ease() takes of a model of so many items with
// interactions.
MfMemory ease_memory(Index users, Index items, std::int64_t interactions,
                     const EaseOptions& options, const EaseMethod& method);

// `weights` are those of interactions, users x items. Asks the observer between steps of at most
// seconds, and the backend's should_stop within milliseconds. The bits do not depend on the number
// of threads. Throws Interrupted, DeviceError where memory does not suffice, and ParameterError
// where the regularization is too small for the matrix to be inverted.
EaseWeights fit_ease(Backend& backend, const SparseMatrixOf& weights, const EaseOptions& options,
                     const EaseMethod& method, const Observer& observer);

}  // namespace tusk
