#include "cpu/bayes_side.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <Eigen/Cholesky>

#include "algebra/normal_draws.hpp"
#include "backend/bayes_streams.hpp"

namespace tusk {
namespace {

// Floats that a task visits in a pass, about.
constexpr std::int64_t kFloatsPerTask = std::int64_t{1} << 18;

constexpr std::int64_t kRowsPerTask = 64;
constexpr std::int64_t kScatterRows = 1024;  // that are summed in single precision

}  // namespace

BayesSide::BayesSide(bool of_items, const CsrView& ratings, const LinkFeatures* features,
                     const BayesParams& params, int chain, const WorkLoop& loop,
                     const CpuKernels& kernels)
    : of_items_(of_items),
      ratings_(ratings),
      params_(params),
      chain_(chain),
      loop_(loop),
      kernels_(kernels),
      width_(params.factors + 1),
      design_(ratings.rows(), width_ + 1),
      bias_(static_cast<std::size_t>(ratings.rows()), 0),
      residual_(ratings.rows(), width_),
      space_(static_cast<std::size_t>(loop.threads())) {
  std::int64_t floats = 0;
  const std::int64_t stride = design_.vectors() * kLanes;
  for (Index row = 0; row < ratings.rows(); ++row) {
    known_ += is_known(row) ? 1 : 0;
    if (floats == 0) chunk_.push_back(row);
    floats += (std::ssize(ratings.row(row)) + stride) * stride;
    if (floats >= kFloatsPerTask) floats = 0;
    NormalDraws normal(params.seed, stream(RandomUse::bayes_start, static_cast<std::uint64_t>(row)),
                       0);
    float* const design = design_.row(row);
    for (int f = 0; f < params.factors; ++f) {
      design[f] = static_cast<float>(kBayesInitialDeviation * normal.next());
    }
    design[params.factors] = 1;
  }
  chunk_.push_back(ratings.rows());
  if (features != nullptr) links_.emplace(*features, width_, loop, kernels);
  const auto width = static_cast<std::size_t>(width_);
  for (Workspace& space : space_) {
    space.packed = FactorRows(static_cast<Index>(kGramBlock), width_ + 1);
    space.gram = FactorRows(static_cast<Index>(design_.vectors() * kLanes), width_ + 1);
    space.matrix.resize(width * width);
    space.right.resize(width);
  }
}

std::uint64_t BayesSide::stream(RandomUse use, std::uint64_t row) const {
  return bayes_stream(use, chain_, of_items_, row);
}

void BayesSide::draw_noise(RandomUse use, Index row, std::uint64_t sweep, float* out) const {
  NormalDraws normal(params_.seed, stream(use, static_cast<std::uint64_t>(row)),
                     bayes_counter(sweep));
  Eigen::VectorXd noise(width_);
  for (int f = 0; f < width_; ++f) noise[f] = normal.next();
  prior_.root.triangularView<Eigen::Lower>().transpose().solveInPlace(noise);
  for (int f = 0; f < width_; ++f) out[f] = static_cast<float>(noise[f]);
}

Eigen::MatrixXd BayesSide::scatter(const FactorRows& from, Index rows) const {
  const int stride = from.vectors() * kLanes;
  std::vector<FactorRows> part(static_cast<std::size_t>(chunk_count(rows, kScatterRows)));
  loop_.parallel_for(std::ssize(part), [&](std::int64_t p, int) {
    const auto first = static_cast<Index>(p * kScatterRows);
    FactorRows& sum = part[static_cast<std::size_t>(p)];
    sum = FactorRows(stride, width_);
    kernels_.als->add_gram(
        from.row(first),
        std::min<std::size_t>(kScatterRows, static_cast<std::size_t>(rows - first)), from.vectors(),
        sum.data());
  });
  Eigen::MatrixXd all = Eigen::MatrixXd::Zero(width_, width_);
  for (const FactorRows& one : part) {
    for (int i = 0; i < width_; ++i) {
      for (int j = i; j < width_; ++j) all(i, j) += static_cast<double>(one.row(i)[j]);
    }
  }
  all.triangularView<Eigen::StrictlyLower>() = all.transpose();
  return all;
}

void BayesSide::draw_prior(std::uint64_t sweep) {
  const int factors = params_.factors;
  const auto less = [&](Index row, int f) {
    const float own = f < factors ? design_.row(row)[f] : bias_[static_cast<std::size_t>(row)];
    return links_ ? own - links_->means().row(row)[f] : own;
  };
  Eigen::VectorXd middle = Eigen::VectorXd::Zero(width_);
  for (Index row = 0; row < ratings_.rows(); ++row) {
    if (!is_known(row)) continue;
    for (int f = 0; f < width_; ++f) middle[f] += static_cast<double>(less(row, f));
  }
  if (known_ > 0) middle /= known_;
  loop_.parallel_chunks(ratings_.rows(), kRowsPerTask, [&](std::int64_t r, int) {
    const auto row = static_cast<Index>(r);
    float* const out = residual_.row(row);
    for (int f = 0; f < width_; ++f) {
      out[f] =
          is_known(row) ? static_cast<float>(static_cast<double>(less(row, f)) - middle[f]) : 0;
    }
  });
  RandomSequence random(params_.seed, stream(RandomUse::bayes_priors, sweep));
  LinkMoments of_links;
  if (links_) {
    of_links = {static_cast<double>(links_->columns()),
                link_precision_ * scatter(links_->links(), links_->columns())};
  }
  prior_ =
      draw_normal_prior(random, {known_, middle, scatter(residual_, ratings_.rows())}, of_links);
  if (!links_) return;
  loop_.parallel_chunks(ratings_.rows(), kRowsPerTask, [&](std::int64_t r, int) {
    const auto row = static_cast<Index>(r);
    if (!is_known(row)) return;
    float* const out = residual_.row(row);
    for (int f = 0; f < width_; ++f) {
      const float own = f < factors ? design_.row(row)[f] : bias_[static_cast<std::size_t>(row)];
      out[f] = own - static_cast<float>(prior_.mean[f]);
    }
  });
  if (links_->draws_precision()) {
    link_precision_ = links_->draw_precision(link_precision_, residual_, prior_.root, random);
  }
  loop_.parallel_chunks(ratings_.rows(), kRowsPerTask, [&](std::int64_t r, int) {
    const auto row = static_cast<Index>(r);
    if (!is_known(row)) return;
    std::vector<float> own(static_cast<std::size_t>(width_));
    draw_noise(RandomUse::bayes_targets, row, sweep, own.data());
    for (int f = 0; f < width_; ++f) residual_.row(row)[f] += own[static_cast<std::size_t>(f)];
  });
  links_->draw(link_precision_, residual_,
               [&](Index row, float* out) { draw_noise(RandomUse::bayes_links, row, sweep, out); });
  if (links_->draws_precision()) return;
  link_precision_ = draw_link_precision(random, static_cast<double>(links_->columns()),
                                        scatter(links_->links(), links_->columns()), prior_);
}

double BayesSide::draw_vectors(const BayesSide& others, double alpha, std::uint64_t sweep) {
  std::vector<double> error(chunk_.size() - 1, 0);
  loop_.parallel_for(std::ssize(error), [&](std::int64_t chunk, int thread) {
    const auto c = static_cast<std::size_t>(chunk);
    for (Index row = chunk_[c]; row < chunk_[c + 1]; ++row) {
      error[c] += draw_vector(others, row, alpha, sweep, space_[static_cast<std::size_t>(thread)]);
    }
  });
  double sum = 0;
  for (const double one : error) sum += one;
  return sum;
}

double BayesSide::draw_vector(const BayesSide& others, Index row, double alpha, std::uint64_t sweep,
                              Workspace& space) {
  const auto width = static_cast<std::size_t>(width_);
  const auto stride = static_cast<std::size_t>(design_.vectors()) * kLanes;
  const auto columns = ratings_.row(row);
  const float* const value = ratings_.value.data() + ratings_.offset[static_cast<std::size_t>(row)];
  float* const gram = space.gram.data();
  std::fill_n(gram, stride * stride, 0.0f);
  for (std::size_t first = 0; first < columns.size(); first += kGramBlock) {
    const std::size_t count = std::min(kGramBlock, columns.size() - first);
    for (std::size_t k = 0; k < count; ++k) {
      const Index other = columns[first + k];
      float* const packed = space.packed.row(static_cast<Index>(k));
      std::copy_n(others.design_.row(other), stride, packed);
      packed[width] = value[first + k] - others.bias_[static_cast<std::size_t>(other)];
    }
    kernels_.als->add_gram(space.packed.data(), count, design_.vectors(), gram);
  }
  // The lower triangle of A A' = precision + alpha gram, in its place, and right = A^-1 b.
  double* const matrix = space.matrix.data();
  double* const right = space.right.data();
  const float* const linked = links_ ? links_->means().row(row) : nullptr;
  const auto mean = [&](std::size_t f) {
    const double own = prior_.mean[static_cast<Eigen::Index>(f)];
    return linked == nullptr ? own : own + static_cast<double>(linked[f]);
  };
  for (std::size_t j = 0; j < width; ++j) {
    double sum = alpha * static_cast<double>(gram[j * stride + width]);
    for (std::size_t i = 0; i < width; ++i) {
      sum += prior_.precision(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) * mean(i);
    }
    right[j] = sum;
  }
  for (std::size_t j = 0; j < width; ++j) {
    for (std::size_t i = j; i < width; ++i) {
      matrix[i * width + j] =
          prior_.precision(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) +
          alpha * static_cast<double>(gram[j * stride + i]);
    }
  }
  for (std::size_t j = 0; j < width; ++j) {
    double* const pivot = matrix + j * width;
    for (std::size_t k = 0; k < j; ++k) {
      double sum = pivot[k];
      const double* const above = matrix + k * width;
      for (std::size_t l = 0; l < k; ++l) sum -= pivot[l] * above[l];
      pivot[k] = sum * above[k];
    }
    double square = pivot[j];
    double sum = right[j];
    for (std::size_t l = 0; l < j; ++l) {
      square -= pivot[l] * pivot[l];
      sum -= pivot[l] * right[l];
    }
    pivot[j] = 1 / std::sqrt(square);  // inverted
    right[j] = sum * pivot[j];
  }
  NormalDraws normal(params_.seed,
                     stream(RandomUse::bayes_vectors, static_cast<std::uint64_t>(row)),
                     bayes_counter(sweep));
  for (std::size_t f = 0; f < width; ++f) right[f] += normal.next();
  for (std::size_t j = width; j-- > 0;) {
    const double* const pivot = matrix + j * width;
    right[j] *= pivot[j];
    for (std::size_t l = 0; l < j; ++l) right[l] -= pivot[l] * right[j];
  }
  float* const design = design_.row(row);
  for (std::size_t f = 0; f + 1 < width; ++f) design[f] = static_cast<float>(right[f]);
  bias_[static_cast<std::size_t>(row)] = static_cast<float>(right[width - 1]);
  double error = static_cast<double>(gram[width * stride + width]);
  for (std::size_t j = 0; j < width; ++j) {
    double sum = static_cast<double>(gram[j * stride + j]) * right[j] / 2 -
                 static_cast<double>(gram[j * stride + width]);
    for (std::size_t i = j + 1; i < width; ++i) {
      sum += static_cast<double>(gram[j * stride + i]) * right[i];
    }
    error += 2 * right[j] * sum;
  }
  return error;
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

BayesPrior BayesSide::prior() const {
  std::vector<float> links;
  if (links_) {
    for (Index row = 0; row < links_->columns(); ++row) {
      const float* const link = links_->links().row(row);
      links.insert(links.end(), link, link + width_);
    }
  }
  return as_bayes_prior(prior_, std::move(links));
}

}  // namespace tusk
