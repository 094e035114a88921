#include "cuda_bayes_links.hpp"

#include <algorithm>
#include <cmath>

#include "backend/bayes_limits.hpp"
#include "backend/bayes_streams.hpp"
#include "bayes_launch.hpp"

namespace tusk {
namespace {

DevicePieces upload_pieces(const CsrView& matrix, cudaStream_t stream) {
  const AlsPieces divided = divide_rows(matrix);
  DevicePieces pieces(matrix, divided, stream);
  TUSK_CUDA_TRY(cudaStreamSynchronize(stream));
  return pieces;
}

std::vector<float> squares_of_rows(const CsrView& matrix) {
  std::vector<double> squares(static_cast<std::size_t>(matrix.rows()), 0);
  matrix.each([&](Index row, std::size_t at) {
    const auto value = static_cast<double>(matrix.value[at]);
    squares[static_cast<std::size_t>(row)] += value * value;
  });
  return {squares.begin(), squares.end()};
}

}  // namespace

BayesLinkRoom::BayesLinkRoom(const BayesLayout& layout, const BayesLinkSizes& sizes,
                             cudaStream_t stream) {
  const std::int64_t row = std::int64_t{layout.chains} * layout.stride;
  const std::size_t roots = matrix_size(row, layout.stride);
  const auto floats = [&](std::int64_t rows) {
    return DeviceBuffer<float>(matrix_size(rows, row), stream);
  };
  const auto doubles = [&](std::int64_t rows) {
    return DeviceBuffer<double>(matrix_size(rows, row), stream);
  };
  if (sizes.rows == 0) return;
  target = floats(sizes.rows);
  normals = floats(std::max(sizes.rows, sizes.columns));
  work = floats(sizes.decomposed);
  partial = floats(sizes.pieces);
  root = DeviceBuffer<float>(roots, stream);
  inverse_root = DeviceBuffer<float>(roots, stream);
  mean = floats(1);
  precision = DeviceBuffer<float>(static_cast<std::size_t>(layout.chains), stream);
  inverse = DeviceBuffer<float>(matrix_size(layout.chains, sizes.decomposed), stream);
  below = DeviceBuffer<float>(matrix_size(layout.chains, sizes.decomposed), stream);
  if (sizes.iterated == 0) return;
  right = floats(sizes.iterated);
  residual = floats(sizes.iterated);
  direction = floats(sizes.iterated);
  product = floats(sizes.iterated);
  partial_sums = doubles((sizes.iterated + kMomentRows - 1) / kMomentRows);
  square = doubles(1);
  next_square = doubles(1);
  sums = doubles(1);
  done = DeviceBuffer<std::uint8_t>(static_cast<std::size_t>(layout.chains), stream);
}

CudaBayesLinks::CudaBayesLinks(const BayesLinkWork& work, const Context& context)
    : context_(context),
      all_(upload_pieces(work.features, context.stream)),
      transposed_(upload_pieces(work.transposed, context.stream)),
      dual_(work.dual),
      size_(work.size),
      matrix_diagonal_(work.matrix.diagonal.begin(), work.matrix.diagonal.end()),
      matrix_beside_(work.matrix.beside.begin(), work.matrix.beside.end()),
      basis_({work.basis, matrix_size(size_, size_)}, context.stream),
      links_(matrix_size(work.features.columns, row_floats()), context.stream),
      means_(matrix_size(work.features.rows(), row_floats()), context.stream),
      precision_(static_cast<std::size_t>(context.layout.chains), 1) {
  links_.clear(context_.stream);
  means_.clear(context_.stream);
  if (size_ == 0) {
    const std::vector<float> squares = squares_of_rows(work.transposed);
    diagonal_ = DeviceBuffer<float>(squares, context_.stream);
  }
  // The work may be gone after this.
  TUSK_CUDA_TRY(cudaStreamSynchronize(context_.stream));
}

std::vector<Eigen::MatrixXd> CudaBayesLinks::scatter() {
  const int width = context_.layout.width;
  std::vector<Eigen::MatrixXd> scatter =
      context_.moments.measure(links_.data(), nullptr, nullptr, all_.matrix.columns);
  for (Eigen::MatrixXd& own : scatter) own.conservativeResize(width, width);
  return scatter;
}

std::vector<LinkMoments> CudaBayesLinks::measure() {
  std::vector<LinkMoments> moments;
  for (const Eigen::MatrixXd& own : scatter()) {
    const double precision = precision_[moments.size()];
    moments.push_back({static_cast<double>(all_.matrix.columns), precision * own});
  }
  return moments;
}

void CudaBayesLinks::draw(const float* vectors, std::span<const NormalPrior> prior,
                          std::span<RandomSequence> random, std::uint64_t sweep) {
  BayesLinkRoom& room = context_.room;
  upload(prior);
  set_targets(vectors);
  if (size_ > 0) draw_precisions(prior, random);
  draw_normals(RandomUse::bayes_targets, sweep);
  add_noise(all_.matrix.rows().rows, room.target.data(), 1, [](double) { return 1; });
  draw_normals(RandomUse::bayes_links, sweep);
  draw_links();
  multiply(all_, links_.data(), means_.data(), 1, false);
  if (size_ > 0) return;
  const std::vector<Eigen::MatrixXd> drawn = scatter();
  for (std::size_t chain = 0; chain < drawn.size(); ++chain) {
    precision_[chain] = draw_link_precision(random[chain], static_cast<double>(all_.matrix.columns),
                                            drawn[chain], prior[chain]);
  }
}

void CudaBayesLinks::upload(std::span<const NormalPrior> prior) {
  const auto stride = static_cast<Eigen::Index>(context_.layout.stride);
  const int width = context_.layout.width;
  BayesLinkRoom& room = context_.room;
  std::vector<float> root(room.root.size(), 0);
  std::vector<float> inverse_root(room.root.size(), 0);
  std::vector<float> mean(room.mean.size(), 0);
  using Rows = Eigen::Map<Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>, 0,
                          Eigen::OuterStride<>>;
  for (std::size_t chain = 0; chain < prior.size(); ++chain) {
    const auto first = static_cast<Eigen::Index>(chain) * stride;
    const Eigen::MatrixXd& own = prior[chain].root;
    Rows(root.data() + first * stride, width, width, Eigen::OuterStride<>(stride)) =
        own.cast<float>();
    const Eigen::MatrixXd inverse =
        own.triangularView<Eigen::Lower>().solve(Eigen::MatrixXd::Identity(width, width));
    Rows(inverse_root.data() + first * stride, width, width, Eigen::OuterStride<>(stride)) =
        inverse.cast<float>();
    Eigen::Map<Eigen::VectorXf>(mean.data() + first, width) = prior[chain].mean.cast<float>();
  }
  room.root.upload(root, context_.stream);
  room.inverse_root.upload(inverse_root, context_.stream);
  room.mean.upload(mean, context_.stream);
  TUSK_CUDA_TRY(cudaStreamSynchronize(context_.stream));
}

void CudaBayesLinks::set_targets(const float* vectors) {
  BayesTargets targets;
  targets.layout = context_.layout;
  targets.vectors = vectors;
  targets.mean = context_.room.mean.data();
  targets.rows = all_.matrix.rows().rows;
  targets.to = context_.room.target.data();
  launch_targets(targets, context_.stream);
}

void CudaBayesLinks::draw_precisions(std::span<const NormalPrior> prior,
                                     std::span<RandomSequence> random) {
  BayesLinkRoom& room = context_.room;
  const auto [chains, stride, width] = context_.layout;
  if (dual_) {
    multiply_basis(true, room.target.data(), room.work.data());
  } else {
    multiply(transposed_, room.target.data(), links_.data(), 1, false);
    multiply_basis(true, links_.data(), room.work.data());
  }
  float* const rotated = room.normals.data();  // [size, chains, stride]
  for (int chain = 0; chain < chains; ++chain) {
    context_.algebra.multiply(size_, width, width,
                              {room.work.data() + chain * stride, row_floats()},
                              {room.root.data() + matrix_size(chain * stride, stride), stride},
                              rotated + chain * stride, row_floats());
  }
  std::vector<float> numbers(matrix_size(size_, row_floats()));
  room.normals.download(numbers, context_.stream);
  TUSK_CUDA_TRY(cudaStreamSynchronize(context_.stream));
  for (std::size_t chain = 0; chain < prior.size(); ++chain) {
    std::vector<double> own;
    for (Index row = 0; row < size_; ++row) {
      const float* const from = numbers.data() + matrix_size(row, row_floats()) +
                                chain * static_cast<std::size_t>(stride);
      own.insert(own.end(), from, from + width);
    }
    precision_[chain] = draw_link_precision(random[chain], precision_[chain],
                                            {matrix_diagonal_, matrix_beside_}, dual_, own, width);
  }
}

void CudaBayesLinks::draw_normals(RandomUse use, std::uint64_t sweep) {
  const bool of_rows = use == RandomUse::bayes_targets;
  BayesNormals normals;
  normals.layout = context_.layout;
  normals.to = context_.room.normals.data();
  normals.rows = of_rows ? all_.matrix.rows().rows : all_.matrix.columns;
  normals.count = context_.layout.width;
  normals.seed = context_.params.seed;
  normals.use = use;
  normals.of_items = context_.of_items;
  normals.counter = bayes_counter(sweep);
  launch_normals(normals, context_.stream);
}

void CudaBayesLinks::add_noise(Index rows, float* to, float beta,
                               const std::function<double(double)>& by) {
  BayesLinkRoom& room = context_.room;
  const auto [chains, stride, width] = context_.layout;
  for (int chain = 0; chain < chains; ++chain) {
    const double factor = by(precision_[static_cast<std::size_t>(chain)]);
    context_.algebra.multiply(
        rows, width, width, {room.normals.data() + chain * stride, row_floats()},
        {room.inverse_root.data() + matrix_size(chain * stride, stride), stride},
        to + chain * stride, row_floats(), static_cast<float>(factor), beta);
  }
}

void CudaBayesLinks::multiply(const DevicePieces& matrix, const float* from, float* to, float sign,
                              bool add) {
  BayesProduct product;
  product.matrix = matrix.matrix.rows();
  product.piece_begin = matrix.begin.data();
  product.piece_row = matrix.row.data();
  product.row_piece = matrix.first.data();
  product.pieces = matrix.count;
  product.width = row_floats();
  product.from = from;
  product.to = to;
  product.partial = context_.room.partial.data();
  product.sign = sign;
  product.add = add;
  launch_product(product, context_.stream);
}

void CudaBayesLinks::multiply_basis(bool transposed, const float* from, float* to) {
  context_.algebra.multiply(size_, row_floats(), size_, {basis_.data(), size_, transposed},
                            {from, row_floats()}, to, row_floats());
}

void CudaBayesLinks::solve_dense(float* rows) {
  BayesLinkRoom& room = context_.room;
  std::vector<float> inverse;
  std::vector<float> below;
  for (const double precision : precision_) {
    const TridiagonalFactor factor =
        factor_tridiagonal({matrix_diagonal_, matrix_beside_}, precision);
    inverse.insert(inverse.end(), factor.inverse.begin(), factor.inverse.end());
    below.insert(below.end(), factor.below.begin(), factor.below.end());
  }
  room.inverse.upload(inverse, context_.stream);
  room.below.upload(below, context_.stream);
  multiply_basis(true, rows, room.work.data());
  BayesTridiagonal system;
  system.rows = room.work.data();
  system.inverse = room.inverse.data();
  system.below = room.below.data();
  system.size = size_;
  system.stride = context_.layout.stride;
  system.width = row_floats();
  launch_tridiagonal(system, context_.stream);
  multiply_basis(false, room.work.data(), rows);
  TUSK_CUDA_TRY(cudaStreamSynchronize(context_.stream));
}

void CudaBayesLinks::draw_links() {
  BayesLinkRoom& room = context_.room;
  const Index columns = all_.matrix.columns;
  const auto root = [](double precision) { return std::sqrt(precision); };
  float* const target = room.target.data();
  float* const links = links_.data();
  if (size_ > 0 && dual_) {
    add_noise(columns, links, 0, [](double precision) { return 1 / std::sqrt(precision); });
    multiply(all_, links, target, -1, true);
    solve_dense(target);
    multiply(transposed_, target, links, 1, true);
  } else if (size_ > 0) {
    add_noise(columns, links, 0, root);
    multiply(transposed_, target, links, 1, true);
    solve_dense(links);
  } else {
    // What is behind the numbers of rows is 0, so that the residuals there are, too.
    room.right.clear(context_.stream);
    add_noise(columns, room.right.data(), 0, root);
    multiply(transposed_, target, room.right.data(), 1, true);
    solve_iteratively();
  }
}

BayesGradients CudaBayesLinks::gradients() {
  BayesLinkRoom& room = context_.room;
  BayesGradients a;
  a.rows = all_.matrix.columns;
  a.width = row_floats();
  a.stride = context_.layout.stride;
  a.precision = room.precision.data();
  a.done = room.done.data();
  a.diagonal = diagonal_.data();
  a.solution = links_.data();
  a.right = room.right.data();
  a.residual = room.residual.data();
  a.scaled = room.normals.data();
  a.direction = room.direction.data();
  a.product = room.product.data();
  a.square = room.square.data();
  a.curvature = room.sums.data();
  a.next_square = room.next_square.data();
  return a;
}

void CudaBayesLinks::apply(const BayesGradients& gradients, const float* from) {
  float* const inner = context_.room.target.data();
  multiply(all_, from, inner, 1, false);
  multiply(transposed_, inner, gradients.product, 1, false);
  launch_added_precision(gradients, from, context_.stream);
}

void CudaBayesLinks::sum_columns(const float* a, const float* b, double* sums) {
  launch_column_sums(
      {all_.matrix.columns, row_floats(), a, b, context_.room.partial_sums.data(), sums},
      context_.stream);
}

std::vector<double> CudaBayesLinks::download_sums() {
  std::vector<double> sums(context_.room.sums.size());
  context_.room.sums.download(sums, context_.stream);
  TUSK_CUDA_TRY(cudaStreamSynchronize(context_.stream));
  return sums;
}

void CudaBayesLinks::solve_iteratively() {
  BayesLinkRoom& room = context_.room;
  const auto stride = static_cast<std::size_t>(context_.layout.stride);
  const std::vector<float> precision(precision_.begin(), precision_.end());
  room.precision.upload(precision, context_.stream);
  std::vector<std::uint8_t> done(precision_.size(), 0);
  BayesGradients a = gradients();
  apply(a, a.solution);
  launch_gradient_start(a, context_.stream);
  sum_columns(a.right, a.right, room.sums.data());
  const std::vector<double> whole = download_sums();
  sum_columns(a.residual, a.scaled, room.square.data());
  for (int step = 0; step < kMostLinkSteps; ++step) {
    context_.check_stop();
    sum_columns(a.residual, a.residual, room.sums.data());
    const std::vector<double> left = download_sums();
    for (std::size_t chain = 0; chain < done.size(); ++chain) {
      bool all = true;
      for (std::size_t k = chain * stride; k < (chain + 1) * stride; ++k) {
        all = all && left[k] <= kLinkTolerance * kLinkTolerance * whole[k];
      }
      done[chain] = all ? 1 : 0;
    }
    if (std::count(done.begin(), done.end(), 0) == 0) return;
    room.done.upload(done, context_.stream);
    apply(a, a.direction);
    sum_columns(a.direction, a.product, room.sums.data());
    launch_gradient_step(a, context_.stream);
    sum_columns(a.residual, a.scaled, room.next_square.data());
    launch_gradient_turn(a, context_.stream);
    std::swap(room.square, room.next_square);
    a.square = room.square.data();
    a.next_square = room.next_square.data();
  }
}

std::vector<float> CudaBayesLinks::links(int chain) const {
  const auto [chains, stride, width] = context_.layout;
  std::vector<float> all(links_.size());
  links_.download(all, context_.stream);
  TUSK_CUDA_TRY(cudaStreamSynchronize(context_.stream));
  std::vector<float> own;
  for (auto row = all.begin() + chain * stride; row < all.end(); row += row_floats()) {
    own.insert(own.end(), row, row + width);
  }
  return own;
}

}  // namespace tusk
