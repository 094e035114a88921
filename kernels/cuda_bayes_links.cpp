#include "cuda_bayes_links.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "backend/bayes_streams.hpp"
#include "backend/link_draws.hpp"
#include "bayes_launch.hpp"
#include "bayes_rows.hpp"

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

Eigen::MatrixXd inverse_of_lower(const Eigen::MatrixXd& lower) {
  return lower.triangularView<Eigen::Lower>().solve(
      Eigen::MatrixXd::Identity(lower.rows(), lower.cols()));
}

}  // namespace

BayesLinkRoom::BayesLinkRoom(const BayesLayout& layout, const BayesLinkSizes& sizes,
                             cudaStream_t stream) {
  const std::int64_t row = std::int64_t{layout.chains} * layout.stride;
  const auto chains = static_cast<std::size_t>(layout.chains);
  const auto floats = [&](std::int64_t rows) {
    return DeviceBuffer<float>(matrix_size(rows, row), stream);
  };
  const auto doubles = [&](std::int64_t rows) {
    return DeviceBuffer<double>(matrix_size(rows, row), stream);
  };
  if (sizes.rows == 0) return;
  target = floats(sizes.rows);
  work = floats(sizes.decomposed);
  partial = floats(sizes.pieces);
  root = floats(layout.stride);
  inverse_root = floats(layout.stride);
  mean = floats(1);
  deviations = DeviceBuffer<float>(chains, stream);
  if (sizes.iterated == 0) return;
  precision = DeviceBuffer<float>(chains, stream);
  right = floats(sizes.iterated);
  residual = floats(sizes.iterated);
  scaled = floats(sizes.iterated);
  direction = floats(sizes.iterated);
  product = floats(sizes.iterated);
  partial_sums = doubles((sizes.iterated + kMomentRows - 1) / kMomentRows);
  square = doubles(1);
  next_square = doubles(1);
  sums = doubles(1);
  done = DeviceBuffer<std::uint8_t>(chains, stream);
}

CudaBayesLinks::CudaBayesLinks(const BayesLinkWork& work, const Context& context)
    : context_(context),
      all_(upload_pieces(work.features, context.stream)),
      transposed_(upload_pieces(work.transposed, context.stream)),
      dual_(work.dual),
      only_known_(work.only_known),
      size_(work.size),
      matrix_diagonal_(work.matrix.diagonal.begin(), work.matrix.diagonal.end()),
      matrix_beside_(work.matrix.beside.begin(), work.matrix.beside.end()),
      basis_({work.basis, matrix_size(size_, size_)}, context.stream),
      links_(matrix_size(is_implicit() ? 0 : columns(), row_floats()), context.stream),
      means_(matrix_size(work.features.rows(), row_floats()), context.stream),
      precision_(static_cast<std::size_t>(context.layout.chains), 1),
      scatter_(precision_.size(),
               Eigen::MatrixXd::Zero(context.layout.width, context.layout.width)) {
  means_.clear(context_.stream);
  std::vector<float> squares;
  if (size_ == 0) squares = squares_of_rows(work.transposed);
  diagonal_ = DeviceBuffer<float>(squares, context_.stream);
  // The work may be gone after this.
  TUSK_CUDA_TRY(cudaStreamSynchronize(context_.stream));
}

std::vector<LinkMoments> CudaBayesLinks::moments() const {
  std::vector<LinkMoments> moments;
  for (std::size_t chain = 0; chain < scatter_.size(); ++chain) {
    moments.push_back({static_cast<double>(columns()), precision_[chain] * scatter_[chain]});
  }
  return moments;
}

void CudaBayesLinks::draw(const float* vectors, std::span<const NormalPrior> prior,
                          std::span<RandomSequence> random, std::uint64_t sweep) {
  upload(prior);
  set_targets(vectors);
  const std::vector<Eigen::MatrixXd> scatter =
      size_ > 0 ? draw_decomposed(random, sweep) : draw_iteratively(random, sweep);
  if (is_implicit()) {
    multiply_by_inverse_root(means_.data(), all_.matrix.rows().rows);
  } else {
    multiply_by_inverse_root(links_.data(), columns());
    multiply(all_, links_.data(), means_.data(), 1, false);
  }
  for (std::size_t chain = 0; chain < prior.size(); ++chain) {
    const Eigen::MatrixXd inverse = inverse_of_lower(prior[chain].root);
    scatter_[chain] = inverse.transpose() * scatter[chain] * inverse;
  }
}

void CudaBayesLinks::upload(std::span<const NormalPrior> prior) const {
  const auto stride = static_cast<Eigen::Index>(context_.layout.stride);
  const int width = context_.layout.width;
  BayesLinkRoom& room = context_.room;
  std::vector<float> root(room.root.size(), 0);
  std::vector<float> inverse_root(room.root.size(), 0);
  std::vector<float> mean(room.mean.size(), 0);
  using Matrix = Eigen::Map<Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>,
                            0, Eigen::OuterStride<>>;
  for (std::size_t chain = 0; chain < prior.size(); ++chain) {
    const auto first = static_cast<Eigen::Index>(chain) * stride;
    const Eigen::MatrixXd& own = prior[chain].root;
    const auto at = [&](std::vector<float>& all) {
      return Matrix(all.data() + first * stride, width, width, Eigen::OuterStride<>(stride));
    };
    at(root).triangularView<Eigen::Lower>() = own.cast<float>();
    at(inverse_root).triangularView<Eigen::Lower>() = inverse_of_lower(own).cast<float>();
    Eigen::Map<Eigen::VectorXf>(mean.data() + first, width) = prior[chain].mean.cast<float>();
  }
  room.root.upload(root, context_.stream);
  room.inverse_root.upload(inverse_root, context_.stream);
  room.mean.upload(mean, context_.stream);
  TUSK_CUDA_TRY(cudaStreamSynchronize(context_.stream));
}

void CudaBayesLinks::set_targets(const float* vectors) const {
  const BayesLinkRoom& room = context_.room;
  launch_lower_product({context_.layout, vectors, room.mean.data(), context_.known,
                        room.root.data(), all_.matrix.rows().rows, context_.room.target.data()},
                       context_.stream);
}

void CudaBayesLinks::multiply_by_inverse_root(float* rows, Index count) const {
  launch_lower_product(
      {context_.layout, rows, nullptr, nullptr, context_.room.inverse_root.data(), count, rows},
      context_.stream);
}

std::vector<Eigen::MatrixXd> CudaBayesLinks::draw_decomposed(std::span<RandomSequence> random,
                                                             std::uint64_t sweep) {
  BayesLinkRoom& room = context_.room;
  const int width = context_.layout.width;
  if (dual_) {
    multiply_basis(true, room.target.data(), room.work.data());
  } else {
    multiply(transposed_, room.target.data(), links_.data(), 1, false);
    multiply_basis(true, links_.data(), room.work.data());
  }
  const Rows targets = download_work();
  std::vector<RotatedLinks> rotated;
  for (std::size_t chain = 0; chain < targets.size(); ++chain) {
    rotated.push_back(
        {{matrix_diagonal_, matrix_beside_}, dual_, columns(), width, targets[chain]});
    precision_[chain] = draw_link_precision(random[chain], precision_[chain], rotated[chain]);
  }
  if (dual_ && !is_implicit()) {
    draw_dual(RandomUse::bayes_links, sweep, links_.data());
    return measure();
  }
  const auto noise_of = [&](RandomUse use) {
    launch_normals(normals(use, sweep, 0, size_, room.work.data()), context_.stream);
    return download_work();
  };
  const Rows noise = noise_of(RandomUse::bayes_links);
  const Rows more = dual_ ? noise_of(RandomUse::bayes_targets) : Rows(noise.size());
  Rows rows;
  std::vector<Eigen::MatrixXd> scatter;
  for (std::size_t chain = 0; chain < rotated.size(); ++chain) {
    RotatedDraw drawn =
        draw_links(random[chain], precision_[chain], rotated[chain], noise[chain], more[chain]);
    rows.push_back(std::move(drawn.rows));
    scatter.push_back(std::move(drawn.scatter));
  }
  upload_work(rows);
  multiply_basis(false, room.work.data(), dual_ ? means_.data() : links_.data());
  return scatter;
}

void CudaBayesLinks::draw_dual(RandomUse use, std::uint64_t sweep, float* links) const {
  BayesLinkRoom& room = context_.room;
  const int width = context_.layout.width;
  float* const target = room.target.data();
  BayesNormals prior = normals(use, sweep, 0, columns(), links);
  set_deviations([](double precision) { return 1 / std::sqrt(precision); });
  prior.deviations = room.deviations.data();
  launch_normals(prior, context_.stream);
  multiply(all_, links, target, -1, true);
  BayesNormals own = normals(use, sweep, columns(), size_, target);
  own.add = true;
  launch_normals(own, context_.stream);
  multiply_basis(true, target, room.work.data());
  Rows rows = download_work();
  for (std::size_t chain = 0; chain < rows.size(); ++chain) {
    solve_tridiagonal({matrix_diagonal_, matrix_beside_}, precision_[chain], width, rows[chain]);
  }
  upload_work(rows);
  multiply_basis(false, room.work.data(), target);
  multiply(transposed_, target, links, 1, true);
}

std::vector<Eigen::MatrixXd> CudaBayesLinks::draw_iteratively(std::span<RandomSequence> random,
                                                              std::uint64_t sweep) {
  BayesLinkRoom& room = context_.room;
  BayesNormals prior = normals(RandomUse::bayes_links, sweep, 0, columns(), room.right.data());
  set_deviations([](double precision) { return std::sqrt(precision); });
  prior.deviations = room.deviations.data();
  launch_normals(prior, context_.stream);
  BayesNormals own =
      normals(RandomUse::bayes_targets, sweep, 0, all_.matrix.rows().rows, room.target.data());
  own.add = true;
  launch_normals(own, context_.stream);
  multiply(transposed_, room.target.data(), room.right.data(), 1, true);
  solve_iteratively();
  std::vector<Eigen::MatrixXd> scatter = measure();
  for (std::size_t chain = 0; chain < scatter.size(); ++chain) {
    precision_[chain] = draw_link_precision(random[chain], columns(), context_.layout.width,
                                            scatter[chain].trace());
  }
  return scatter;
}

std::vector<Eigen::MatrixXd> CudaBayesLinks::measure() const {
  const int width = context_.layout.width;
  std::vector<Eigen::MatrixXd> scatter =
      context_.moments.measure(links_.data(), nullptr, nullptr, columns());
  for (Eigen::MatrixXd& own : scatter) own.conservativeResize(width, width);
  return scatter;
}

BayesNormals CudaBayesLinks::normals(RandomUse use, std::uint64_t sweep, Index first, Index rows,
                                     float* to) const {
  BayesNormals normals;
  normals.layout = context_.layout;
  normals.to = to;
  normals.rows = rows;
  normals.count = context_.layout.width;
  normals.seed = context_.params.seed;
  normals.use = use;
  normals.of_items = context_.of_items;
  normals.first = first;
  normals.counter = bayes_counter(sweep);
  return normals;
}

void CudaBayesLinks::set_deviations(const std::function<double(double)>& of_precision) const {
  std::vector<float> deviations;
  for (const double precision : precision_) {
    deviations.push_back(static_cast<float>(of_precision(precision)));
  }
  context_.room.deviations.upload(deviations, context_.stream);
  TUSK_CUDA_TRY(cudaStreamSynchronize(context_.stream));
}

void CudaBayesLinks::multiply(const DevicePieces& matrix, const float* from, float* to, float sign,
                              bool add) const {
  BayesProduct product;
  product.matrix = matrix.matrix.rows();
  product.piece_begin = matrix.begin.data();
  product.piece_row = matrix.row.data();
  product.row_piece = matrix.first.data();
  product.pieces = matrix.count;
  product.width = static_cast<int>(row_floats());
  product.from = from;
  product.to = to;
  product.partial = context_.room.partial.data();
  product.sign = sign;
  product.add = add;
  launch_product(product, context_.stream);
}

void CudaBayesLinks::multiply_basis(bool transposed, const float* from, float* to) const {
  const auto width = static_cast<int>(row_floats());
  context_.algebra.multiply(size_, width, size_, {basis_.data(), size_, transposed}, {from, width},
                            to, width);
}

CudaBayesLinks::Rows CudaBayesLinks::download_work() const {
  std::vector<float> numbers(matrix_size(size_, row_floats()));
  context_.room.work.download(numbers, context_.stream);
  TUSK_CUDA_TRY(cudaStreamSynchronize(context_.stream));
  Rows rows;
  for (int chain = 0; chain < context_.layout.chains; ++chain) {
    const std::vector<float> own = rows_of_chain(context_.layout, chain, numbers);
    rows.emplace_back(own.begin(), own.end());
  }
  return rows;
}

void CudaBayesLinks::upload_work(const Rows& rows) const {
  std::vector<float> numbers(matrix_size(size_, row_floats()), 0);
  for (std::size_t chain = 0; chain < rows.size(); ++chain) {
    put_rows_of_chain(context_.layout, static_cast<int>(chain), rows[chain], numbers);
  }
  context_.room.work.upload(numbers, context_.stream);
  TUSK_CUDA_TRY(cudaStreamSynchronize(context_.stream));
}

std::vector<std::vector<float>> CudaBayesLinks::links(const float* vectors,
                                                      std::span<const NormalPrior> prior,
                                                      std::uint64_t sweep,
                                                      std::span<const int> chains) const {
  std::vector<float> all(matrix_size(columns(), row_floats()));
  if (is_implicit()) {
    DeviceBuffer<float> links(all.size(), context_.stream);
    upload(prior);
    set_targets(vectors);
    draw_dual(RandomUse::bayes_kept_links, sweep, links.data());
    multiply_by_inverse_root(links.data(), columns());
    links.download(all, context_.stream);
  } else {
    links_.download(all, context_.stream);
  }
  TUSK_CUDA_TRY(cudaStreamSynchronize(context_.stream));
  std::vector<std::vector<float>> links;
  for (const int chain : chains) links.push_back(rows_of_chain(context_.layout, chain, all));
  return links;
}

void CudaBayesLinks::save(int chain, BayesChainSide& state) const {
  const auto c = static_cast<std::size_t>(chain);
  std::vector<float> all(means_.size());
  means_.download(all, context_.stream);
  TUSK_CUDA_TRY(cudaStreamSynchronize(context_.stream));
  state.linked = rows_of_chain(context_.layout, chain, all);
  state.link_precision = precision_[c];
  state.link_scatter.assign(scatter_[c].data(), scatter_[c].data() + scatter_[c].size());
}

void CudaBayesLinks::restore(std::span<const BayesChainSide* const> states) {
  std::vector<float> means(means_.size(), 0);
  for (std::size_t chain = 0; chain < states.size(); ++chain) {
    const BayesChainSide& own = *states[chain];
    precision_[chain] = own.link_precision;
    scatter_[chain] = Eigen::Map<const Eigen::MatrixXd>(
        own.link_scatter.data(), scatter_[chain].rows(), scatter_[chain].cols());
    put_rows_of_chain(context_.layout, static_cast<int>(chain), own.linked, means);
  }
  means_.upload(means, context_.stream);
  TUSK_CUDA_TRY(cudaStreamSynchronize(context_.stream));
}

}  // namespace tusk
