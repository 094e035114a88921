#include <algorithm>
#include <filesystem>
#include <iterator>

#include <fmt/format.h>

#include <tusk/list_order.hpp>
#include <tusk/list_writer.hpp>
#include <tusk/parameters.hpp>

#include "data/trec_id.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

std::string parts_text(const std::vector<PartRank>& parts) {
  std::string text;
  for (const PartRank& part : parts) {
    text += fmt::format("{}{}:{}", text.empty() ? "" : "|", part.part, part.rank);
  }
  return text;
}

}  // namespace

Json to_json(const Model& model, const RecommendationRow& row) {
  const Recommendation& item = row.recommendation;
  Json json = {{"event", "recommendation"},
               {"user", json_id(model.users, row.user)},
               {"rank", row.rank},
               {"item", json_id(model.items, model.items.id(item.item))},
               {"title", title_of(model, item.item)},
               {"genres", model.catalogue.genres[static_cast<std::size_t>(item.item)]},
               {"score", json_number(item.score)}};
  if (predicts_ratings(model)) json["rating"] = json_number(item.rating);
  if (item.deviation) json["deviation"] = json_number(*item.deviation);
  json["evidence"] = to_string(item.evidence);
  if (row.folded_from > 0) json["folded_from"] = row.folded_from;
  if (row.ratings > 0) json["ratings"] = row.ratings;
  if (row.trend > 0) json["trend"] = json_number(row.trend);
  for (const Contribution& reason : item.reasons) {
    json["reasons"].push_back({{"item", json_id(model.items, model.items.id(reason.item))},
                               {"title", title_of(model, reason.item)},
                               {"rating", json_number(reason.rating)},
                               {"adds", json_number(reason.part)}});
  }
  for (const PartRank& part : item.parts) {
    json["parts"].push_back(
        {{"part", part.part}, {"rank", part.rank}, {"score", json_number(part.score)}});
  }
  return json;
}

ListFormat list_format(const std::string& path) {
  const std::string end = lower_case(std::filesystem::path(path).extension().string());
  if (end == ".csv") return ListFormat::csv;
  if (end == ".jsonl") return ListFormat::jsonl;
  if (end == ".tsv") return ListFormat::tsv;
  if (end == ".run") return ListFormat::run;
  throw ParameterError("out", fmt::format("{} must end in .tsv, .csv, .jsonl or .run", path));
}

void ListWriter::write_header(const Model& model) {
  if (format_ != ListFormat::tsv && format_ != ListFormat::csv) return;
  std::string header = "user,rank,item,score,";
  if (predicts_ratings(model)) header += "rating,";
  if (model.learned().knows_deviations()) header += "deviation,";
  header += "title,evidence";
  if (model.algorithm().capabilities.has_parts) header += ",parts";
  if (format_ == ListFormat::tsv) std::replace(header.begin(), header.end(), ',', '\t');
  buffer_ += header + '\n';
}

void ListWriter::write(const Model& model, const RecommendationRow& row) {
  constexpr std::size_t kBuffer = 1 << 20;
  const Recommendation& item = row.recommendation;
  if (format_ == ListFormat::jsonl) {
    buffer_ += json_line(to_json(model, row)) + '\n';
  } else if (format_ == ListFormat::run) {
    const std::string id = model.items.id(item.item);
    check_trec_id(row.user);
    check_trec_id(id);
    fmt::format_to(std::back_inserter(buffer_), "{} Q0 {} {} {} tusk\n", row.user, id, row.rank,
                   score_by_rank_ ? 1 / static_cast<float>(row.rank) : item.score);
  } else {
    const char between = format_ == ListFormat::csv ? ',' : '\t';
    fmt::format_to(std::back_inserter(buffer_), "{1}{0}{2}{0}{3}{0}{4}{0}", between,
                   field(row.user), row.rank, field(model.items.id(item.item)), item.score);
    if (predicts_ratings(model)) {
      fmt::format_to(std::back_inserter(buffer_), "{}{}", item.rating, between);
    }
    if (model.learned().knows_deviations()) {
      if (item.deviation) buffer_ += fmt::format("{}", *item.deviation);
      buffer_ += between;
    }
    fmt::format_to(std::back_inserter(buffer_), "{}{}{}", field(title_of(model, item.item)),
                   between, to_string(item.evidence));
    if (model.algorithm().capabilities.has_parts) buffer_ += between + parts_text(item.parts);
    buffer_ += '\n';
  }
  if (buffer_.size() >= kBuffer) finish();
}

std::string ListWriter::field(std::string_view text) const {
  const std::string content = cell(printable(text), cells_);
  return format_ == ListFormat::csv ? csv_field(content) : content;
}

void ListWriter::finish() {
  file_.write(buffer_);
  buffer_.clear();
}

}  // namespace tusk
