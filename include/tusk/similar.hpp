// Items that are like an item, and finding items by title.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include <tusk/device.hpp>
#include <tusk/model.hpp>

namespace tusk {

// The most that are listed.
inline constexpr int kMostSimilar = 1'000'000;

struct SimilarItem {
  Index item = 0;
  float similarity = 0;  // -1 .. 1
};

// At most k other items with training ratings, most similar first; of equally similar ones that
// with more training ratings. For mf the similarity is the cosine of the angle between two items'
// factors, which leaves out biases: it says that the same people like two items, not that many do.
// An item whose factors are all 0 is like nothing. For item-knn it is the model's own, and only
// items with one above 0 are returned: of NeighbourPolicy::table no more than the table has. Throws
// UsageError unless 1 <= k <= 1,000,000 and the model is one of these, and InputError for an item
// without training ratings or, of mf, without factors other than 0.
std::vector<SimilarItem> similar_items(Device& device, const Model& model, Index item, int k);
// The same by id. InputError for one that the model does not know.
std::vector<SimilarItem> similar_items(Device& device, const Model& model, std::string_view item_id,
                                       int k);

struct TitleSearch {
  std::vector<Index> matches;  // the items that have the title, ascending
  std::vector<Index> near;     // if there are none: those that it may be meant for, best first
};

// Case, accents and surrounding spaces do not count. Items match that have the title as given; if
// none has, those that have it but for the year behind it, "Toy Story" for "Toy Story (1995)", or
// for the place of the article, "The Matrix" for "Matrix, The (1999)"; if none has, those that have
// it without article and without other titles in parentheses. Near are titles that contain the text
// or are few edits away from it.
TitleSearch find_title(const Catalogue& catalogue, std::string_view title,
                       std::size_t most_near = 5);

}  // namespace tusk
