#include "cuda_bayes_session.hpp"

#include <algorithm>
#include <utility>

#include "backend/bayes_streams.hpp"
#include "bayes_launch.hpp"
#include "bayes_rows.hpp"
#include "model/transposed.hpp"

namespace tusk {
namespace {

// The rows of a batch, the most that a side has.
std::int64_t most_rows(const std::vector<Index>& batch) {
  std::int64_t most = 0;
  for (std::size_t b = 0; b + 1 < batch.size(); ++b) {
    most = std::max<std::int64_t>(most, batch[b + 1] - batch[b]);
  }
  return most;
}

std::int64_t most_pieces(const std::vector<Index>& batch, const AlsPieces& pieces) {
  std::int64_t most = 0;
  for (std::size_t b = 0; b + 1 < batch.size(); ++b) {
    most = std::max(most, pieces.first[static_cast<std::size_t>(batch[b + 1])] -
                              pieces.first[static_cast<std::size_t>(batch[b])]);
  }
  return most;
}

Index most_moments(const CudaBayesWork& work) {
  Index most = std::max(work.problem.ratings.rows(), work.problem.ratings.columns);
  for (const auto& links : {work.users, work.items}) {
    if (links) most = std::max(most, links->features.columns);
  }
  return most;
}

}  // namespace

CudaBayesSession::Side::Side(bool items, const CsrView& matrix, const BayesLayout& layout,
                             const AlsBatchLimits& limits, cudaStream_t stream)
    : of_items(items),
      rows(matrix.rows()),
      divided(divide_rows(matrix, kBayesPieceEntries)),
      batch(als_batches(divided, limits)),
      ratings(matrix, divided, stream),
      vectors(matrix_size(rows, std::int64_t{layout.chains} * layout.stride), stream),
      precision(matrix_size(layout.chains, std::int64_t{layout.stride} * layout.stride), stream),
      mean(matrix_size(layout.chains, layout.stride), stream) {
  std::vector<std::uint8_t> has_ratings;
  for (Index row = 0; row < rows; ++row) has_ratings.push_back(matrix.row(row).empty() ? 0 : 1);
  known = DeviceBuffer<std::uint8_t>(has_ratings, stream);
  TUSK_CUDA_TRY(cudaStreamSynchronize(stream));
}

CudaBayesSession::CudaBayesSession(int device, const CudaBayesWork& work)
    : device_(choose_device(device)),
      algebra_(stream_),
      params_(work.problem.params),
      check_stop_(work.plan.check_stop),
      ratings_(work.problem.ratings.size()),
      layout_{params_.chains, bayes_stride(params_.factors), params_.factors + 1},
      users_(false, work.problem.ratings, layout_, work.plan.batch, stream_),
      items_([&] {
        const Transposed columns(work.problem.ratings);
        return Side(true, columns.view(), layout_, work.plan.batch, stream_);
      }()),
      moments_(layout_, most_moments(work), stream_),
      link_room_(layout_, work.plan.links, stream_),
      alpha_(static_cast<std::size_t>(params_.chains), kInitialNoisePrecision),
      device_alpha_(alpha_.size(), stream_),
      error_(matrix_size(users_.rows, params_.chains), stream_) {
  reserve();
  open_links(users_, work.users);
  open_links(items_, work.items);
  start(users_);
  start(items_);
  stream_.wait();
}

CudaBayesSession::~CudaBayesSession() {
  // After a failure nothing more is known of the stream, and there is nobody to tell.
  cudaSetDevice(device_);
  cudaStreamSynchronize(stream_);
}

void CudaBayesSession::open_links(Side& side, const std::optional<BayesLinkWork>& work) {
  if (!work) return;
  side.links.emplace(
      *work, CudaBayesLinks::Context{params_, layout_, side.of_items, side.known.data(), link_room_,
                                     moments_, algebra_, check_stop_, stream_});
}

void CudaBayesSession::start(Side& side) {
  BayesNormals normals;
  normals.layout = layout_;
  normals.to = side.vectors.data();
  normals.rows = side.rows;
  normals.count = params_.factors;
  normals.deviation = kBayesInitialDeviation;
  normals.seed = params_.seed;
  normals.use = RandomUse::bayes_start;
  normals.of_items = side.of_items;
  launch_normals(normals, stream_);
}

void CudaBayesSession::reserve() {
  const std::int64_t pieces = std::max(most_pieces(users_.batch, users_.divided),
                                       most_pieces(items_.batch, items_.divided));
  gram_ = DeviceBuffer<float>(
      matrix_size(pieces * chains(), std::int64_t{bayes_tiles(layout_.stride)} * kBayesTileFloats),
      stream_);
  if (draws_in_shared_memory(params_.factors)) return;
  const std::int64_t vectors =
      std::max(most_rows(users_.batch), most_rows(items_.batch)) * chains();
  const std::int64_t numbers = std::int64_t{layout_.width} * layout_.stride;
  matrix_ = DeviceBuffer<float>(matrix_size(vectors, numbers), stream_);
  right_ = DeviceBuffer<float>(matrix_size(vectors, layout_.stride), stream_);
  info_ = DeviceBuffer<int>(static_cast<std::size_t>(vectors), stream_);
  std::vector<float*> matrix;
  std::vector<float*> right;
  for (std::int64_t n = 0; n < vectors; ++n) {
    matrix.push_back(matrix_.data() + n * numbers);
    right.push_back(right_.data() + n * layout_.stride);
  }
  matrix_of_vector_ = DeviceBuffer<float*>(matrix, stream_);
  right_of_vector_ = DeviceBuffer<float*>(right, stream_);
  stream_.wait();
}

void CudaBayesSession::draw_prior(Side& side) {
  const int width = layout_.width;
  std::vector<VectorMoments> moments;
  for (const Eigen::MatrixXd& sums :
       moments_.measure(side.vectors.data(), side.links ? side.links->means() : nullptr,
                        side.known.data(), side.rows)) {
    VectorMoments& own = moments.emplace_back();
    own.count = sums(width, width);
    own.mean = sums.col(width).head(width);
    if (own.count > 0) own.mean /= own.count;
    own.scatter = sums.topLeftCorner(width, width) - own.count * own.mean * own.mean.transpose();
  }
  const std::vector<LinkMoments> of_links =
      side.links ? side.links->moments() : std::vector<LinkMoments>(moments.size());
  std::vector<RandomSequence> random;
  side.prior.clear();
  for (int chain = 0; chain < chains(); ++chain) {
    const auto c = static_cast<std::size_t>(chain);
    random.emplace_back(params_.seed,
                        bayes_stream(RandomUse::bayes_priors, chain, side.of_items, sweep_));
    side.prior.push_back(draw_normal_prior(random.back(), moments[c], of_links[c]));
  }
  if (side.links) side.links->draw(side.vectors.data(), side.prior, random, sweep_);
  upload_prior(side);
}

void CudaBayesSession::upload_prior(Side& side) {
  const auto stride = static_cast<std::size_t>(layout_.stride);
  std::vector<float> precision(side.precision.size(), 0);
  std::vector<float> mean(side.mean.size(), 0);
  for (std::size_t chain = 0; chain < side.prior.size(); ++chain) {
    const NormalPrior& own = side.prior[chain];
    const Eigen::VectorXd product = own.precision * own.mean;
    for (Eigen::Index i = 0; i < layout_.width; ++i) {
      const std::size_t row = chain * stride + static_cast<std::size_t>(i);
      mean[row] = static_cast<float>(product[i]);
      for (Eigen::Index j = 0; j < layout_.width; ++j) {
        precision[row * stride + static_cast<std::size_t>(j)] =
            static_cast<float>(own.precision(i, j));
      }
    }
  }
  side.precision.upload(precision, stream_);
  side.mean.upload(mean, stream_);
  stream_.wait();
}

BayesArguments CudaBayesSession::arguments(Side& side, const Side& others, std::size_t batch,
                                           bool measured) {
  BayesArguments a;
  a.layout = layout_;
  a.ratings = side.ratings.matrix.rows();
  a.others = others.vectors.data();
  a.vectors = side.vectors.data();
  a.linked = side.links ? side.links->means() : nullptr;
  a.precision = side.precision.data();
  a.mean = side.mean.data();
  a.alpha = device_alpha_.data();
  a.seed = params_.seed;
  a.of_items = side.of_items;
  a.counter = bayes_counter(sweep_);
  a.piece_begin = side.ratings.begin.data();
  a.row_piece = side.ratings.first.data();
  a.first_row = side.batch[batch];
  a.rows = side.batch[batch + 1] - a.first_row;
  a.first_piece = side.divided.first[static_cast<std::size_t>(a.first_row)];
  a.pieces = side.divided.first[static_cast<std::size_t>(a.first_row + a.rows)] - a.first_piece;
  a.gram = gram_.data();
  a.error = measured ? error_.data() : nullptr;
  a.matrix = matrix_.data();
  a.right = right_.data();
  a.info = info_.data();
  return a;
}

void CudaBayesSession::draw_vectors(Side& side, const Side& others, bool measured) {
  for (std::size_t b = 0; b + 1 < side.batch.size(); ++b) {
    check_stop_();
    const BayesArguments batch = arguments(side, others, b, measured);
    launch_grams(batch, stream_);
    if (draws_in_shared_memory(params_.factors)) {
      launch_draws(batch, stream_);
    } else {
      draw_by_systems(batch);
    }
  }
}

void CudaBayesSession::draw_by_systems(const BayesArguments& batch) {
  const int systems = batch.rows * chains();
  launch_posteriors(batch, stream_);
  algebra_.factor(matrix_of_vector_.data(), layout_.width, layout_.stride, systems, info_.data());
  launch_added_normals(batch, stream_);
  algebra_.solve_factored(matrix_of_vector_.data(), right_of_vector_.data(), layout_.width,
                          layout_.stride, systems);
  launch_vectors(batch, stream_);
}

std::vector<double> CudaBayesSession::squared_errors() {
  std::vector<double> all(error_.size());
  error_.download(all, stream_);
  stream_.wait();
  std::vector<double> errors(alpha_.size(), 0);
  for (std::size_t at = 0; at < all.size(); ++at) errors[at % errors.size()] += all[at];
  return errors;
}

std::vector<BayesSweep> CudaBayesSession::run_sweep() {
  choose_device(device_);
  ++sweep_;
  const std::vector<float> alpha(alpha_.begin(), alpha_.end());
  device_alpha_.upload(alpha, stream_);
  draw_prior(items_);
  draw_prior(users_);
  draw_vectors(items_, users_, false);
  draw_vectors(users_, items_, true);
  std::vector<BayesSweep> sweeps;
  for (const double error : squared_errors()) {
    const std::size_t chain = sweeps.size();
    alpha_[chain] = draw_noise_precision(params_, static_cast<int>(chain), sweep_, ratings_, error);
    sweeps.push_back({error, alpha_[chain]});
  }
  return sweeps;
}

std::vector<float> CudaBayesSession::download(const Side& side) const {
  std::vector<float> all(side.vectors.size());
  side.vectors.download(all, stream_);
  stream_.wait();
  return all;
}

std::vector<BayesDraw> CudaBayesSession::draw(std::span<const int> chains, bool with_links) const {
  choose_device(device_);
  const std::vector<float> users = download(users_);
  const std::vector<float> items = download(items_);
  std::vector<std::vector<float>> links(chains.size());
  if (with_links && users_.links) {
    links = users_.links->links(users_.vectors.data(), users_.prior, sweep_, chains);
  }
  std::vector<BayesDraw> draws;
  for (const int chain : chains) {
    const auto c = static_cast<std::size_t>(chain);
    BayesDraw& own = draws.emplace_back();
    own.user = rows_of_chain(layout_, chain, users);
    own.item = rows_of_chain(layout_, chain, items);
    own.alpha = alpha_[c];
    own.user_prior = as_bayes_prior(users_.prior[c]);
    own.item_prior = as_bayes_prior(items_.prior[c]);
    own.user_links = std::move(links[draws.size() - 1]);
  }
  return draws;
}

BayesChainSide CudaBayesSession::state(const Side& side, int chain) const {
  BayesChainSide state;
  state.vectors = rows_of_chain(layout_, chain, download(side));
  if (side.links) side.links->save(chain, state);
  return state;
}

BayesChain CudaBayesSession::chain(int chain) const {
  choose_device(device_);
  return {alpha_[static_cast<std::size_t>(chain)], state(users_, chain), state(items_, chain)};
}

void CudaBayesSession::restore(Side& side, std::span<const BayesChainSide* const> chains) {
  std::vector<float> all(side.vectors.size(), 0);
  for (std::size_t chain = 0; chain < chains.size(); ++chain) {
    put_rows_of_chain(layout_, static_cast<int>(chain), chains[chain]->vectors, all);
  }
  side.vectors.upload(all, stream_);
  stream_.wait();
  if (side.links) side.links->restore(chains);
}

void CudaBayesSession::restore(std::uint64_t sweeps, std::span<const BayesChain> chains) {
  choose_device(device_);
  sweep_ = sweeps;
  std::vector<const BayesChainSide*> users;
  std::vector<const BayesChainSide*> items;
  for (std::size_t chain = 0; chain < chains.size(); ++chain) {
    alpha_[chain] = chains[chain].alpha;
    users.push_back(&chains[chain].users);
    items.push_back(&chains[chain].items);
  }
  restore(users_, users);
  restore(items_, items);
}

}  // namespace tusk
