#include "cpu/bayes_side.hpp"

#include <algorithm>
#include <cmath>

#include <Eigen/Cholesky>

#include "algebra/normal_draws.hpp"
#include "backend/bayes_streams.hpp"
#include "cpu/row_scatter.hpp"

namespace tusk {
namespace {

// Floats that a task visits in a pass, about.
constexpr std::int64_t kSideFloatsPerTask = std::int64_t{1} << 18;

constexpr std::int64_t kSideRowsPerTask = 2048;  // where little is done with each

// A row times a lower triangle, in its place.
void multiply_lower(const Eigen::MatrixXd& lower, float* row) {
  for (Eigen::Index f = 0; f < lower.cols(); ++f) {
    double sum = 0;
    for (Eigen::Index g = f; g < lower.rows(); ++g)
      sum += static_cast<double>(row[g]) * lower(g, f);
    row[f] = static_cast<float>(sum);
  }
}

}  // namespace

BayesSide::BayesSide(bool of_items, const CsrView& ratings, const LinkFeatures* features,
                     const SideGroups& groups, const BayesParams& params, int chain,
                     const WorkLoop& loop, const CpuKernels& kernels)
    : of_items_(of_items),
      ratings_(ratings),
      groups_(groups),
      params_(params),
      chain_(chain),
      loop_(loop),
      kernels_(kernels),
      width_(params.factors + 1),
      design_(ratings.rows(), width_ + 1),
      bias_(static_cast<std::size_t>(ratings.rows()), 0),
      group_bias_(groups.empty() ? 0 : static_cast<std::size_t>(groups.offset.back()), 0),
      space_(static_cast<std::size_t>(loop.threads())) {
  std::int64_t floats = 0;
  const std::int64_t stride = design_.vectors() * kLanes;
  for (Index row = 0; row < ratings.rows(); ++row) {
    known_ += is_known(row) ? 1 : 0;
    if (floats == 0) chunk_.push_back(row);
    floats += (std::ssize(ratings.row(row)) + stride) * stride;
    if (floats >= kSideFloatsPerTask) floats = 0;
    NormalDraws normal(params.seed, stream(RandomUse::bayes_start, static_cast<std::uint64_t>(row)),
                       0);
    float* const design = design_.row(row);
    for (int f = 0; f < params.factors; ++f) {
      design[f] = static_cast<float>(kBayesInitialDeviation * normal.next());
    }
    design[params.factors] = 1;
  }
  chunk_.push_back(ratings.rows());
  if (features != nullptr) {
    links_.emplace(*features, width_, kernels);
    linked_ = FactorRows(ratings.rows(), width_);
    link_scatter_ = Eigen::MatrixXd::Zero(width_, width_);
  }
  const auto width = static_cast<std::size_t>(width_);
  for (Workspace& space : space_) {
    space.packed = FactorRows(static_cast<Index>(kGramBlock), width_ + 1);
    space.gram = FactorRows(static_cast<Index>(design_.vectors() * kLanes), width_ + 1);
    space.mean.resize(width);
    space.moments.resize(triangle_size(width + 1));
    space.noise.resize(width);
    space.scratch.resize(triangle_size(width + 1));
    space.drawn.resize(width);
    space.groups = GroupSums(width_);
  }
}

std::uint64_t BayesSide::stream(RandomUse use, std::uint64_t row) const {
  return bayes_stream(use, chain_, of_items_, row);
}

BayesLinks::Noise BayesSide::noise(std::uint64_t sweep) const {
  return [this, sweep](RandomUse use, Index row, double* out) {
    NormalDraws normal(params_.seed, stream(use, static_cast<std::uint64_t>(row)),
                       bayes_counter(sweep));
    for (int f = 0; f < width_; ++f) out[f] = normal.next();
  };
}

float BayesSide::number(Index row, int f) const {
  return f < params_.factors ? design_.row(row)[f] : bias_[static_cast<std::size_t>(row)];
}

template <class Visit>
void BayesSide::each_known(const WorkLoop& loop, const Visit& visit) const {
  loop.parallel_chunks(ratings_.rows(), kSideRowsPerTask, [&](std::int64_t r, int) {
    if (is_known(static_cast<Index>(r))) visit(static_cast<Index>(r));
  });
}

VectorMoments BayesSide::vector_moments(const WorkLoop& loop) const {
  const auto less = [&](Index row, int f) {
    return links_ ? number(row, f) - linked_.row(row)[f] : number(row, f);
  };
  VectorMoments moments{known_, Eigen::VectorXd::Zero(width_), {}};
  for (Index row = 0; row < ratings_.rows(); ++row) {
    if (!is_known(row)) continue;
    for (int f = 0; f < width_; ++f) moments.mean[f] += static_cast<double>(less(row, f));
  }
  if (known_ > 0) moments.mean /= known_;
  FactorRows distances(ratings_.rows(), width_);
  each_known(loop, [&](Index row) {
    for (int f = 0; f < width_; ++f) {
      distances.row(row)[f] =
          static_cast<float>(static_cast<double>(less(row, f)) - moments.mean[f]);
    }
  });
  moments.scatter = row_scatter(distances, ratings_.rows(), loop, kernels_);
  return moments;
}

FactorRows BayesSide::link_targets(const WorkLoop& loop) const {
  FactorRows targets(ratings_.rows(), width_);
  each_known(loop, [&](Index row) {
    float* const out = targets.row(row);
    for (int f = 0; f < width_; ++f) out[f] = number(row, f) - static_cast<float>(prior_.mean[f]);
    multiply_lower(prior_.root, out);
  });
  return targets;
}

void BayesSide::draw_prior(const WorkLoop& loop, std::uint64_t sweep) {
  RandomSequence random(params_.seed, stream(RandomUse::bayes_priors, sweep));
  LinkMoments of_links;
  if (links_) {
    of_links = {static_cast<double>(links_->columns()), link_precision_ * link_scatter_};
  }
  prior_ = draw_normal_prior(random, vector_moments(loop), of_links);
  if (!links_) return;
  FactorRows targets = link_targets(loop);
  link_precision_ = links_->draw(loop, link_precision_, targets, random, noise(sweep), linked_);
  const Eigen::MatrixXd inverse = inverse_root();
  link_scatter_ = inverse.transpose() * links_->scatter() * inverse;
  loop.parallel_chunks(ratings_.rows(), kSideRowsPerTask, [&](std::int64_t row, int) {
    multiply_lower(inverse, linked_.row(static_cast<Index>(row)));
  });
}

Eigen::MatrixXd BayesSide::inverse_root() const {
  return prior_.root.triangularView<Eigen::Lower>().solve(
      Eigen::MatrixXd::Identity(width_, width_));
}

double BayesSide::draw_vectors(const BayesSide& others, double alpha, std::uint64_t sweep) {
  const Eigen::MatrixXf precision = prior_.precision.cast<float>();
  std::vector<double> error(chunk_.size() - 1, 0);
  loop_.parallel_for(std::ssize(error), [&](std::int64_t chunk, int thread) {
    const auto c = static_cast<std::size_t>(chunk);
    Workspace& space = space_[static_cast<std::size_t>(thread)];
    GibbsRows rows;
    rows.width = width_;
    rows.alpha = static_cast<float>(alpha);
    rows.precision = precision.data();
    rows.mean = space.mean.data();
    rows.moments = space.moments.data();
    rows.noise = space.noise.data();
    rows.scratch = space.scratch.data();
    rows.drawn = space.drawn.data();
    rows.squared_error = &space.squared_error;
    for (Index first = chunk_[c]; first < chunk_[c + 1]; first += kLanes) {
      const int count = std::min(kLanes, chunk_[c + 1] - first);
      for (int lane = 0; lane < count; ++lane) {
        fill_lane(others, first + lane, lane, alpha, sweep, space);
      }
      kernels_.draw_vectors(rows);
      for (int lane = 0; lane < count; ++lane) {
        error[c] += static_cast<double>(space.squared_error.lane[lane]);
        take_lane(first + lane, lane, space);
        if (!groups_.empty()) error[c] += draw_groups(first + lane, lane, alpha, sweep, space);
      }
    }
  });
  double sum = 0;
  for (const double one : error) sum += one;
  if (!groups_.empty()) {
    bias_precision_ = draw_bias_precision(params_, chain_, of_items_, sweep, group_bias_);
  }
  return sum;
}

void BayesSide::pack(const BayesSide& others, std::size_t first, std::size_t count,
                     FactorRows& packed) const {
  const auto stride = static_cast<std::size_t>(design_.vectors()) * kLanes;
  for (std::size_t k = 0; k < count; ++k) {
    const Index other = ratings_.column[first + k];
    float* const to = packed.row(static_cast<Index>(k));
    const float* const design = others.design_.row(other);
    // By vectors, which takes no call.
    for (std::size_t f = 0; f < stride; f += kLanes) std::copy_n(design + f, kLanes, to + f);
    float value = ratings_.value[first + k] - others.bias_[static_cast<std::size_t>(other)];
    if (!groups_.of_others.empty()) value -= others.group_bias(groups_.of_others[first + k]);
    to[width_] = value;
  }
}

void BayesSide::fill_lane(const BayesSide& others, Index row, int lane, double alpha,
                          std::uint64_t sweep, Workspace& space) const {
  const auto width = static_cast<std::size_t>(width_);
  const auto stride = static_cast<std::size_t>(design_.vectors()) * kLanes;
  const auto begin = static_cast<std::size_t>(ratings_.offset[static_cast<std::size_t>(row)]);
  const std::size_t end = begin + ratings_.row(row).size();
  float* const gram = space.gram.data();
  std::fill_n(gram, stride * stride, 0.0f);
  if (!groups_.empty()) space.groups.start(lane, groups_.count(row));
  for (std::size_t first = begin; first < end; first += kGramBlock) {
    const std::size_t count = std::min(kGramBlock, end - first);
    pack(others, first, count, space.packed);
    kernels_.als->add_gram(space.packed.data(), count, design_.vectors(), gram);
    if (groups_.empty()) continue;
    for (std::size_t k = 0; k < count; ++k) {
      const Index group = groups_.of_rating[first + k];
      if (group == kNone) continue;
      space.groups.add(lane, static_cast<std::size_t>(group) - groups_.first(row),
                       space.packed.row(static_cast<Index>(k)));
    }
  }
  if (!groups_.empty()) space.groups.integrate_out(lane, alpha, bias_precision_, gram, stride);
  LaneRow* moment = space.moments.data();
  for (std::size_t i = 0; i <= width; ++i) {
    for (std::size_t j = 0; j <= i; ++j) (moment++)->lane[lane] = gram[j * stride + i];
  }
  NormalDraws normal(params_.seed,
                     stream(RandomUse::bayes_vectors, static_cast<std::uint64_t>(row)),
                     bayes_counter(sweep));
  for (std::size_t f = 0; f < width; ++f) {
    const auto mean = static_cast<float>(prior_.mean[static_cast<Eigen::Index>(f)]);
    space.mean[f].lane[lane] = links_ ? mean + linked_.row(row)[f] : mean;
    space.noise[f].lane[lane] = static_cast<float>(normal.next());
  }
}

void BayesSide::take_lane(Index row, int lane, const Workspace& space) {
  float* const design = design_.row(row);
  for (int f = 0; f < params_.factors; ++f) {
    design[f] = space.drawn[static_cast<std::size_t>(f)].lane[lane];
  }
  bias_[static_cast<std::size_t>(row)] = space.drawn.back().lane[lane];
}

double BayesSide::draw_groups(Index row, int lane, double alpha, std::uint64_t sweep,
                              const Workspace& space) {
  NormalDraws normal(params_.seed, stream(RandomUse::bayes_biases, static_cast<std::uint64_t>(row)),
                     bayes_counter(sweep));
  return space.groups.draw(lane, alpha, bias_precision_, space.drawn.data(), normal,
                           group_bias_.data() + groups_.first(row));
}

GroupBiases BayesSide::groups() const {
  if (groups_.empty()) return {};
  return {group_bias_, bias_precision_};
}

std::vector<float> BayesSide::vectors() const {
  std::vector<float> all;
  all.reserve(bias_.size() * static_cast<std::size_t>(width_));
  for (Index row = 0; row < ratings_.rows(); ++row) {
    all.insert(all.end(), design_.row(row), design_.row(row) + params_.factors);
    all.push_back(bias_[static_cast<std::size_t>(row)]);
  }
  return all;
}

std::vector<float> BayesSide::links(std::uint64_t sweep) const {
  std::vector<float> all;
  if (!links_) return all;
  FactorRows targets = link_targets(loop_);
  FactorRows links = links_->links(loop_, link_precision_, targets, noise(sweep));
  const Eigen::MatrixXd inverse = inverse_root();
  for (Index row = 0; row < links_->columns(); ++row) {
    multiply_lower(inverse, links.row(row));
    all.insert(all.end(), links.row(row), links.row(row) + width_);
  }
  return all;
}

BayesChainSide BayesSide::state() const {
  BayesChainSide state;
  state.vectors = vectors();
  state.link_precision = link_precision_;
  state.groups = groups();
  if (!links_) return state;
  for (Index row = 0; row < ratings_.rows(); ++row) {
    state.linked.insert(state.linked.end(), linked_.row(row), linked_.row(row) + width_);
  }
  state.link_scatter.assign(link_scatter_.data(), link_scatter_.data() + link_scatter_.size());
  return state;
}

void BayesSide::restore(const BayesChainSide& state) {
  const auto width = static_cast<std::size_t>(width_);
  link_precision_ = state.link_precision;
  if (!groups_.empty()) {
    group_bias_ = state.groups.bias;
    bias_precision_ = state.groups.precision;
  }
  for (Index row = 0; row < ratings_.rows(); ++row) {
    const std::size_t first = static_cast<std::size_t>(row) * width;
    std::copy_n(state.vectors.data() + first, params_.factors, design_.row(row));
    bias_[static_cast<std::size_t>(row)] = state.vectors[first + width - 1];
    if (links_) std::copy_n(state.linked.data() + first, width, linked_.row(row));
  }
  if (links_) {
    link_scatter_ = Eigen::Map<const Eigen::MatrixXd>(state.link_scatter.data(), width_, width_);
  }
}

}  // namespace tusk
