#include "models/content/content_neighbours.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include <tusk/models.hpp>

#include "models/content/sparse_neighbours.hpp"

namespace tusk {
namespace {

// Items with more training ratings first.
std::vector<Index> most_rated_first(const Model& model) {
  const std::vector<std::int64_t> ratings = model.ratings_of_items();
  std::vector<Index> order(ratings.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) {
    return ratings[static_cast<std::size_t>(a)] > ratings[static_cast<std::size_t>(b)];
  });
  return order;
}

// Of vectors that have a value in every column, or in none: their cosines are dot products.
class DenseNeighbours : public TopKSession {
 public:
  DenseNeighbours(Backend& backend, const CsrView& vectors, std::vector<Index> order)
      : vectors_(vectors), candidates_(std::move(order)) {
    std::erase_if(candidates_, [&](Index item) { return vectors.row(item).empty(); });
    items_.items = vectors.rows();
    items_.factors = vectors.columns;
    items_.biased = false;
    items_.item_factors = rows(all_items());
    session_ = backend.open_dot(items_, candidates_, {});
  }

  TopK query(std::span<const Index> items, int k) override {
    const std::vector<float> factors = rows(items);
    std::vector<std::int64_t> offset(items.size() + 1);
    std::iota(offset.begin(), offset.end(), 0);
    const CsrView themselves{offset, items, {}, items_.items};
    TopK top = session_->query_new({static_cast<Index>(items.size()), factors, {}}, themselves, k);
    for (std::size_t at = 0; at < top.index.size(); ++at) {
      if (top.score[at] > 0) continue;
      top.index[at] = kNone;
      top.score[at] = -std::numeric_limits<float>::infinity();
    }
    return top;
  }

 private:
  std::vector<Index> all_items() const {
    std::vector<Index> all(static_cast<std::size_t>(vectors_.rows()));
    std::iota(all.begin(), all.end(), 0);
    return all;
  }

  // The vectors of items, one after another.
  std::vector<float> rows(std::span<const Index> items) const {
    const auto width = static_cast<std::size_t>(vectors_.columns);
    std::vector<float> values(items.size() * width, 0);
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (vectors_.row(items[i]).empty()) continue;
      const auto begin = vectors_.offset[static_cast<std::size_t>(items[i])];
      std::copy_n(vectors_.value.data() + begin, width, values.data() + i * width);
    }
    return values;
  }

  CsrView vectors_;
  std::vector<Index> candidates_;
  MfState items_;
  std::unique_ptr<DotTopKSession> session_;
};

}  // namespace

std::unique_ptr<TopKSession> open_content_neighbours(Backend& backend, const Model& model,
                                                     const ContentState& state) {
  const CsrView vectors = state.vectors();
  if (state.has_embeddings() && vectors.columns <= kMostFactors) {
    return std::make_unique<DenseNeighbours>(backend, vectors, most_rated_first(model));
  }
  return std::make_unique<SparseNeighbours>(backend, vectors, most_rated_first(model));
}

}  // namespace tusk
