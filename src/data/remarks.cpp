#include <iterator>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/error.hpp>
#include <tusk/figures.hpp>
#include <tusk/id_table.hpp>
#include <tusk/plausibility.hpp>

#include "data/open_bytes.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

// "read u.data: tab-separated, no header; user=1 item=2 rating=3; ratings 1 .. 5; titles u.item:
// 1682 of 1682".
std::string summary_text(const Dataset& data) {
  const TitlesReport& titles = data.report.titles;
  std::string name = shown_name(data.source.filename());
  if (data.report.files > 1) name += fmt::format(" and {} more", data.report.files - 1);
  std::string text =
      fmt::format("read {}: {}; {} {}", name, to_string(data.report.layout),
                  data.report.implicit ? "weights" : "ratings", scale_text(data.scale));
  if (titles.file.empty()) return text + "; no titles";
  return text + fmt::format("; titles {}: {} of {}", titles.file.filename().string(),
                            titles.matched, data.items.size());
}

// " (lines 7, 17, ...)"; nothing for one alone, whose message has its line.
std::string lines_text(const TitlesReport& titles) {
  if (titles.bad_lines.size() < 2) return "";
  const bool is_all = titles.bad_rows == std::ssize(titles.bad_lines);
  return fmt::format(" (lines {}{})", fmt::join(titles.bad_lines, ", "), is_all ? "" : ", ...");
}

// What counts of several ratings.
std::string_view kept_text(const Dataset& data) {
  switch (data.report.on_duplicate) {
    case Duplicates::mean:
      return "mean";
    case Duplicates::sum:
      return "sum";
    case Duplicates::latest:
      if (!data.timestamp.empty()) return "latest";
      break;
    case Duplicates::last:
    case Duplicates::error:
      break;
  }
  return "last in the file";
}

}  // namespace

std::vector<Remark> remarks_on(const Dataset& data, const PlausibilityOptions& options) {
  std::vector<Remark> remarks;
  const auto warn = [&](std::string text, std::string remedy = {}) {
    remarks.push_back({true, std::move(text), std::move(remedy)});
  };
  const auto note = [&](std::string text) { remarks.push_back({false, std::move(text), {}}); };
  const ReadReport& report = data.report;
  const TitlesReport& titles = report.titles;
  if (!data.source.empty()) note(summary_text(data));
  if (report.implicit && !options.for_testing) {
    note("weights say who took what, not how it was liked: models of them only rank");
  }
  if (report.bad_rows > 0) {
    warn(fmt::format("{} skipped; the first: {}", count_text(report.bad_rows, "bad row"),
                     report.first_bad_row));
  }
  if (report.unrated > 0) {
    note(fmt::format("{} of value {} left out: it means \"not rated\"",
                     count_text(report.unrated, "entry", "entries"), report.unrated_value));
  }
  for (const std::string& problem : titles.problems) {
    warn(fmt::format("a file beside the ratings is ignored: {}", problem));
  }
  if (titles.bad_rows > 0) {
    warn(fmt::format("{} of titles skipped{}; the first: {}",
                     count_text(titles.bad_rows, "bad row"), lines_text(titles),
                     titles.first_bad_row));
  }
  if (report.unreadable_times > 0) {
    warn(fmt::format("{} unreadable, as if missing; the first: {}",
                     count_text(report.unreadable_times, "time"), report.first_unreadable_time),
         option_name("columns") + " says where the timestamp is, or leaves it out");
  }
  if (report.missing_times > 0) {
    note(fmt::format("{} without a time, older than any other to a split by time",
                     count_text(report.missing_times, "row")));
  }
  // A part of the ratings may look odd where the whole does not.
  if (!data.processes) {
    for (Finding& finding : check_plausibility(data, options)) {
      warn(std::move(finding.found), std::move(finding.remedy));
    }
  }
  if (report.duplicates > 0) {
    note(fmt::format("{} rated an item that the same user rated in another row; the {} counts",
                     count_text(report.duplicates, "row"), kept_text(data)));
  }
  return remarks;
}

}  // namespace tusk
