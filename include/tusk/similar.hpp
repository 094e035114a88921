// Items that are like an item.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/device.hpp>
#include <tusk/model.hpp>

namespace tusk {

class CandidateIndex;

// The most that are listed.
inline constexpr int kMostSimilar = 1'000'000;

struct SimilarItem {
  Index item = 0;
  float similarity = 0;  // -1 .. 1, see SimilarOptions
};

struct SimilarOptions {
  std::int64_t min_ratings = 1;  // of an item that is listed, in training; see CandidateFilter
  std::string genre;             // one of its genres, in any case; empty: any or none
  // The share, 0 to 1, that genres, words of titles and years, or the vectors of a model that uses
  // content, have in the similarity, beside factors or neighbours.
  float content = 0;
  // S: the similarity of an item with n training ratings is multiplied by n / (n + S), because that
  // of an item that few have rated is mostly chance.
  float support = 0;
};

// Default options: half content where the catalogue has genres and the model is not of content
// alone; S twice the mean number of ratings of an item.
SimilarOptions usual_similar_options(const Model& model);

// Finds items that are like an item. Any number of threads may use it at a time.
class SimilarItems {
 public:
  // Device and model are borrowed. Throws UsageError for a model that compares no items.
  SimilarItems(Device& device, const Model& model);
  // Of a model that is open already. All are borrowed.
  SimilarItems(const Predictor& predictor, const Model& model, const CandidateIndex& candidates);
  ~SimilarItems();

  // As similar_items(); what the catalogue says of items is computed once.
  std::vector<SimilarItem> find(Index item, int k, const SimilarOptions& options = {}) const;

 private:
  struct Lazy;

  const Model& model_;
  std::unique_ptr<const Predictor> own_predictor_;
  std::unique_ptr<const CandidateIndex> own_candidates_;
  const Predictor& predictor_;
  const CandidateIndex& candidates_;
  std::unique_ptr<Lazy> lazy_;
};

// At most k other items, most similar first; of equally similar ones that with more training
// ratings. All have training ratings, but for models that use content. For models with factors the
// similarity is the cosine of the angle between two items' factors, which leaves out biases: it
// says that the same people like two items, not that many do. An item whose factors are all 0 is
// like nothing. For item-knn and content it is the model's own, and without `content` only items
// with one above 0 are returned: of NeighbourPolicy::table no more than the table has. Throws
// UsageError unless 1 <= k <= 1,000,000, the options are in range, the model is one of these and
// another item meets the conditions, and InputError for an item without training ratings, but for
// models that use content, or with factors that are all 0.
std::vector<SimilarItem> similar_items(Device& device, const Model& model, Index item, int k,
                                       const SimilarOptions& options = {});
// The same by id. InputError for one that the model does not know.
std::vector<SimilarItem> similar_items(Device& device, const Model& model, std::string_view item_id,
                                       int k, const SimilarOptions& options = {});

}  // namespace tusk
