// The inverse of a Gram matrix on a GPU.
#pragma once

#include <span>

#include "backend/gram_inverse.hpp"
#include "cuda/gram_plan.hpp"

namespace tusk {

// As Backend::invert_gram(). T is float or double.
template <class T>
bool invert_gram_on_gpu(int device, const GramProblem& problem, const GramPlan& plan,
                        std::span<T> inverse);

}  // namespace tusk
