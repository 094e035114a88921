#include "backend/gram_inverse.hpp"

#include "algebra/gram.hpp"
#include "algebra/matrix_products.hpp"
#include "algebra/symmetric_inverse.hpp"
#include "backend/backend.hpp"

namespace tusk {
namespace {

template <class T>
bool invert_on_cpu(Backend& backend, const GramProblem& problem, std::span<T> inverse) {
  const ParallelFor parallel_for = [&](std::int64_t count, const auto& task) {
    problem.check_stop();
    backend.parallel_for(count, task);
  };
  const auto size = static_cast<std::size_t>(problem.rows.rows());
  fill_gram<T>(problem.rows, problem.transposed, problem.scale, parallel_for, inverse);
  for (std::size_t j = 0; j < size; ++j) {
    T& place = inverse[j * size + j];
    place = static_cast<T>(static_cast<double>(place) + problem.diagonal[j]);
  }
  if (!invert_symmetric<T>(inverse, size, matrix_products(), parallel_for)) return false;
  mirror_lower<T>(inverse, size, parallel_for);
  return true;
}

}  // namespace

bool Backend::invert_gram(const GramProblem& problem, std::span<float> inverse) {
  return invert_on_cpu(*this, problem, inverse);
}

bool Backend::invert_gram(const GramProblem& problem, std::span<double> inverse) {
  return invert_on_cpu(*this, problem, inverse);
}

}  // namespace tusk
