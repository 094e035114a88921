#include "catalogue/title_words.hpp"

#include <algorithm>
#include <numeric>

namespace tusk {

std::optional<std::size_t> WordMatches::distance(std::uint32_t word) const {
  if (first <= word && word < last) return 0;
  const auto found = std::lower_bound(words.begin(), words.end(), word);
  if (found == words.end() || *found != word) return std::nullopt;
  return typos[static_cast<std::size_t>(found - words.begin())];
}

std::uint32_t TitleWords::Builder::number(const std::string& word) {
  return number_.try_emplace(word, static_cast<std::uint32_t>(number_.size())).first->second;
}

void TitleWords::Builder::add(const TitleName& name) {
  for (const std::string& word : name.words) words_.push_back(number(word));
  offset_.push_back(words_.size());
  for (const std::string& compound : name.compounds) compounds_.push_back(number(compound));
  compound_offset_.push_back(compounds_.size());
  joined_.push_back(name.joined());
}

TitleWords TitleWords::Builder::finish() && {
  TitleWords all;
  std::vector<const std::string*> sorted;
  for (const auto& [word, number] : number_) sorted.push_back(&word);
  std::sort(sorted.begin(), sorted.end(),
            [](const std::string* a, const std::string* b) { return *a < *b; });
  std::vector<std::uint32_t> place(sorted.size());  // by number
  for (std::size_t w = 0; w < sorted.size(); ++w) {
    const auto word = static_cast<std::uint32_t>(w);
    place[number_.at(*sorted[w])] = word;
    all.vocabulary_.push_back(*sorted[w]);
    all.letters_.push_back(letters_of(*sorted[w]));
    if (const int value = number_of_word(*sorted[w]); value >= 0) {
      all.by_number_[value].push_back(word);
    }
  }
  for (const std::uint32_t word : words_) all.words_.push_back(place[word]);
  all.offset_ = std::move(offset_);
  for (const std::uint32_t word : compounds_) all.compounds_.push_back(place[word]);
  all.compound_offset_ = std::move(compound_offset_);

  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;  // word, name
  for (std::size_t name = 0; name + 1 < all.offset_.size(); ++name) {
    for (const auto words : {all.words_of(name), all.compounds_of(name)}) {
      for (const std::uint32_t word : words) {
        pairs.emplace_back(word, static_cast<std::uint32_t>(name));
      }
    }
  }
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  all.posting_offset_.assign(sorted.size() + 1, 0);
  for (const auto& [word, name] : pairs) {
    ++all.posting_offset_[word + 1];
    all.posting_.push_back(name);
  }
  std::partial_sum(all.posting_offset_.begin(), all.posting_offset_.end(),
                   all.posting_offset_.begin());

  for (const std::string& joined : joined_) {
    all.joined_.push_back(joined);
    all.joined_letters_.push_back(letters_of(joined));
  }
  all.joined_order_.resize(joined_.size());
  std::iota(all.joined_order_.begin(), all.joined_order_.end(), std::size_t{0});
  std::sort(all.joined_order_.begin(), all.joined_order_.end(),
            [&](std::size_t a, std::size_t b) { return joined_[a] < joined_[b]; });
  return all;
}

bool TitleWords::word_ends(std::size_t name, std::size_t from, std::size_t bytes) const {
  std::size_t end = 0;
  for (const std::uint32_t word : words_of(name).subspan(from)) {
    end += text(word).size();
    if (end >= bytes) break;
  }
  return end == bytes;
}

WordMatches TitleWords::like(std::string_view word) const {
  WordMatches matches;
  add_beginnings(word, matches);
  // The word itself is the first of those that begin with it.
  if (matches.first < matches.last && text(matches.first) == word) {
    matches.words.push_back(matches.first);
  }
  matches.first = matches.last = 0;
  if (const auto same = by_number_.find(number_of_word(word)); same != by_number_.end()) {
    matches.words = same->second;
  }
  matches.typos.assign(matches.words.size(), 0);
  return matches;
}

void TitleWords::add_beginnings(std::string_view word, WordMatches& matches) const {
  std::uint32_t low = 0;
  auto high = static_cast<std::uint32_t>(vocabulary_.size());
  const auto search = [&](auto before) {  // the first word that is not before
    std::uint32_t from = low;
    std::uint32_t to = high;
    while (from < to) {
      const std::uint32_t middle = from + (to - from) / 2;
      if (before(text(middle))) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  };
  matches.first = search([&](std::string_view other) { return other < word; });
  low = matches.first;
  matches.last = search([&](std::string_view other) { return other.starts_with(word); });
}

WordMatches TitleWords::with_typos(std::string_view word) const {
  WordMatches matches = like(word);
  const std::size_t most = most_typos(word.size());
  const std::uint64_t letters = letters_of(word);
  std::vector<std::pair<std::uint32_t, std::size_t>> near;
  for (std::size_t w = 0; w < letters_.size(); ++w) {
    if (!may_be_near(letters_[w], letters, most)) continue;
    const auto other = static_cast<std::uint32_t>(w);
    const std::size_t typos = typo_distance(word, text(other), most);
    if (typos <= most && !matches.distance(other)) near.emplace_back(other, typos);
  }
  for (std::size_t m = 0; m < matches.words.size(); ++m) near.emplace_back(matches.words[m], 0);
  std::sort(near.begin(), near.end());
  matches = {};
  for (const auto& [other, typos] : near) {
    matches.words.push_back(other);
    matches.typos.push_back(typos);
  }
  return matches;
}

std::size_t TitleWords::names_with(const WordMatches& matches) const {
  std::size_t count = posting_offset_[matches.last] - posting_offset_[matches.first];
  for (const std::uint32_t word : matches.words) {
    count += posting_offset_[word + 1] - posting_offset_[word];
  }
  return count;
}

std::optional<std::size_t> TitleWords::distance(const WordMatches& matches,
                                                std::size_t name) const {
  std::optional<std::size_t> least;
  for (const auto words : {words_of(name), compounds_of(name)}) {
    for (const std::uint32_t word : words) {
      const auto typos = matches.distance(word);
      if (typos && (!least || *typos < *least)) least = typos;
    }
    if (least) break;
  }
  return least;
}

std::pair<std::size_t, std::size_t> TitleWords::joined_with(std::string_view beginning) const {
  const auto first = std::lower_bound(
      joined_order_.begin(), joined_order_.end(), beginning,
      [&](std::size_t name, std::string_view text) { return joined_[name] < text; });
  const auto last = std::partition_point(first, joined_order_.end(), [&](std::size_t name) {
    return joined_[name].starts_with(beginning);
  });
  return {static_cast<std::size_t>(first - joined_order_.begin()),
          static_cast<std::size_t>(last - joined_order_.begin())};
}

}  // namespace tusk
