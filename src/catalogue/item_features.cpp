#include "catalogue/item_features.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "catalogue/genres.hpp"
#include "catalogue/title_text.hpp"
#include "support/title_year.hpp"
#include "support/unicode.hpp"

namespace tusk {
namespace {

using Terms = Tfidf::Terms;

std::size_t number(Field field) { return static_cast<std::size_t>(field); }

std::string_view entry(const TextTable& texts, std::size_t item) {
  return item < texts.size() ? texts[item] : std::string_view();
}

Terms genres_of(std::string_view genres) {
  Terms terms;
  each_genre(genres, [&](std::string_view genre) { terms.push_back(folded(genre)); });
  return terms;
}

Terms years_around(int year) {
  constexpr int kBefore = 5;
  constexpr int kYears = 10;
  Terms terms;
  for (int y = year - kBefore; year != 0 && y < year - kBefore + kYears; ++y) {
    terms.push_back(fmt::format("{}", y));
  }
  return terms;
}

// Years count alike, however many items are of them.
Tfidf with_equal_weights(const Tfidf& learned) {
  return {learned.terms(), std::vector<float>(learned.terms().size(), 1)};
}

bool has_run(const Terms& words, const Terms& run) {
  return !run.empty() &&
         std::search(words.begin(), words.end(), run.begin(), run.end()) != words.end();
}

}  // namespace

FeatureSpace::FeatureSpace(const FieldWeights& weights, const WordOptions& words,
                           std::array<Tfidf, kFields> fields)
    : weights_(weights), words_(words), fields_(std::move(fields)) {
  for (std::size_t f = 0; f < kFields; ++f) {
    first_[f + 1] = first_[f] + static_cast<Index>(fields_[f].terms().size());
  }
}

FeatureSpace FeatureSpace::learn(const Catalogue& catalogue, const FieldWeights& weights,
                                 const WordOptions& words) {
  const FeatureSpace unlearned(weights, words, {});
  std::array<std::vector<Terms>, kFields> documents;
  for (std::size_t item = 0; item < catalogue.title.size(); ++item) {
    auto terms = unlearned.terms_of(catalogue, item);
    for (std::size_t f = 0; f < kFields; ++f) documents[f].push_back(std::move(terms[f]));
  }
  std::array<Tfidf, kFields> fields;
  for (std::size_t f = 0; f < kFields; ++f) fields[f] = Tfidf(documents[f]);
  fields[number(Field::year)] = with_equal_weights(fields[number(Field::year)]);
  return {weights, words, std::move(fields)};
}

std::array<Terms, kFields> FeatureSpace::terms_of(const Catalogue& catalogue,
                                                  std::size_t item) const {
  std::array<Terms, kFields> terms;
  const auto set = [&](Field field, const auto& find) {
    if (weights_[number(field)] > 0) terms[number(field)] = find();
  };
  set(Field::genres, [&] { return genres_of(entry(catalogue.genres, item)); });
  set(Field::title, [&] {
    std::string_view title = entry(catalogue.title, item);
    take_year(title);
    return words_of(title, words_);
  });
  set(Field::tags, [&] {
    Terms words = words_of(entry(catalogue.tags, item), words_);
    for (std::string& word : words_of(entry(catalogue.keywords, item), words_)) {
      words.push_back(std::move(word));
    }
    return words;
  });
  set(Field::text, [&] { return words_of(entry(catalogue.text, item), words_); });
  set(Field::year, [&] { return years_around(item_year(catalogue, static_cast<Index>(item))); });
  return terms;
}

std::vector<FeatureSpace::Entry> FeatureSpace::join(const std::array<Terms, kFields>& terms,
                                                    Lengths lengths) const {
  std::vector<Entry> entries;
  double squares = 0;
  for (std::size_t f = 0; f < kFields; ++f) {
    if (weights_[f] <= 0) continue;
    const auto vector = lengths == Lengths::equal ? fields_[f].vector_of(terms[f])
                                                  : fields_[f].weights_of(terms[f]);
    for (const auto& [term, weight] : vector) {
      const double value = weight * std::sqrt(static_cast<double>(weights_[f]));
      squares += value * value;
      entries.push_back({first_[f] + term, static_cast<float>(value)});
    }
  }
  const double length = std::sqrt(squares);
  for (Entry& one : entries) one.value = static_cast<float>(one.value / length);
  return entries;
}

SparseMatrixOf FeatureSpace::vectors_of(const Catalogue& catalogue) const {
  SparseMatrixOf vectors;
  vectors.columns = columns();
  for (std::size_t item = 0; item < catalogue.title.size(); ++item) {
    for (const Entry& one : join(terms_of(catalogue, item), Lengths::equal)) {
      vectors.column.push_back(one.column);
      vectors.value.push_back(one.value);
    }
    vectors.offset.push_back(static_cast<std::int64_t>(vectors.column.size()));
  }
  return vectors;
}

std::vector<FeatureSpace::Entry> FeatureSpace::vector_of(std::string_view text) const {
  const Terms words = words_of(text, words_);
  const Terms plain = words_of(text);
  std::array<Terms, kFields> terms;
  for (const Field field : {Field::title, Field::tags, Field::text}) terms[number(field)] = words;
  for (const std::string& genre : fields_[number(Field::genres)].terms()) {
    if (has_run(plain, words_of(genre))) terms[number(Field::genres)].push_back(genre);
  }
  for (const std::string& word : plain) {
    if (is_year(word)) terms[number(Field::year)] = years_around(number_of_word(word));
  }
  return join(terms, Lengths::by_weight);
}

}  // namespace tusk
