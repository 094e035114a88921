#include "models/ease/ease_fit.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <random>
#include <vector>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/parameters.hpp>

#include "algebra/sparse_row.hpp"
#include "algebra/symmetric_inverse.hpp"
#include "backend/gram_inverse.hpp"
#include "model/transposed.hpp"
#include "models/ease/ease_table.hpp"
#include "support/host_memory.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

// Up to this size double precision takes seconds at most.
constexpr Index kDoubleUpTo = 4096;

// By which A times the inverse found may differ from 1, in the norm of random vectors.
constexpr double kEaseTolerance = 1e-3;
constexpr int kChecks = 3;

std::size_t number_bytes(const EaseMethod& method) {
  return method.double_precision ? sizeof(double) : sizeof(float);
}

std::vector<double> multiply(const CsrView& matrix, std::span<const double> vector,
                             const ParallelFor& parallel_for) {
  constexpr Index kRowsOfTask = 256;
  std::vector<double> result(static_cast<std::size_t>(matrix.rows()), 0);
  parallel_for((matrix.rows() + kRowsOfTask - 1) / kRowsOfTask, [&](std::int64_t task) {
    const auto first = static_cast<Index>(task) * kRowsOfTask;
    for (Index row = first; row < std::min(matrix.rows(), first + kRowsOfTask); ++row) {
      double& sum = result[static_cast<std::size_t>(row)];
      SparseRow(matrix, row).each([&](std::size_t column, double value) {
        sum += value * vector[column];
      });
    }
  });
  return result;
}

class EaseFit {
 public:
  // Everything is borrowed.
  EaseFit(Backend& backend, const SparseMatrixOf& weights, const EaseOptions& options,
          const EaseMethod& method, const Observer& observer)
      : backend_(backend),
        options_(options),
        method_(method),
        item_(items_with_interactions(weights)),
        check_stop_([&observer] { observer.check_stop(); }),
        parallel_for_([this](std::int64_t count, const auto& task) {
          check_stop_();
          backend_.parallel_for(count, task);
        }),
        x_(EasePlaces(item_, weights.columns).placed(weights, parallel_for_)),
        by_item_(x_.view()) {
    const double share =
        static_cast<double>(options.dropout) / (1 - static_cast<double>(options.dropout));
    for (Index j = 0; j < items(); ++j) {
      double square = 0;
      SparseRow(by_item_.view(), j).each([&](std::size_t, double value) {
        square += value * value;
      });
      diagonal_.push_back(static_cast<double>(options.regularization) + share * square);
    }
  }

  EaseWeights run() {
    if (!method_.double_precision) {
      check_memory();
      if (auto found = with<float>()) return std::move(*found);
      method_.double_precision = true;
    }
    check_memory();
    if (auto found = with<double>()) return std::move(*found);
    throw ParameterError("regularization",
                         fmt::format("is {}, too little for these interactions: the matrix of EASE "
                                     "cannot be inverted",
                                     options_.regularization));
  }

 private:
  Index users() const { return x_.view().rows(); }
  Index items() const { return static_cast<Index>(item_.size()); }

  void check_memory() const {
    backend_.check_gram_memory(gram_size(users(), items(), x_.view().size(), method_));
    const MfMemory memory = ease_memory(users(), items(), x_.view().size(), options_, method_);
    if (memory.total() <= memory.available) return;
    throw DeviceError(fmt::format(
        "EASE of {} takes {} of memory, and {} are available; leave out items that few have rated, "
        "or take a model with factors",
        count_text(items(), "item"), size_text(memory.total()), size_text(memory.available)));
  }

  // Nothing where the precision does not suffice.
  template <class T>
  std::optional<EaseWeights> with() const {
    auto inverse = method_.by_users ? inverse_by_users<T>() : inverse_by_items<T>();
    if (!inverse) return std::nullopt;
    EaseWeights weights;
    weights.item = item_;
    const EaseTableMaker<T> maker{x_.view(), by_item_.view(), diagonal_, parallel_for_};
    const int most = options_.neighbours.value_or(0);
    if (!method_.by_users) {
      maker.from_items(std::move(*inverse), most, weights);
    } else if (!maker.from_users(*inverse, most, weights)) {
      return std::nullopt;
    }
    return weights;
  }

  // (X'X + D)^-1, [items, items].
  template <class T>
  std::optional<std::vector<T>> inverse_by_items() const {
    const GramProblem problem{by_item_.view(), x_.view(), {}, diagonal_, check_stop_};
    return inverse_of<T>(problem, [&](const std::vector<double>& vector) {
      std::vector<double> result =
          multiply(by_item_.view(), multiply(x_.view(), vector, parallel_for_), parallel_for_);
      for (std::size_t j = 0; j < result.size(); ++j) result[j] += diagonal_[j] * vector[j];
      return result;
    });
  }

  // (I + X D^-1 X')^-1, [users, users].
  template <class T>
  std::optional<std::vector<T>> inverse_by_users() const {
    std::vector<double> scale;
    for (const double d : diagonal_) scale.push_back(1 / d);
    const std::vector<double> ones(static_cast<std::size_t>(users()), 1);
    const GramProblem problem{x_.view(), by_item_.view(), scale, ones, check_stop_};
    return inverse_of<T>(problem, [&](const std::vector<double>& vector) {
      std::vector<double> of_items = multiply(by_item_.view(), vector, parallel_for_);
      for (std::size_t j = 0; j < of_items.size(); ++j) of_items[j] *= scale[j];
      std::vector<double> result = multiply(x_.view(), of_items, parallel_for_);
      for (std::size_t u = 0; u < result.size(); ++u) result[u] += vector[u];
      return result;
    });
  }

  // The inverse of the problem's matrix, where it stands up to the check: apply(v) is what the
  // matrix times v is exactly.
  template <class T, class Apply>
  std::optional<std::vector<T>> inverse_of(const GramProblem& problem, const Apply& apply) const {
    const auto size = static_cast<std::size_t>(problem.rows.rows());
    std::vector<T> matrix(size * size);
    if (!backend_.invert_gram(problem, std::span(matrix))) return std::nullopt;
    std::mt19937_64 random(1);
    for (int check = 0; check < kChecks; ++check) {
      std::vector<double> signs(size);
      for (double& sign : signs) sign = (random() & 1) == 0 ? 1 : -1;
      std::vector<double> solved(size);
      parallel_for_(static_cast<std::int64_t>(size), [&](std::int64_t row) {
        const T* const values = &matrix[static_cast<std::size_t>(row) * size];
        double sum = 0;
        for (std::size_t c = 0; c < size; ++c) sum += static_cast<double>(values[c]) * signs[c];
        solved[static_cast<std::size_t>(row)] = sum;
      });
      const std::vector<double> back = apply(solved);
      double error = 0;
      for (std::size_t r = 0; r < size; ++r) error += std::pow(back[r] - signs[r], 2);
      if (!(std::sqrt(error / static_cast<double>(size)) <= kEaseTolerance)) return std::nullopt;
    }
    return matrix;
  }

  Backend& backend_;
  const EaseOptions& options_;
  EaseMethod method_;
  const std::vector<Index> item_;
  const std::function<void()> check_stop_;
  const ParallelFor parallel_for_;
  const SparseMatrixOf x_;
  const Transposed by_item_;
  std::vector<double> diagonal_;  // D
};

}  // namespace

EaseMethod choose_ease_method(Index users, Index items) {
  const bool by_users = users < items;
  return {by_users, std::min(users, items) <= kDoubleUpTo};
}

GramSize gram_size(Index users, Index items, std::int64_t interactions, const EaseMethod& method) {
  const Index rows = method.by_users ? users : items;
  return {rows, users + items - rows, interactions, number_bytes(method)};
}

MfMemory ease_memory(Index users, Index items, std::int64_t interactions,
                     const EaseOptions& options, const EaseMethod& method) {
  constexpr std::uint64_t kEntryBytes = 24;  // an interaction, its place and its transpose
  const auto all_users = static_cast<std::uint64_t>(users);
  const auto all_items = static_cast<std::uint64_t>(items);
  const std::uint64_t size = method.by_users ? all_users : all_items;
  const std::size_t number = number_bytes(method);
  MfMemory memory;
  memory.ratings = static_cast<std::uint64_t>(interactions) * kEntryBytes;
  memory.working = size * size * number + inverse_panel_bytes(size, number);
  if (options.neighbours) {
    const auto most = std::min(static_cast<std::uint64_t>(*options.neighbours), all_items);
    memory.parameters = all_items * most * (sizeof(float) + sizeof(Index));
  } else if (method.by_users) {
    memory.parameters = all_users * all_items * sizeof(float);
  } else {
    memory.parameters = all_items * all_items * sizeof(float);
    // In single precision the matrix becomes the table.
    if (!method.double_precision) memory.working -= memory.parameters;
  }
  memory.available = available_host_memory();
  return memory;
}

EaseWeights fit_ease(Backend& backend, const SparseMatrixOf& weights, const EaseOptions& options,
                     const EaseMethod& method, const Observer& observer) {
  return EaseFit(backend, weights, options, method, observer).run();
}

}  // namespace tusk
