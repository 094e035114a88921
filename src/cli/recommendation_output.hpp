// Recommendations as rows of text.
#pragma once

#include <string>
#include <string_view>

#include <tusk/atomic_file.hpp>
#include <tusk/model.hpp>
#include <tusk/recommend.hpp>
#include <tusk/text_grid.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

struct RecommendationRow {
  std::string_view user;
  std::size_t rank = 1;
  Recommendation recommendation;
};

Json to_json(const Model& model, const RecommendationRow& row);

// Lines with their ends, of user, rank, item, score, rating and title. Numbers are the shortest
// that are read back as the same float; hidden characters are escaped, so a row is one line.
class ListFormat {
 public:
  enum class Kind { tsv, csv, jsonl };

  // By the name's end: .tsv, .csv or .jsonl. Throws UsageError for another.
  ListFormat(const std::string& path, Cells cells);

  std::string header() const;  // empty for .jsonl
  std::string line(const Model& model, const RecommendationRow& row) const;

 private:
  std::string field(std::string_view text) const;

  Kind kind_ = Kind::tsv;
  Cells cells_;
};

// Writes such lines to a file.
class TableFile {
 public:
  // Borrows the file.
  TableFile(ListFormat format, AtomicFile& file) : format_(format), file_(file) {}

  void write_header() { buffer_ += format_.header(); }
  void write(const Model& model, const RecommendationRow& row);
  void finish();  // writes what is left; the caller commits the file

 private:
  ListFormat format_;
  AtomicFile& file_;
  std::string buffer_;
};

}  // namespace tusk::cli
