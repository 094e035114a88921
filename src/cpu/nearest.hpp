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
    if (heap_.size() < k_) {
      heap_.push_back(candidate);
      if (heap_.size() < k_) return;
      std::make_heap(heap_.begin(), heap_.end(), nearer);
    } else {
      replace_least(candidate);
    }
    least_ = heap_.front().similarity;
  }
  // Nearest first.
  std::span<const Neighbour> finish() {
    std::sort(heap_.begin(), heap_.end(), nearer);
    return heap_;
  }

 private:
  // One walk down the heap, where std::pop_heap and std::push_heap would be two.
  void replace_least(const Neighbour& candidate) {
    std::size_t at = 0;
    for (std::size_t child = 1; child < k_; child = 2 * at + 1) {
      if (child + 1 < k_ && nearer(heap_[child], heap_[child + 1])) ++child;
      if (!nearer(candidate, heap_[child])) break;
      heap_[at] = heap_[child];
      at = child;
    }
    heap_[at] = candidate;
  }

  std::size_t k_ = 0;
  double least_ = 0;
  std::vector<Neighbour> heap_;  // once there are k, a heap with the least near in front
};

}  // namespace tusk
