// How the answer to a clarifying question fits items.
#pragma once

#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <tusk/chat_request.hpp>
#include <tusk/model.hpp>

#include "catalogue/item_features.hpp"

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
  //   - tone: whether the item is lighter, darker, or newer or older than the middle one;
  // and 0 for an item of a genre that is not wanted. `read` is what the router reads in it.
  std::vector<float> of(std::string_view answer, const ChatRequest& read,
                        std::span<const Index> items) const;

 private:
  std::vector<float> by_words(std::string_view answer, const ChatRequest& read,
                              std::span<const Index> items) const;
  std::vector<float> by_tone(ChatTone tone, std::span<const Index> items) const;

  const Model& model_;
  mutable std::once_flag once_;
  mutable FeatureSpace space_;
};

}  // namespace tusk::chat
