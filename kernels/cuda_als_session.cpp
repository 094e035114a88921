#include "cuda_als_session.hpp"

#include <algorithm>

#include "als_launch.hpp"
#include "model/transposed.hpp"
#include "model_launch.hpp"

namespace tusk {
namespace {

// The largest of size(b) over the batches b of a side.
template <class Size>
std::int64_t largest(const std::vector<Index>& batch, const Size& size) {
  std::int64_t most = 0;
  for (std::size_t b = 0; b + 1 < batch.size(); ++b) most = std::max(most, size(b));
  return most;
}

}  // namespace

CudaAlsSession::Side::Side(const CsrView& matrix, std::span<const float> regularization_of,
                           int stride, const AlsBatchLimits& limits, cudaStream_t stream)
    : rows(matrix.rows()),
      weights(matrix, stream),
      factors(matrix_size(rows, stride), stream),
      regularization(regularization_of, stream),
      pieces(divide_rows(matrix)),
      batch(als_batches(pieces, limits)),
      piece_begin(pieces.begin, stream),
      piece_row(pieces.row, stream),
      row_piece(pieces.first, stream) {
  factors.clear(stream);
  // The matrix may be gone after this.
  TUSK_CUDA_TRY(cudaStreamSynchronize(stream));
}

CudaAlsSession::CudaAlsSession(int device, const AlsProblem& problem, const AlsPlan& plan)
    : device_(choose_device(device)),
      algebra_(stream_),
      params_(problem.params),
      check_stop_(plan.check_stop),
      stride_(als_stride(params_.factors)),
      users_(problem.weights, als_regularizations(params_, problem.weights), stride_, plan.batch,
             stream_),
      items_([&] {
        const Transposed columns(problem.weights);
        return Side(columns.view(), als_regularizations(params_, columns.view()), stride_,
                    plan.batch, stream_);
      }()),
      gram_(matrix_size(stride_, stride_), stream_),
      value_(static_cast<std::size_t>(std::max(users_.rows, items_.rows)), stream_) {
  reserve();
  initialise(users_, problem.weights);
}

CudaAlsSession::~CudaAlsSession() {
  // After a failure nothing more is known of the stream, and there is nobody to tell.
  cudaSetDevice(device_);
  cudaStreamSynchronize(stream_);
}

void CudaAlsSession::initialise(Side& side, const CsrView& weights) {
  std::vector<std::uint8_t> rated;
  for (Index row = 0; row < side.rows; ++row) rated.push_back(weights.row(row).empty() ? 0 : 1);
  const DeviceBuffer<std::uint8_t> has_entries(rated, stream_);
  InitialFactors initial;
  initial.rows = reinterpret_cast<unsigned char*>(side.factors.data());
  initial.stride = static_cast<std::size_t>(stride_) * sizeof(float);
  initial.count = side.rows;
  initial.rated = has_entries.data();
  initial.factors = params_.factors;
  initial.seed = params_.seed;
  initial.use = RandomUse::initial_user_factors;
  initial.standard_deviation = params_.init_std;
  launch_initial_factors(Precision::fp32, initial, stream_);
  stream_.wait();
}

void CudaAlsSession::reserve() {
  const auto largest_of_both = [&](const auto& size) {
    return std::max(largest(users_.batch, [&](std::size_t b) { return size(users_, b); }),
                    largest(items_.batch, [&](std::size_t b) { return size(items_, b); }));
  };
  const std::int64_t rows = largest_of_both([](const Side& side, std::size_t b) {
    return std::int64_t{side.batch[b + 1]} - side.batch[b];
  });
  const std::size_t floats = matrix_size(rows, stride_);
  residual_ = DeviceBuffer<float>(floats, stream_);
  direction_ = DeviceBuffer<float>(floats, stream_);
  if (params_.method == AlsMethod::conjugate_gradient) {
    const std::int64_t pieces = largest_of_both([](const Side& side, std::size_t b) {
      return side.pieces.first[static_cast<std::size_t>(side.batch[b + 1])] -
             side.pieces.first[static_cast<std::size_t>(side.batch[b])];
    });
    product_ = DeviceBuffer<float>(floats, stream_);
    square_ = DeviceBuffer<float>(static_cast<std::size_t>(rows), stream_);
    partial_ = DeviceBuffer<float>(matrix_size(pieces, stride_), stream_);
    piece_value_ = DeviceBuffer<double>(static_cast<std::size_t>(pieces), stream_);
    return;
  }
  matrix_ = DeviceBuffer<float>(floats * static_cast<std::size_t>(stride_), stream_);
  info_ = DeviceBuffer<int>(static_cast<std::size_t>(rows), stream_);
  std::vector<float*> matrix;
  std::vector<float*> solution;
  for (std::int64_t n = 0; n < rows; ++n) {
    matrix.push_back(matrix_.data() + matrix_size(n * stride_, stride_));
    solution.push_back(direction_.data() + matrix_size(n, stride_));
  }
  matrix_of_row_ = DeviceBuffer<float*>(matrix, stream_);
  solution_of_row_ = DeviceBuffer<float*>(solution, stream_);
  stream_.wait();
}

AlsArguments CudaAlsSession::arguments(Side& side, const Side& others, std::size_t batch) {
  AlsArguments a;
  a.weights = side.weights.rows();
  a.others = others.factors.data();
  a.factors = side.factors.data();
  a.regularization = side.regularization.data();
  a.gram = gram_.data();
  a.stride = stride_;
  a.factors_per_lane = stride_ / kWarpLanes;
  a.first_row = side.batch[batch];
  a.rows = side.batch[batch + 1] - a.first_row;
  a.value = value_.data() + a.first_row;
  a.piece_begin = side.piece_begin.data();
  a.piece_row = side.piece_row.data();
  a.row_piece = side.row_piece.data();
  a.first_piece = side.pieces.first[static_cast<std::size_t>(a.first_row)];
  a.pieces = side.pieces.first[static_cast<std::size_t>(a.first_row + a.rows)] - a.first_piece;
  a.partial = partial_.data();
  a.piece_value = piece_value_.data();
  a.residual = residual_.data();
  a.direction = direction_.data();
  a.product = product_.data();
  a.square = square_.data();
  a.matrix = matrix_.data();
  a.right = residual_.data();
  a.solution = direction_.data();
  a.info = info_.data();
  return a;
}

void CudaAlsSession::solve_by_gradients(const AlsArguments& a) {
  const auto multiply_gram = [&](const float* with) {
    algebra_.multiply<float>(a.rows, stride_, stride_, 1, with, stride_, a.gram, stride_, 0,
                             a.product, stride_);
  };
  multiply_gram(a.factors + matrix_size(a.first_row, stride_));
  launch_residuals(a, stream_);
  launch_start(a, stream_);
  for (int step = 0; step < params_.cg_steps; ++step) {
    multiply_gram(a.direction);
    launch_products(a, stream_);
    launch_step(a, stream_);
  }
}

void CudaAlsSession::solve_systems(const AlsArguments& a) {
  launch_systems(a, stream_);
  algebra_.solve(matrix_of_row_.data(), solution_of_row_.data(), stride_, a.rows, info_.data());
  launch_solutions(a, stream_);
}

void CudaAlsSession::solve(Side& side, const Side& others) {
  algebra_.multiply_by_itself(others.rows, stride_, params_.unobserved_weight,
                              others.factors.data(), gram_.data());
  for (std::size_t b = 0; b + 1 < side.batch.size(); ++b) {
    check_stop_();
    const AlsArguments batch = arguments(side, others, b);
    if (params_.method == AlsMethod::cholesky) {
      solve_systems(batch);
    } else {
      solve_by_gradients(batch);
    }
  }
}

double CudaAlsSession::norm(Side& side) {
  AlsArguments all = arguments(side, side, 0);
  all.rows = side.rows;
  launch_norms(all, stream_);
  return sum_of_values(side.rows);
}

double CudaAlsSession::sum_of_values(Index rows) {
  std::vector<double> value(static_cast<std::size_t>(rows));
  value_.download(value, stream_);
  stream_.wait();
  double sum = 0;
  for (const double one : value) sum += one;
  return sum;
}

double CudaAlsSession::run_epoch() {
  choose_device(device_);
  solve(items_, users_);
  solve(users_, items_);
  const double value = sum_of_values(users_.rows);
  return value + norm(items_);
}

MfState CudaAlsSession::state() const {
  choose_device(device_);
  MfState state;
  state.users = users_.rows;
  state.items = items_.rows;
  state.factors = params_.factors;
  state.biased = false;
  const auto copy = [&](const Side& side, std::vector<float>& factors) {
    std::vector<float> padded(side.factors.size());
    side.factors.download(padded, stream_);
    stream_.wait();
    for (Index row = 0; row < side.rows; ++row) {
      const float* const from = padded.data() + matrix_size(row, stride_);
      factors.insert(factors.end(), from, from + params_.factors);
    }
  };
  copy(users_, state.user_factors);
  copy(items_, state.item_factors);
  return state;
}

}  // namespace tusk
