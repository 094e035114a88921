#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>
#include <utility>

#include <tusk/text_features.hpp>

namespace tusk {

Tfidf::Tfidf(const std::vector<Terms>& documents) {
  std::unordered_map<std::string_view, std::pair<std::size_t, std::int64_t>> seen;  // last, count
  for (std::size_t d = 0; d < documents.size(); ++d) {
    for (const std::string& term : documents[d]) {
      auto& [last, count] = seen.try_emplace(term, d + 1, 0).first->second;
      if (count > 0 && last == d) continue;
      last = d;
      ++count;
    }
  }
  for (const auto& [term, counted] : seen) terms_.emplace_back(term);
  std::sort(terms_.begin(), terms_.end());
  const auto all = static_cast<double>(documents.size());
  for (const std::string& term : terms_) {
    const auto having = static_cast<double>(seen.at(term).second);
    idf_.push_back(static_cast<float>(std::log((1 + all) / (1 + having)) + 1));
  }
}

Tfidf::Tfidf(Terms terms, std::vector<float> idf)
    : terms_(std::move(terms)), idf_(std::move(idf)) {}

std::vector<Tfidf::Entry> Tfidf::weights_of(const Terms& document) const {
  std::vector<Index> found;
  for (const std::string& term : document) {
    const auto at = std::lower_bound(terms_.begin(), terms_.end(), term);
    if (at != terms_.end() && *at == term) found.push_back(static_cast<Index>(at - terms_.begin()));
  }
  std::sort(found.begin(), found.end());
  std::vector<Entry> entries;
  for (const Index term : found) {
    if (entries.empty() || entries.back().term != term) entries.push_back({term, 0});
    entries.back().weight += static_cast<double>(idf_[static_cast<std::size_t>(term)]);
  }
  return entries;
}

std::vector<Tfidf::Entry> Tfidf::vector_of(const Terms& document) const {
  std::vector<Entry> entries = weights_of(document);
  double squares = 0;
  for (const Entry& entry : entries) squares += entry.weight * entry.weight;
  for (Entry& entry : entries) entry.weight /= std::sqrt(squares);
  return entries;
}

}  // namespace tusk
