#include "cuda/cuda_topk_session.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "backend/padded_lists.hpp"
#include "cuda/topk_layout.hpp"

namespace tusk {

CudaTopKSession::CudaTopKSession(std::unique_ptr<DotSession> gpu, std::size_t candidates,
                                 OpenOnCpu open_on_cpu)
    : gpu_(std::move(gpu)), candidates_(candidates), open_on_cpu_(std::move(open_on_cpu)) {}

DotTopKSession& CudaTopKSession::cpu() {
  std::call_once(cpu_once_, [&] { cpu_ = open_on_cpu_(); });
  return *cpu_;
}

TopK CudaTopKSession::query_new(const UserVectors& users, CsrView exclude, int k) {
  return cpu().query_new(users, exclude, k);
}

TopK CudaTopKSession::query(std::span<const Index> rows, int k) {
  const auto width = static_cast<std::size_t>(k);
  // No list is longer than the candidates are many.
  const std::size_t most = std::min(width, candidates_);
  if (most > kLongestGpuList) return cpu().query(rows, k);
  TopK result;
  result.rows = static_cast<Index>(rows.size());
  result.k = static_cast<int>(most);
  result.index.resize(rows.size() * most);
  result.score.resize(rows.size() * most);
  if (rows.empty()) {
    result.k = k;
    return result;
  }
  std::vector<std::size_t> undecided;
  {
    const std::lock_guard lock(gpu_mutex_);
    undecided = gpu_->query(rows, result.k, result);
  }
  if (!undecided.empty()) {
    std::vector<Index> users;
    for (const std::size_t place : undecided) users.push_back(rows[place]);
    const TopK decided = cpu().query(users, result.k);
    for (std::size_t u = 0; u < undecided.size(); ++u) {
      const auto from = static_cast<std::ptrdiff_t>(u * most);
      const auto to = static_cast<std::ptrdiff_t>(undecided[u] * most);
      std::copy_n(decided.index.begin() + from, most, result.index.begin() + to);
      std::copy_n(decided.score.begin() + from, most, result.score.begin() + to);
    }
  }
  if (most == width) return result;
  TopK padded = padded_lists(rows.size(), k);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto from = static_cast<std::ptrdiff_t>(row * most);
    const auto to = static_cast<std::ptrdiff_t>(row * width);
    std::copy_n(result.index.begin() + from, most, padded.index.begin() + to);
    std::copy_n(result.score.begin() + from, most, padded.score.begin() + to);
  }
  return padded;
}

}  // namespace tusk
