#include "cli/recommendation_output.hpp"

#include <filesystem>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "cli/model_output.hpp"
#include "support/text.hpp"

namespace tusk::cli {

Json to_json(const Model& model, const RecommendationRow& row) {
  const Recommendation& item = row.recommendation;
  return {{"event", "recommendation"},
          {"user", json_id(model.users, row.user)},
          {"rank", row.rank},
          {"item", json_id(model.items, model.items.id(item.item))},
          {"title", title_of(model, item.item)},
          {"genres", model.catalogue.genres[static_cast<std::size_t>(item.item)]},
          {"score", json_number(item.score)},
          {"rating", json_number(item.rating)},
          {"evidence", to_string(item.evidence)}};
}

ListFormat::ListFormat(const std::string& path, Cells cells) : cells_(cells) {
  const std::string end = lower_case(std::filesystem::path(path).extension().string());
  if (end == ".csv") {
    kind_ = Kind::csv;
  } else if (end == ".jsonl") {
    kind_ = Kind::jsonl;
  } else if (end != ".tsv") {
    throw UsageError(fmt::format("--out {} must end in .tsv, .csv or .jsonl", path));
  }
}

std::string ListFormat::header() const {
  if (kind_ == Kind::jsonl) return "";
  return kind_ == Kind::csv ? "user,rank,item,score,rating,title\n"
                            : "user\trank\titem\tscore\trating\ttitle\n";
}

std::string ListFormat::line(const Model& model, const RecommendationRow& row) const {
  if (kind_ == Kind::jsonl) return json_line(to_json(model, row)) + '\n';
  const Recommendation& item = row.recommendation;
  const char separator = kind_ == Kind::csv ? ',' : '\t';
  return fmt::format("{1}{0}{2}{0}{3}{0}{4}{0}{5}{0}{6}\n", separator, field(row.user), row.rank,
                     field(model.items.id(item.item)), item.score, item.rating,
                     field(title_of(model, item.item)));
}

std::string ListFormat::field(std::string_view text) const {
  const std::string content = cell(printable(text), cells_);
  return kind_ == Kind::csv ? csv_field(content) : content;
}

void TableFile::write(const Model& model, const RecommendationRow& row) {
  constexpr std::size_t kBuffer = 1 << 20;
  buffer_ += format_.line(model, row);
  if (buffer_.size() < kBuffer) return;
  file_.write(buffer_);
  buffer_.clear();
}

void TableFile::finish() {
  file_.write(buffer_);
  buffer_.clear();
}

}  // namespace tusk::cli
