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
      throw Error("vectors of texts differ in length, or one is 0 or not finite");
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
                                   std::span<const Index> items,
                                   const std::optional<std::vector<float>>& cosines) const {
  std::vector<float> match(items.size(), 0);
  int parts = 0;
  const bool is_of_time = read.from_year || read.to_year || read.tone;
  if (cosines) {
    add(match, parts, *cosines);
  } else if (!is_of_time || !read.genres.empty()) {
    add(match, parts, by_words(answer, read, items));
  }
  if (read.from_year || read.to_year) {
    add(match, parts, by_years({read.from_year, read.to_year}, items));
  }
  if (read.tone) add(match, parts, by_tone(*read.tone, items));
  const std::vector<float> unwanted = by_genres(read.excluded_genres, items);
  if (!read.excluded_genres.empty()) {
    std::vector<float> without;
    for (const float one : unwanted) without.push_back(1 - one);
    add(match, parts, without);
  }
  const float least = cosines ? -1.0f : 0.0f;
  for (std::size_t i = 0; i < match.size(); ++i) {
    match[i] = unwanted[i] > 0 ? least : match[i] / static_cast<float>(std::max(parts, 1));
  }
  return match;
}

bool AnswerMatch::has_fitting(const ChatRequest& read, std::span<const Index> items) const {
  std::vector<std::vector<float>> wanted;
  if (read.from_year || read.to_year) {
    wanted.push_back(by_years({read.from_year, read.to_year}, items));
  }
  if (read.tone) wanted.push_back(by_tone(*read.tone, items));
  if (read.all_genres) {
    for (const std::string& genre : read.genres) wanted.push_back(by_genres({genre}, items));
  } else if (!read.genres.empty()) {
    wanted.push_back(by_genres(read.genres, items));
  }
  const std::vector<float> unwanted = by_genres(read.excluded_genres, items);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const bool fits = std::all_of(wanted.begin(), wanted.end(),
                                  [&](const std::vector<float>& part) { return part[i] > 0; });
    if (fits && unwanted[i] == 0) return true;
  }
  return false;
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

std::vector<float> AnswerMatch::by_years(const YearRange& years,
                                         std::span<const Index> items) const {
  std::vector<float> fits;
  for (const Index item : items) {
    const int year = item_year(model_.catalogue, item);
    const bool is_within =
        year != 0 && year >= years.from.value_or(year) && year <= years.to.value_or(year);
    fits.push_back(is_within ? 1.0f : 0.0f);
  }
  return fits;
}

std::vector<float> AnswerMatch::by_genres(const std::vector<std::string>& genres,
                                          std::span<const Index> items) const {
  std::vector<float> fits;
  for (const Index item : items) {
    const auto its = model_.catalogue.genres[static_cast<std::size_t>(item)];
    fits.push_back(has_any(its, genres) ? 1.0f : 0.0f);
  }
  return fits;
}

std::vector<float> AnswerMatch::by_tone(ChatTone tone, std::span<const Index> items) const {
  if (tone == ChatTone::lighter) return by_genres(light_genres(model_.catalogue), items);
  if (tone == ChatTone::darker) return by_genres(dark_genres(model_.catalogue), items);
  return by_years(years_beyond(known_years(model_, items), tone), items);
}

}  // namespace tusk::chat
