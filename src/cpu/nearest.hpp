// Choosing the most similar rows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <tusk/types.hpp>

namespace tusk {

struct Neighbour {
  double similarity;
  Index row;
  float deviation;
};

// The order of neighbours: the more similar first, ties by smaller index.
inline bool nearer(const Neighbour& a, const Neighbour& b) {
  return a.similarity != b.similarity ? a.similarity > b.similarity : a.row < b.row;
}

// The k nearest of those with a similarity above 0 that are offered, in rising order of row.
class NearestHeap {
 public:
  void start(std::size_t k) {
    k_ = k;
    least_ = 0;
    heap_.clear();
  }
  // What a similarity must be above to be taken: of equal ones the earlier stay.
  double least() const { return least_; }
  void offer(const Neighbour& candidate) {
    if (!(candidate.similarity > least_)) return;
    if (heap_.size() == k_) {
      std::pop_heap(heap_.begin(), heap_.end(), nearer);
      heap_.pop_back();
    }
    heap_.push_back(candidate);
    std::push_heap(heap_.begin(), heap_.end(), nearer);
    if (heap_.size() == k_) least_ = heap_.front().similarity;
  }
  // Nearest first.
  std::span<const Neighbour> finish() {
    std::sort_heap(heap_.begin(), heap_.end(), nearer);
    return heap_;
  }

 private:
  std::size_t k_ = 0;
  double least_ = 0;
  std::vector<Neighbour> heap_;  // the least near of them in front
};

}  // namespace tusk
