#include "cuda_bayes_moments.hpp"

#include <algorithm>

#include "bayes_launch.hpp"

namespace tusk {
namespace {

constexpr int kTile = kGramTile;

std::size_t numbers_of(const BayesLayout& layout) {
  return matrix_size(layout.chains, bayes_tiles(layout.stride) * kBayesTileFloats);
}

}  // namespace

CudaBayesMoments::CudaBayesMoments(const BayesLayout& layout, Index most_rows, cudaStream_t stream)
    : layout_(layout),
      stream_(stream),
      partial_(matrix_size((most_rows + kMomentRows - 1) / kMomentRows,
                           static_cast<std::int64_t>(numbers_of(layout))),
               stream),
      sums_(numbers_of(layout), stream) {}

std::vector<Eigen::MatrixXd> CudaBayesMoments::measure(const float* from, const float* less,
                                                       const std::uint8_t* known, Index rows) {
  BayesMoments moments;
  moments.layout = layout_;
  moments.from = from;
  moments.less = less;
  moments.known = known;
  moments.rows = rows;
  moments.partial = partial_.data();
  moments.sums = sums_.data();
  launch_moments(moments, stream_);
  std::vector<double> sums(sums_.size());
  sums_.download(sums, stream_);
  TUSK_CUDA_TRY(cudaStreamSynchronize(stream_));
  const int tiles = layout_.stride / kTile;
  std::vector<Eigen::MatrixXd> all;
  const double* tile = sums.data();
  for (int chain = 0; chain < layout_.chains; ++chain) {
    Eigen::MatrixXd& own = all.emplace_back(layout_.stride, layout_.stride);
    for (int left = 0; left < tiles; ++left) {
      for (int right = left; right < tiles; ++right, tile += kTile * kTile) {
        for (int i = 0; i < kTile; ++i) {
          for (int j = 0; j < kTile; ++j) {
            own(left * kTile + i, right * kTile + j) = tile[i * kTile + j];
            own(right * kTile + j, left * kTile + i) = tile[i * kTile + j];
          }
        }
      }
    }
    own.conservativeResize(layout_.width + 1, layout_.width + 1);
  }
  return all;
}

}  // namespace tusk
