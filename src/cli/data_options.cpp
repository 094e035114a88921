#include "cli/data_options.hpp"

#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "cli/progress.hpp"
#include "cli/validators.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

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

}  // namespace

void DataOptions::declare(CLI::App& app) {
  app.add_option("DATA", path_,
                 "file of ratings, or folder with ratings.csv, u.data or ratings.dat")
      ->required();
  const auto add = [&](const char* name, std::string& value, const char* help) {
    CLI::Option* const option = app.add_option(name, value, help)->group("Reading the data");
    declared_.push_back(option);
    return option;
  };
  add("--delimiter", delimiter_,
      "what separates fields: tab, ',', ';', '|', '::' or other (default: recognised)");
  add("--columns", columns_,
      "where user,item,rating[,timestamp] are: names in the header, or numbers from 1");
  add("--header", header_, "whether the first row names the columns: auto, yes, no")
      ->check(one_of({"auto", "yes", "no"}))
      ->capture_default_str();
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
  ReadOptions options;
  options.delimiter = delimiter_ == "tab" || delimiter_ == "\\t" ? "\t" : delimiter_;
  if (!columns_.empty()) {
    for (const auto name : split_text(columns_, ",")) options.columns.emplace_back(trimmed(name));
  }
  if (header_ != "auto") options.header = header_ == "yes";
  options.on_bad = on_bad_ == "skip" ? BadRows::skip : BadRows::error;
  if (on_duplicate_ == "last") options.on_duplicate = Duplicates::last;
  if (on_duplicate_ == "mean") options.on_duplicate = Duplicates::mean;
  if (on_duplicate_ == "error") options.on_duplicate = Duplicates::error;
  if (!scale_.empty()) options.scale = parse_scale(scale_);
  return options;
}

Dataset DataOptions::load(Console& console, int threads) const {
  ReadOptions options = read_options();
  options.threads = threads;
  WorkProgress progress(console, "reading");
  const Dataset data =
      read_dataset(path_, options,
                   {[&](std::int64_t done, std::int64_t of) { progress.on_progress(done, of); }});
  console.end_progress_line();
  const ReadReport& report = data.report;
  if (report.bad_rows > 0) {
    console.warn(fmt::format("{} skipped; the first: {}", count_text(report.bad_rows, "bad row"),
                             report.first_bad_row));
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
