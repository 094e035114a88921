// Finding items by title.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/types.hpp>

namespace tusk {

// How a text names an item, the best first. Case, accents, punctuation and spaces never count.
enum class TitleMatch {
  title,       // the title; its year too, if the text or the title has one
  name,        // the title without its year
  other_name,  // without an article, by another name in parentheses, with other numerals ("Rocky 2"
               // for "Rocky II") or with words written as one ("Spiderman")
  start,       // the title begins with these words
  words,       // the title has these words, in any order
  beginnings,  // the title has words that begin with these
  typos,       // the title has words that differ from these by a few letters
  other_year,  // one of the above, but for the year
};
std::string_view to_string(TitleMatch match);  // "title", "name", "other-name", ...

// Whether the text is a name of the item, and not just a part of one or near one.
inline bool names_item(TitleMatch match) { return match <= TitleMatch::other_name; }

struct TitleHit {
  Index item = 0;
  TitleMatch match = TitleMatch::title;
};

// Whether any item has a title.
bool has_titles(const Catalogue& catalogue);

// Any number of threads may use an index at a time.
class TitleIndex {
 public:
  // `ratings` is the number of ratings of each item; neither is used after construction. Throws
  // UsageError unless there is one for each title.
  TitleIndex(const Catalogue& catalogue, std::span<const std::int64_t> ratings);
  TitleIndex(TitleIndex&&) noexcept;
  TitleIndex& operator=(TitleIndex&&) noexcept;
  ~TitleIndex();

  // At most `most` items that the text may mean: by match, then by falling number of ratings, then
  // by index. Typos are looked for only where nothing else is found. A year at the end of the text,
  // "(1999)" or "1999", is the item's.
  std::vector<TitleHit> find(std::string_view text, std::size_t most = 10) const;

  // Those of the best match, if that names items: several where a title is ambiguous, 100 at most.
  std::vector<Index> named(std::string_view text) const;

 private:
  class Data;
  std::unique_ptr<const Data> data_;
};

}  // namespace tusk
