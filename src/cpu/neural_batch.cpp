#include "cpu/neural_batch.hpp"

#include <algorithm>

namespace tusk {

void NeuralBatch::fill(std::span<const NeuralRating> all, const RandomOrder& order,
                       std::int64_t first, std::int64_t count) {
  for (const Index item : items_.row) {
    if (!touched_.empty()) touched_[static_cast<std::size_t>(item)] = kNone;
  }
  ratings_.clear();
  for (std::int64_t place = first; place < first + count; ++place) {
    ratings_.push_back(all[order.at(static_cast<std::uint32_t>(place))]);
  }
  sort([](const NeuralRating& rating) { return rating.user; }, users_);
  sort([](const NeuralRating& rating) { return rating.item; }, items_);
}

void NeuralBatch::index_items(Index items) {
  touched_.resize(static_cast<std::size_t>(items), kNone);
  for (std::size_t t = 0; t < items_.row.size(); ++t) {
    touched_[static_cast<std::size_t>(items_.row[t])] = static_cast<Index>(t);
  }
}

template <class Of>
void NeuralBatch::sort(const Of& row_of, TouchedRows& touched) {
  keys_.clear();
  for (std::size_t place = 0; place < ratings_.size(); ++place) {
    keys_.push_back((static_cast<std::uint64_t>(row_of(ratings_[place])) << 32) | place);
  }
  std::sort(keys_.begin(), keys_.end());
  touched.row.clear();
  touched.first.clear();
  touched.place.clear();
  for (const std::uint64_t key : keys_) {
    const auto row = static_cast<Index>(key >> 32);
    if (touched.row.empty() || touched.row.back() != row) {
      touched.row.push_back(row);
      touched.first.push_back(static_cast<std::int32_t>(touched.place.size()));
    }
    touched.place.push_back(static_cast<std::int32_t>(key & 0xffffffff));
  }
  touched.first.push_back(static_cast<std::int32_t>(touched.place.size()));
}

}  // namespace tusk
