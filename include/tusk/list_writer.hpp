// Recommendations as rows of text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tusk/atomic_file.hpp>
#include <tusk/json.hpp>
#include <tusk/model.hpp>
#include <tusk/recommend.hpp>
#include <tusk/text_grid.hpp>

namespace tusk {

struct RecommendationRow {
  std::string_view user;
  std::size_t rank = 1;
  Recommendation recommendation;
  std::int64_t folded_from = 0;  // of a user who was folded in: the ratings
  // In a list for anybody: how many training ratings the item has, and Popularity::trend if known.
  std::int64_t ratings = 0;
  float trend = 0;
};

Json to_json(const Model& model, const RecommendationRow& row);

enum class ListFormat {
  tsv,
  csv,
  jsonl,
  run,  // of TREC, for trec_eval: user, Q0, item, rank, score, name of the run
};

// By a name's end: .tsv, .csv, .jsonl or .run. Throws UsageError for another.
ListFormat list_format(const std::string& path);

// Writes lines of user, rank, item, score, rating, title and evidence to a file, and of a model of
// several parts the item's ranks in them, "content:3|popular:1"; of a model that knows deviations
// that of the rating follows the rating. Numbers are the shortest that are
// read back as the same float; hidden characters are escaped, so a row is one line.
class ListWriter {
 public:
  // Borrows the file, which the caller commits after finish().
  ListWriter(ListFormat format, Cells cells, AtomicFile& file)
      : format_(format), cells_(cells), file_(file) {}

  // In a .run the score of each item is 1 / its rank: for lists that are not ordered by score.
  void score_by_rank() { score_by_rank_ = true; }

  void write_header(const Model& model);  // nothing in .jsonl and .run
  // Throws InputError for an id with blanks in a .run.
  void write(const Model& model, const RecommendationRow& row);
  void finish();  // writes what is left

 private:
  std::string field(std::string_view text) const;

  ListFormat format_;
  Cells cells_;
  AtomicFile& file_;
  bool score_by_rank_ = false;
  std::string buffer_;
};

}  // namespace tusk
