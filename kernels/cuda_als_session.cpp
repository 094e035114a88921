#include "cuda_als_session.hpp"

#include <algorithm>

#include "als_launch.hpp"
#include "model/transposed.hpp"
#include "model_launch.hpp"

namespace tusk {
namespace {

std::size_t places(std::int64_t rows, std::int64_t columns) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
}

// The largest of size(b) over the batches b of a side.
template <class Size>
std::int64_t largest(const std::vector<Index>& batch, const Size& size) {
  std::int64_t most = 0;
  for (std::size_t b = 0; b + 1 < batch.size(); ++b) most = std::max(most, size(b));
  return most;
}

template <class T>
void grow(DeviceBuffer<T>& buffer, std::size_t size, cudaStream_t stream) {
  if (buffer.size() < size) buffer = DeviceBuffer<T>(size, stream);
}

}  // namespace

CudaAlsSession::Side::Side(const AlsParams& params, const CsrView& matrix,
                           std::uint64_t batch_bytes, cudaStream_t stream)
    : rows(matrix.rows()),
      weights(matrix, stream),
      factors(places(rows, als_stride(params.factors)), stream),
      regularization(als_regularizations(params, matrix), stream),
      pieces(divide_rows(matrix)),
      batch(als_batches(params, pieces, batch_bytes)),
      piece_begin(pieces.begin, stream),
      piece_row(pieces.row, stream),
      row_piece(pieces.first, stream) {
  factors.clear(stream);
  // What was uploaded may be gone after this.
  TUSK_CUDA_TRY(cudaStreamSynchronize(stream));
}

CudaAlsSession::CudaAlsSession(int device, const AlsProblem& problem, const AlsPlan& plan)
    : device_(choose_device(device)),
      algebra_(stream_),
      params_(problem.params),
      stride_(als_stride(params_.factors)),
      users_(params_, problem.weights, plan.batch_bytes, stream_),
      items_(params_, Transposed(problem.weights).view(), plan.batch_bytes, stream_),
      gram_(places(stride_, stride_), stream_),
      value_(static_cast<std::size_t>(std::max(users_.rows, items_.rows)), stream_) {
  reserve(users_);
  reserve(items_);
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

void CudaAlsSession::reserve(const Side& side) {
  const std::int64_t rows = largest(
      side.batch, [&](std::size_t b) { return std::int64_t{side.batch[b + 1]} - side.batch[b]; });
  const std::size_t floats = places(rows, stride_);
  grow(residual_, floats, stream_);
  grow(direction_, floats, stream_);
  if (params_.method == AlsMethod::conjugate_gradient) {
    const auto pieces = static_cast<std::size_t>(largest(side.batch, [&](std::size_t b) {
      return side.pieces.first[static_cast<std::size_t>(side.batch[b + 1])] -
             side.pieces.first[static_cast<std::size_t>(side.batch[b])];
    }));
    grow(product_, floats, stream_);
    grow(square_, static_cast<std::size_t>(rows), stream_);
    grow(partial_, pieces * static_cast<std::size_t>(stride_), stream_);
    grow(piece_value_, pieces, stream_);
    return;
  }
  grow(matrix_, floats * static_cast<std::size_t>(stride_), stream_);
  grow(info_, static_cast<std::size_t>(rows), stream_);
  std::vector<float*> matrix;
  std::vector<float*> solution;
  for (std::int64_t n = 0; n < rows; ++n) {
    matrix.push_back(matrix_.data() + places(n * stride_, stride_));
    solution.push_back(direction_.data() + places(n, stride_));
  }
  if (matrix_of_row_.size() < matrix.size()) {
    matrix_of_row_ = DeviceBuffer<float*>(matrix, stream_);
    solution_of_row_ = DeviceBuffer<float*>(solution, stream_);
    stream_.wait();
  }
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
  multiply_gram(a.factors + places(a.first_row, stride_));
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

double CudaAlsSession::solve(Side& side, const Side& others) {
  algebra_.multiply_by_itself(others.rows, stride_, params_.unobserved_weight,
                              others.factors.data(), gram_.data());
  for (std::size_t b = 0; b + 1 < side.batch.size(); ++b) {
    const AlsArguments batch = arguments(side, others, b);
    if (params_.method == AlsMethod::cholesky) {
      solve_systems(batch);
    } else {
      solve_by_gradients(batch);
    }
  }
  return sum_of_values(side.rows);
}

double CudaAlsSession::norm(Side& side) {
  for (std::size_t b = 0; b + 1 < side.batch.size(); ++b) {
    launch_norms(arguments(side, side, b), stream_);
  }
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
  const double value = solve(users_, items_);
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
      const float* const from = padded.data() + places(row, stride_);
      factors.insert(factors.end(), from, from + params_.factors);
    }
  };
  copy(users_, state.user_factors);
  copy(items_, state.item_factors);
  return state;
}

}  // namespace tusk
