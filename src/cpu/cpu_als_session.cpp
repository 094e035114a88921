#include "cpu/cpu_als_session.hpp"

#include <algorithm>
#include <utility>

#include "model/initial_factors.hpp"

namespace tusk {
namespace {

// The factors that a row is solved against are copied together if they then stay in the cache of a
// core through all passes over them; more are fetched anew from where they are.
constexpr std::size_t kPackedBytes = std::size_t{1} << 20;

// Floats that a task visits in a pass, about.
constexpr std::int64_t kFloatsPerTask = std::int64_t{1} << 22;

// Gram matrices are summed in parts, of which there are as many as fit here, but 4 at least and 32
// at most.
constexpr std::size_t kGramBytes = std::size_t{64} << 20;

std::size_t stride_of(const FactorRows& rows) {
  return static_cast<std::size_t>(rows.vectors()) * kLanes;
}

// Parts that the Gram matrix of `rows` rows is summed in.
std::int64_t gram_parts(std::int64_t rows, std::size_t stride) {
  const std::size_t fit = kGramBytes / (stride * stride * sizeof(float));
  return std::min(chunk_count(rows, static_cast<std::int64_t>(kGramBlock)),
                  static_cast<std::int64_t>(std::clamp<std::size_t>(fit, 4, 32)));
}

// Rows that a thread solves one by.
struct WorkspaceRows {
  std::size_t scratch;
  std::size_t packed;
};

WorkspaceRows workspace_rows(AlsMethod method, std::size_t stride) {
  if (method == AlsMethod::cholesky) return {stride + kGramBlock + 1, 0};
  return {3, kPackedBytes / (stride * sizeof(float))};
}

// Fills in the lower triangle of a symmetric matrix.
void mirror(FactorRows& matrix) {
  const auto size = static_cast<Index>(stride_of(matrix));
  for (Index j = 0; j < size; ++j) {
    for (Index k = 0; k < j; ++k) matrix.row(j)[k] = matrix.row(k)[j];
  }
}

}  // namespace

CpuAlsSession::CpuAlsSession(std::shared_ptr<ThreadPool> threads, const CpuKernels& kernels,
                             const AlsProblem& problem)
    : threads_(std::move(threads)),
      kernel_(*kernels.als),
      params_(problem.params),
      columns_(problem.weights),
      users_(make_side(problem.weights)),
      items_(make_side(columns_.view())),
      space_(static_cast<std::size_t>(threads_->threads())) {
  initialise(users_);
  const auto size = static_cast<Index>(stride_of(users_.factors));
  gram_ = FactorRows(size, size);
  const WorkspaceRows rows = workspace_rows(params_.method, stride_of(users_.factors));
  for (Workspace& space : space_) {
    space.scratch = FactorRows(static_cast<Index>(rows.scratch), params_.factors);
    space.packed = FactorRows(static_cast<Index>(rows.packed), params_.factors);
  }
}

MfMemory CpuAlsSession::plan(const AlsProblem& problem, int threads) {
  const std::size_t stride = stride_of(FactorRows(1, problem.params.factors));
  const auto users = static_cast<std::uint64_t>(problem.weights.rows());
  const auto items = static_cast<std::uint64_t>(problem.weights.columns);
  const auto floats = static_cast<std::uint64_t>(problem.params.factors);
  const WorkspaceRows rows = workspace_rows(problem.params.method, stride);
  MfMemory memory;
  memory.parameters = (users + items) * (stride + 1 + floats) * sizeof(float);
  memory.ratings =
      2 * static_cast<std::uint64_t>(problem.weights.size()) * (sizeof(Index) + sizeof(float)) +
      (users + items + 2) * sizeof(std::int64_t);
  const auto longer = static_cast<std::int64_t>(std::max(users, items));
  memory.working = (static_cast<std::uint64_t>(gram_parts(longer, stride) + 1) * stride +
                    static_cast<std::uint64_t>(threads) * (rows.scratch + rows.packed)) *
                   stride * sizeof(float);
  return memory;
}

CpuAlsSession::Side CpuAlsSession::make_side(const CsrView& weights) const {
  Side side;
  side.weights = weights;
  side.factors = FactorRows(weights.rows(), params_.factors);
  side.regularization = als_regularizations(params_, weights);
  std::int64_t floats = 0;
  for (Index row = 0; row < weights.rows(); ++row) {
    if (floats == 0) side.chunk.push_back(row);
    floats += static_cast<std::int64_t>(weights.row(row).size() + stride_of(side.factors)) *
              static_cast<std::int64_t>(stride_of(side.factors));
    if (floats >= kFloatsPerTask) floats = 0;
  }
  side.chunk.push_back(weights.rows());
  return side;
}

void CpuAlsSession::initialise(Side& side) const {
  constexpr std::int64_t kRowsPerTask = 256;
  threads_->parallel_chunks(side.weights.rows(), kRowsPerTask, [&](std::int64_t r, int) {
    if (side.weights.row(static_cast<Index>(r)).empty()) return;
    float* const row = side.factors.row(static_cast<Index>(r));
    for (int f = 0; f < params_.factors; f += 2) {
      float pair[2];
      initial_factor_pair(params_.seed, RandomUse::initial_user_factors,
                          static_cast<std::uint64_t>(r), static_cast<std::uint64_t>(f / 2),
                          params_.init_std, pair);
      row[f] = pair[0];
      if (f + 1 < params_.factors) row[f + 1] = pair[1];
    }
  });
}

void CpuAlsSession::measure_gram(const FactorRows& factors, Index rows) {
  const auto size = static_cast<Index>(stride_of(factors));
  const auto blocks = chunk_count(rows, static_cast<std::int64_t>(kGramBlock));
  const std::int64_t parts = gram_parts(rows, stride_of(factors));
  std::vector<FactorRows> part(static_cast<std::size_t>(parts));
  threads_->parallel_for(parts, [&](std::int64_t p, int) {
    FactorRows& sum = part[static_cast<std::size_t>(p)];
    sum = FactorRows(size, size);
    for (std::int64_t block = p * blocks / parts; block < (p + 1) * blocks / parts; ++block) {
      threads_->check_stop();
      const auto first = static_cast<Index>(block * static_cast<std::int64_t>(kGramBlock));
      const auto count = std::min<std::size_t>(kGramBlock, static_cast<std::size_t>(rows - first));
      kernel_.add_gram(factors.row(first), count, factors.vectors(), sum.data());
    }
  });
  threads_->parallel_chunks(size, 16, [&](std::int64_t j, int) {
    float* const row = gram_.row(static_cast<Index>(j));
    for (Index k = 0; k < size; ++k) {
      float sum = 0;
      for (FactorRows& one : part) sum += one.row(static_cast<Index>(j))[k];
      row[k] = params_.unobserved_weight * sum;
    }
  });
  mirror(gram_);
}

double CpuAlsSession::solve_row(Side& side, const Side& others, Index row, Workspace& space) const {
  const auto other = side.weights.row(row);
  if (other.empty()) return 0;
  const auto first = static_cast<std::size_t>(side.weights.offset[static_cast<std::size_t>(row)]);
  AlsRow problem;
  problem.count = other.size();
  problem.weight = side.weights.value.data() + first;
  problem.gram = gram_.data();
  problem.regularization = side.regularization[static_cast<std::size_t>(row)];
  problem.vectors = side.factors.vectors();
  space.row.resize(other.size() + kAlsLookahead);
  for (std::size_t k = 0; k < other.size(); ++k) space.row[k] = others.factors.row(other[k]);
  std::fill_n(space.row.begin() + std::ssize(other), kAlsLookahead, space.row[other.size() - 1]);
  const std::size_t stride = stride_of(side.factors);
  const bool packs = params_.method == AlsMethod::conjugate_gradient &&
                     other.size() * stride * sizeof(float) <= kPackedBytes;
  if (packs) {
    for (std::size_t k = 0; k < other.size(); ++k) {
      for (std::size_t f = 0; f < stride; f += kLanes) {
        __builtin_prefetch(space.row[k + kAlsLookahead] + f);
      }
      float* const to = space.packed.row(static_cast<Index>(k));
      std::copy_n(space.row[k], stride, to);
      space.row[k] = to;
    }
  }
  problem.far = !packs;
  problem.row = space.row.data();
  float* const x = side.factors.row(row);
  return params_.method == AlsMethod::cholesky
             ? kernel_.cholesky(problem, x, space.scratch.data())
             : kernel_.conjugate_gradient(problem, params_.cg_steps, x, space.scratch.data());
}

double CpuAlsSession::solve(Side& side, const Side& others) {
  measure_gram(others.factors, others.weights.rows());
  std::vector<double> value(side.chunk.size() - 1, 0);
  threads_->parallel_for(std::ssize(value), [&](std::int64_t chunk, int thread) {
    const auto c = static_cast<std::size_t>(chunk);
    for (Index row = side.chunk[c]; row < side.chunk[c + 1]; ++row) {
      value[c] += solve_row(side, others, row, space_[static_cast<std::size_t>(thread)]);
    }
  });
  double sum = 0;
  for (const double one : value) sum += one;
  return sum;
}

double CpuAlsSession::norm(const Side& side) const {
  double sum = 0;
  for (Index row = 0; row < side.weights.rows(); ++row) {
    double squares = 0;
    const float* const x = side.factors.row(row);
    for (int f = 0; f < params_.factors; ++f) {
      squares += static_cast<double>(x[f]) * static_cast<double>(x[f]);
    }
    sum += static_cast<double>(side.regularization[static_cast<std::size_t>(row)]) * squares;
  }
  return sum;
}

double CpuAlsSession::run_epoch() {
  solve(items_, users_);
  return solve(users_, items_) + norm(items_);
}

MfState CpuAlsSession::state() const {
  MfState state;
  state.users = users_.weights.rows();
  state.items = items_.weights.rows();
  state.factors = params_.factors;
  state.biased = false;
  const auto copy = [&](const Side& side, std::vector<float>& factors) {
    for (Index row = 0; row < side.weights.rows(); ++row) {
      const float* const x = side.factors.row(row);
      factors.insert(factors.end(), x, x + params_.factors);
    }
  };
  copy(users_, state.user_factors);
  copy(items_, state.item_factors);
  return state;
}

}  // namespace tusk
