#include "cli/data_options.hpp"

#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/figures.hpp>
#include <tusk/plausibility.hpp>

#include "cli/interrupts.hpp"
#include "cli/progress.hpp"
#include "cli/validators.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

constexpr const char* kGroup = "Reading the data";

RatingScale parse_scale(const std::string& text) {
  const auto parts = split_text(text, ":");
  const auto low = parse_double(parts.front());
  const auto high = parts.size() == 2 ? parse_double(parts[1]) : std::nullopt;
  const RatingScale scale{static_cast<float>(low.value_or(0)),
                          static_cast<float>(high.value_or(0))};
  if (!low || !high || !std::isfinite(scale.low) || !std::isfinite(scale.high) ||
      scale.low >= scale.high) {
    throw UsageError(fmt::format("--scale {} is not LOW:HIGH, such as 1:5", short_text(text)));
  }
  return scale;
}

// "read u.data: tab-separated, no header; user=1 item=2 rating=3; ratings 1 .. 5; titles u.item:
// 1682 of 1682".
std::string summary_text(const Dataset& data) {
  const TitlesReport& titles = data.report.titles;
  std::string text = fmt::format("read {}: {}; ratings {}", data.source.filename().string(),
                                 layout_text(data.report.layout), scale_text(data.scale));
  if (titles.file.empty()) return text + "; no titles";
  return text + fmt::format("; titles {}: {} of {}", titles.file.filename().string(),
                            titles.matched, data.items.size());
}

void warn_of_titles(const Console& console, const TitlesReport& titles) {
  for (const std::string& problem : titles.problems) {
    console.warn(fmt::format("no titles are taken from a file that cannot be used: {}", problem));
  }
  if (titles.bad_rows > 0) {
    console.warn(fmt::format("{} of titles skipped; the first: {}",
                             count_text(titles.bad_rows, "bad row"), titles.first_bad_row));
  }
}

}  // namespace

void DataOptions::declare(CLI::App& app) {
  app.add_option("DATA", path_,
                 "file of ratings, or folder with ratings.csv, u.data or ratings.dat")
      ->required();
  const auto add = [&](const char* name, std::string& value, const char* help) {
    CLI::Option* const option = app.add_option(name, value, help)->group(kGroup);
    declared_.push_back(option);
    return option;
  };
  for (const CLI::Option* option : table_.declare(
           app, kGroup,
           "where user,item,rating[,timestamp] are: names in the header, or numbers from 1")) {
    declared_.push_back(option);
  }
  add("--scale", scale_, "lowest and highest rating, LOW:HIGH (default: as found)");
  add("--on-bad", on_bad_, "a bad row is an error or is skipped and counted: error, skip")
      ->check(one_of({"error", "skip"}))
      ->capture_default_str();
  add("--on-duplicate", on_duplicate_,
      "which of several ratings of one item by one user counts: latest (by timestamp), "
      "last (in the file), mean, error")
      ->check(one_of({"latest", "last", "mean", "error"}))
      ->capture_default_str();
}

std::string DataOptions::name() const {
  const std::filesystem::path path = std::filesystem::path(path_).lexically_normal();
  return path.has_filename() ? path.filename().string() : path.parent_path().filename().string();
}

std::string DataOptions::command_line() const {
  std::string line = shell_quoted(path_);
  for (const auto& [name, value] : given())
    line += fmt::format(" --{} {}", name, shell_quoted(value));
  return line;
}

std::vector<std::pair<std::string, std::string>> DataOptions::given() const {
  std::vector<std::pair<std::string, std::string>> given;
  for (const CLI::Option* option : declared_) {
    if (option->count() > 0)
      given.emplace_back(option->get_lnames().front(), option->results().back());
  }
  return given;
}

ReadOptions DataOptions::read_options() const {
  const TableOptions table = table_.options();
  ReadOptions options;
  options.delimiter = table.delimiter;
  options.columns = table.columns;
  options.header = table.header;
  options.on_bad = on_bad_ == "skip" ? BadRows::skip : BadRows::error;
  if (on_duplicate_ == "last") options.on_duplicate = Duplicates::last;
  if (on_duplicate_ == "mean") options.on_duplicate = Duplicates::mean;
  if (on_duplicate_ == "error") options.on_duplicate = Duplicates::error;
  if (!scale_.empty()) options.scale = parse_scale(scale_);
  return options;
}

Dataset DataOptions::load(Console& console, int threads, bool for_testing) const {
  ReadOptions options = read_options();
  options.threads = threads;
  WorkProgress progress(console, "reading");
  const Dataset data = read_dataset(
      path_, options,
      {[&](std::int64_t done, std::int64_t of) { progress.on_progress(done, of); }, &interrupted});
  console.end_progress_line();
  const ReadReport& report = data.report;
  console.note(summary_text(data));
  if (report.bad_rows > 0) {
    console.warn(fmt::format("{} skipped; the first: {}", count_text(report.bad_rows, "bad row"),
                             report.first_bad_row));
  }
  warn_of_titles(console, report.titles);
  if (report.unreadable_times > 0) {
    console.warn(
        fmt::format("{} unreadable, as if missing; the first: {} (--columns says where "
                    "the timestamp is, or leaves it out)",
                    count_text(report.unreadable_times, "time"), report.first_unreadable_time));
  }
  if (report.missing_times > 0) {
    console.note(fmt::format("{} without a time, older than any other to a split by time",
                             count_text(report.missing_times, "row")));
  }
  for (const Finding& finding : check_plausibility(data, {for_testing})) {
    console.warn(fmt::format("{} ({})", finding.found, finding.remedy));
  }
  if (report.duplicates > 0) {
    const bool by_time = on_duplicate_ == "latest" && !data.timestamp.empty();
    const char* kept = by_time ? "latest" : on_duplicate_ == "mean" ? "mean" : "last in the file";
    console.note(
        fmt::format("{} rated an item that the same user rated in another row; the {} counts",
                    count_text(report.duplicates, "row"), kept));
  }
  return data;
}

}  // namespace tusk::cli
