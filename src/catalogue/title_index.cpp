#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/title_index.hpp>

#include "catalogue/title_text.hpp"
#include "catalogue/title_words.hpp"
#include "catalogue/typos.hpp"

namespace tusk {
namespace {

constexpr std::array<std::string_view, 8> kMatches = {
    "title", "name", "other-name", "start", "words", "beginnings", "typos", "other-year"};

constexpr std::size_t kShortestBeginning = 2;  // of a title, written as one word
constexpr std::size_t kMostNamed = 100;        // of one title

// What is looked for.
struct Query {
  TitleName name;
  int year = 0;
};

struct Found {
  TitleMatch match;
  std::size_t distance;  // of typos: two for each, and some for what else the title has
  std::int64_t ratings;
  Index item;

  auto order() const { return std::tuple(match, distance, -ratings, item); }
};

// The best of what is found of each item.
class Findings {
 public:
  explicit Findings(std::size_t items) : place_(items, kNowhere) {}

  void add(const Found& found) {
    std::uint32_t& place = place_[static_cast<std::size_t>(found.item)];
    if (place == kNowhere) {
      place = static_cast<std::uint32_t>(found_.size());
      found_.push_back(found);
    } else if (found.order() < found_[place].order()) {
      found_[place] = found;
    }
  }

  std::size_t size() const { return found_.size(); }
  bool has(TitleMatch or_better) const {
    return std::any_of(found_.begin(), found_.end(),
                       [&](const Found& one) { return one.match <= or_better; });
  }

  // The best `most`; of what is found by typos only what is about as near as the nearest.
  std::vector<Found> best(std::size_t most) && {
    constexpr std::size_t kFarther = 2;
    std::size_t least = std::numeric_limits<std::size_t>::max() - kFarther;
    for (const Found& one : found_) least = std::min(least, one.distance);
    std::erase_if(found_, [&](const Found& one) { return one.distance > least + kFarther; });
    const auto end = found_.begin() + static_cast<std::ptrdiff_t>(std::min(most, found_.size()));
    std::partial_sort(found_.begin(), end, found_.end(),
                      [](const Found& a, const Found& b) { return a.order() < b.order(); });
    found_.erase(end, found_.end());
    return std::move(found_);
  }

 private:
  static constexpr std::uint32_t kNowhere = std::numeric_limits<std::uint32_t>::max();

  std::vector<Found> found_;
  std::vector<std::uint32_t> place_;  // in found_, by item
};

}  // namespace

bool has_titles(const Catalogue& catalogue) {
  for (std::size_t i = 0; i < catalogue.title.size(); ++i) {
    if (!catalogue.title[i].empty()) return true;
  }
  return false;
}

std::string_view to_string(TitleMatch match) { return kMatches[static_cast<std::size_t>(match)]; }

class TitleIndex::Data {
 public:
  Data(const Catalogue& catalogue, std::span<const std::int64_t> ratings)
      : ratings_(ratings.begin(), ratings.end()) {
    if (ratings.size() != catalogue.title.size()) {
      throw UsageError(fmt::format("{} numbers of ratings for {} titles", ratings.size(),
                                   catalogue.title.size()));
    }
    TitleWords::Builder words;
    for (std::size_t i = 0; i < catalogue.title.size(); ++i) {
      const TitleText title = parse_title(catalogue.title[i]);
      year_.push_back(item_year(catalogue, static_cast<Index>(i)));
      for (const TitleName& name : title.names) {
        words.add(name);
        names_.push_back({static_cast<Index>(i), name.article, name.alternative});
      }
    }
    words_ = std::move(words).finish();
  }

  // The best `most`.
  std::vector<Found> find(std::string_view text, std::size_t most) const {
    std::vector<Query> queries = queries_of(text);
    if (queries.empty()) return {};
    const Query whole = queries.front();
    Findings findings(ratings_.size());
    look(queries, findings);
    if (findings.size() > 0 || whole.year == 0) return std::move(findings).best(most);
    queries = {{whole.name, 0}};
    look(queries, findings);
    std::vector<Found> best = std::move(findings).best(most);
    for (Found& one : best) one.match = TitleMatch::other_year;
    return best;
  }

  // The best `most` by whole words.
  std::vector<Found> find_whole(std::string_view text, std::size_t most) const {
    Findings findings(ratings_.size());
    for (const Query& query : queries_of(text)) find_whole(query, findings);
    return std::move(findings).best(most);
  }

 private:
  struct Name {
    Index item;
    std::size_t article;
    bool alternative;
  };

  // How a word of the query is found among words of titles.
  enum class By { whole, beginning, typos };

  // What a text may mean: all of it, and what stands before a year at its end.
  static std::vector<Query> queries_of(std::string_view text) {
    const TitleText parsed = parse_title(text);
    if (parsed.names.empty()) return {};
    const Query whole{parsed.names.front(), parsed.year};
    std::vector<Query> queries = {whole};
    if (whole.year == 0 && whole.name.words.size() > 1 && is_year(whole.name.words.back())) {
      Query& dated = queries.emplace_back(whole);
      dated.year = number_of_word(whole.name.words.back());
      dated.name.words.pop_back();
      dated.name.article = std::min(dated.name.article, dated.name.words.size() - 1);
    }
    return queries;
  }

  // Tries cheaper matches first; stops once enough items are found.
  void look(std::span<const Query> queries, Findings& findings) const {
    for (const Query& query : queries) find_whole(query, findings);
    constexpr std::size_t kEnough = 10;
    if (findings.size() >= kEnough || findings.has(TitleMatch::start)) return;
    for (const Query& query : queries) each_candidate(query, By::beginning, findings);
    if (findings.size() > 0) return;
    for (const Query& query : queries) find_typos(query, findings);
  }

  void find_whole(const Query& query, Findings& findings) const {
    each_candidate(query, By::whole, findings);
    const std::string joined = query.name.joined();
    const auto [first, last] = words_.joined_with(joined);
    const bool is_short = joined.size() < kShortestBeginning;
    for (std::size_t at = first; at < last; ++at) {
      const std::size_t name = words_.joined_name(at);
      const std::size_t length = words_.joined_text(at).size();
      if (length == joined.size()) {
        add(query, name, TitleMatch::other_name, 0, findings);
      } else if (!is_short) {
        const bool ends = words_.word_ends(name, names_[name].article, joined.size());
        add(query, name, ends ? TitleMatch::start : TitleMatch::beginnings, 0, findings);
      }
    }
  }

  void find_typos(const Query& query, Findings& findings) const {
    each_candidate(query, By::typos, findings);
    const std::string joined = query.name.joined();
    const std::size_t most = most_typos(joined.size());
    words_.each_joined_near(joined, most, [&](std::size_t name, std::size_t typos) {
      add(query, name, TitleMatch::typos, 2 * typos, findings);
    });
  }

  // Looks at the names that have the word of the query that fewest have.
  void each_candidate(const Query& query, By by, Findings& findings) const {
    std::vector<WordMatches> matches;
    std::size_t rarest = 0;
    for (std::size_t w = query.name.article; w < query.name.words.size(); ++w) {
      const std::string& word = query.name.words[w];
      WordMatches of_word = by == By::typos ? words_.with_typos(word) : words_.like(word);
      if (by == By::beginning) words_.add_beginnings(word, of_word);
      matches.push_back(std::move(of_word));
      if (words_.names_with(matches.back()) < words_.names_with(matches[rarest])) {
        rarest = matches.size() - 1;
      }
    }
    words_.each_name_with(matches[rarest],
                          [&](std::size_t name) { judge(query, by, matches, name, findings); });
  }

  void judge(const Query& query, By by, std::span<const WordMatches> matches, std::size_t name,
             Findings& findings) const {
    std::size_t typos = 0;
    // A single word is that by which the name was found.
    const bool is_found = by == By::beginning && matches.size() == 1;
    for (std::size_t m = 0; m < matches.size() && !is_found; ++m) {
      const auto distance = words_.distance(matches[m], name);
      if (!distance) return;
      typos += *distance;
    }
    if (by == By::beginning) {
      add(query, name, TitleMatch::beginnings, 0, findings);
      return;
    }
    const auto words = words_.words_of(name);
    const std::size_t article = names_[name].article;
    const auto bare = words.subspan(article);
    const bool with_article = article > 0 && starts_with(words, matches);
    const bool starts = with_article || starts_with(bare, matches);
    const bool same = starts && (with_article ? words : bare).size() == matches.size();
    if (by == By::whole) {
      TitleMatch match = starts ? TitleMatch::start : TitleMatch::words;
      if (same) match = is_written_so(query.name, name) ? TitleMatch::name : TitleMatch::other_name;
      add(query, name, match, 0, findings);
    } else {
      add(query, name, TitleMatch::typos, 2 * typos + (same ? 0 : starts ? 1 : 3), findings);
    }
  }

  static bool starts_with(std::span<const std::uint32_t> words,
                          std::span<const WordMatches> matches) {
    if (words.size() < matches.size()) return false;
    for (std::size_t w = 0; w < matches.size(); ++w) {
      if (!matches[w].distance(words[w])) return false;
    }
    return true;
  }

  // Whether the words are the very same, article and all.
  bool is_written_so(const TitleName& query, std::size_t name) const {
    const auto words = words_.words_of(name);
    if (words.size() != query.words.size() || names_[name].alternative) return false;
    for (std::size_t w = 0; w < words.size(); ++w) {
      if (words_.text(words[w]) != query.words[w]) return false;
    }
    return true;
  }

  void add(const Query& query, std::size_t name, TitleMatch match, std::size_t distance,
           Findings& findings) const {
    const auto item = static_cast<std::size_t>(names_[name].item);
    if (query.year != 0 && query.year != year_[item]) return;
    if (match == TitleMatch::name && query.year == year_[item]) match = TitleMatch::title;
    findings.add({match, distance, ratings_[item], names_[name].item});
  }

  std::vector<std::int64_t> ratings_;  // by item
  std::vector<int> year_;              // by item
  std::vector<Name> names_;
  TitleWords words_;
};

TitleIndex::TitleIndex(const Catalogue& catalogue, std::span<const std::int64_t> ratings)
    : data_(std::make_unique<const Data>(catalogue, ratings)) {}
TitleIndex::TitleIndex(TitleIndex&&) noexcept = default;
TitleIndex& TitleIndex::operator=(TitleIndex&&) noexcept = default;
TitleIndex::~TitleIndex() = default;

std::vector<TitleHit> TitleIndex::find(std::string_view text, std::size_t most) const {
  std::vector<TitleHit> hits;
  for (const Found& found : data_->find(text, most)) hits.push_back({found.item, found.match});
  return hits;
}

std::vector<Index> TitleIndex::named(std::string_view text) const {
  std::vector<Index> items;
  const std::vector<Found> found = data_->find_whole(text, kMostNamed);
  for (const Found& one : found) {
    if (names_item(one.match) && one.match == found.front().match) items.push_back(one.item);
  }
  return items;
}

}  // namespace tusk
