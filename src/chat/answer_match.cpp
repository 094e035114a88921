#include "chat/answer_match.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <tusk/error.hpp>
#include <tusk/models.hpp>

#include "chat/genre_words.hpp"
#include "models/content/content_parameters.hpp"

namespace tusk::chat {
namespace {

// A catalogue of these items alone.
Catalogue part_of(const Catalogue& all, std::span<const Index> items) {
  Catalogue part;
  const auto copy = [&](const TextTable& from, TextTable& to) {
    for (const Index item : items) {
      const auto i = static_cast<std::size_t>(item);
      to.push_back(i < from.size() ? from[i] : std::string_view());
    }
  };
  copy(all.title, part.title);
  copy(all.genres, part.genres);
  copy(all.text, part.text);
  copy(all.keywords, part.keywords);
  for (const Index item : items) part.year.push_back(item_year(all, item));
  return part;
}

void add(std::vector<float>& sum, int& parts, const std::vector<float>& part) {
  if (part.empty()) return;
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += part[i];
  ++parts;
}

}  // namespace

std::vector<float> cosines_with_first(const std::vector<std::vector<float>>& vectors) {
  std::vector<double> lengths;
  for (const std::vector<float>& one : vectors) {
    double squares = 0;
    for (const float value : one)
      squares += static_cast<double>(value) * static_cast<double>(value);
    if (one.size() != vectors.front().size() || !(squares > 0) || !std::isfinite(squares)) {
      throw Error("vectors of texts are of no use");
    }
    lengths.push_back(std::sqrt(squares));
  }
  std::vector<float> cosines;
  for (std::size_t v = 1; v < vectors.size(); ++v) {
    double product = 0;
    for (std::size_t c = 0; c < vectors[v].size(); ++c) {
      product += static_cast<double>(vectors[0][c]) * static_cast<double>(vectors[v][c]);
    }
    cosines.push_back(static_cast<float>(product / (lengths[0] * lengths[v])));
  }
  return cosines;
}

std::vector<float> AnswerMatch::of(std::string_view answer, const ChatRequest& read,
                                   std::span<const Index> items) const {
  std::vector<float> match(items.size(), 0);
  int parts = 0;
  add(match, parts, by_words(answer, read, items));
  if (read.from_year || read.to_year) {
    std::vector<float> within;
    for (const Index item : items) {
      const int year = item_year(model_.catalogue, item);
      const bool is_within =
          year != 0 && year >= read.from_year.value_or(year) && year <= read.to_year.value_or(year);
      within.push_back(is_within ? 1.0f : 0.0f);
    }
    add(match, parts, within);
  }
  if (read.tone) add(match, parts, by_tone(*read.tone, items));
  for (std::size_t i = 0; i < match.size(); ++i) {
    const auto genres = model_.catalogue.genres[static_cast<std::size_t>(items[i])];
    match[i] = has_any(genres, read.excluded_genres)
                   ? 0
                   : match[i] / static_cast<float>(std::max(parts, 1));
  }
  return match;
}

// Empty if the catalogue has none of the words.
std::vector<float> AnswerMatch::by_words(std::string_view answer, const ChatRequest& read,
                                         std::span<const Index> items) const {
  std::call_once(once_, [&] {
    const ContentOptions usual;
    space_ = FeatureSpace::learn(model_.catalogue, field_weights(usual), word_options(usual));
  });
  std::string text(answer);
  for (const std::string& genre : read.genres) text += ' ' + genre;
  const auto words = space_.vector_of(text);
  if (words.empty()) return {};
  std::vector<float> dense(static_cast<std::size_t>(space_.columns()), 0);
  for (const auto& [column, value] : words) dense[static_cast<std::size_t>(column)] = value;
  const SparseMatrixOf vectors = space_.vectors_of(part_of(model_.catalogue, items));
  std::vector<float> cosines;
  for (std::size_t i = 0; i < items.size(); ++i) {
    float product = 0;
    for (auto e = vectors.offset[i]; e < vectors.offset[i + 1]; ++e) {
      const auto entry = static_cast<std::size_t>(e);
      product += vectors.value[entry] * dense[static_cast<std::size_t>(vectors.column[entry])];
    }
    cosines.push_back(product);
  }
  return cosines;
}

std::vector<float> AnswerMatch::by_tone(ChatTone tone, std::span<const Index> items) const {
  const Catalogue& catalogue = model_.catalogue;
  std::vector<float> fits;
  if (tone == ChatTone::lighter || tone == ChatTone::darker) {
    const auto wanted =
        tone == ChatTone::lighter ? light_genres(catalogue) : dark_genres(catalogue);
    for (const Index item : items) {
      fits.push_back(has_any(catalogue.genres[static_cast<std::size_t>(item)], wanted) ? 1.0f
                                                                                       : 0.0f);
    }
    return fits;
  }
  std::vector<int> years;
  for (const Index item : items) years.push_back(item_year(catalogue, item));
  std::vector<int> sorted = years;
  std::sort(sorted.begin(), sorted.end());
  const int middle = sorted[sorted.size() / 2];
  for (const int year : years) {
    const bool fit = tone == ChatTone::newer ? year > middle : year != 0 && year < middle;
    fits.push_back(fit ? 1.0f : 0.0f);
  }
  return fits;
}

}  // namespace tusk::chat
