// Items as vectors of what is known of them: genres, words and years.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/text_features.hpp>

namespace tusk {

// What an item is described by. Each field is a Tfidf of its own.
enum class Field {
  genres,  // each a term
  title,   // the words of the title, without the year
  tags,    // the words of users' tags and of keywords
  text,    // the words of the description
  year,    // the ten years around it, so that the similarity of two falls from 1 to 0 in ten years
};
inline constexpr std::size_t kFields = 5;

using FieldWeights = std::array<float, kFields>;  // by Field

// Turns items and texts into vectors of length 1, or of 0 where nothing is known of them. Each
// field's vector of length 1, times the square root of the field's weight, is one part of it: the
// cosine of two items of which all is known is the weighted mean of the cosines of their fields.
class FeatureSpace {
 public:
  using Terms = Tfidf::Terms;

  // Learns the terms of the fields whose weight is not 0.
  static FeatureSpace learn(const Catalogue& catalogue, const FieldWeights& weights,
                            const WordOptions& words);
  // One that was learned before.
  FeatureSpace(const FieldWeights& weights, const WordOptions& words,
               std::array<Tfidf, kFields> fields);
  FeatureSpace() = default;

  Index columns() const { return first_.back(); }
  const std::array<Tfidf, kFields>& fields() const { return fields_; }

  SparseMatrixOf vectors_of(const Catalogue& catalogue) const;

  // The vector of an item that has the text as its title, tags and description, the genres that it
  // names, and the year if it names one. Here fields are as long as the weights of their terms, so
  // that the rare words of a query count more than its genres. By rising column.
  struct Entry {
    Index column = 0;
    float value = 0;
  };
  std::vector<Entry> vector_of(std::string_view text) const;

 private:
  // Of the fields' vectors before their weights are applied.
  enum class Lengths { equal, by_weight };
  std::vector<Entry> join(const std::array<Terms, kFields>& terms, Lengths lengths) const;
  std::array<Terms, kFields> terms_of(const Catalogue& catalogue, std::size_t item) const;

  FieldWeights weights_{};
  WordOptions words_;
  std::array<Tfidf, kFields> fields_;
  std::array<Index, kFields + 1> first_{};  // column of each field
};

}  // namespace tusk
