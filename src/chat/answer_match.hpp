// How the answer to a clarifying question fits items.
#pragma once

#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/chat_request.hpp>
#include <tusk/model.hpp>

#include "catalogue/item_features.hpp"
#include "chat/chat_lists.hpp"

namespace tusk::chat {

// The cosines of the first of the vectors with each of the others. Throws Error unless all are of
// one length, finite and not 0.
std::vector<float> cosines_with_first(const std::vector<std::vector<float>>& vectors);

// Matches without a language model. Any number of threads may use it at a time.
class AnswerMatch {
 public:
  explicit AnswerMatch(const Model& model) : model_(model) {}

  // Of each item from 0 to 1: the mean over what the answer says of
  //   - its words and genres: the cosine with the item by TF-IDF of the catalogue's texts,
  //   - years: whether the item is of these,
  //   - tone: whether the item is lighter, darker, or newer or older than the middle one,
  //   - genres that are not wanted: whether it has none of them;
  // and the least that there is for an item that has one. `read` is what is understood of it.
  // `cosines` from -1 to 1, if there are any, are taken in place of those by TF-IDF.
  std::vector<float> of(std::string_view answer, const ChatRequest& read,
                        std::span<const Index> items,
                        const std::optional<std::vector<float>>& cosines = {}) const;

  // Whether any of the items has the genres, years and tone that are read.
  bool has_fitting(const ChatRequest& read, std::span<const Index> items) const;

 private:
  std::vector<float> by_words(std::string_view answer, const ChatRequest& read,
                              std::span<const Index> items) const;
  std::vector<float> by_years(const YearRange& years, std::span<const Index> items) const;
  std::vector<float> by_tone(ChatTone tone, std::span<const Index> items) const;
  // 1 for items of any of these genres, else 0.
  std::vector<float> by_genres(const std::vector<std::string>& genres,
                               std::span<const Index> items) const;

  const Model& model_;
  mutable std::once_flag once_;
  mutable FeatureSpace space_;
};

}  // namespace tusk::chat
