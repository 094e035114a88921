#include "cli/result_files.hpp"

#include <algorithm>
#include <csignal>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/model_file.hpp>

#include "support/text.hpp"

namespace tusk::cli {
namespace {

namespace fs = std::filesystem;

fs::path canonical(const std::string& path) {
  std::error_code error;
  const auto found = fs::weakly_canonical(fs::absolute(path, error), error);
  return error ? fs::path(path) : found;
}

void check_place(const std::string& option, const std::string& path) {
  std::error_code error;
  const auto folder = fs::absolute(path, error).parent_path();
  if (!fs::is_directory(folder, error)) {
    throw UsageError(fmt::format("{} {}: there is no folder {}", option, path, folder.string()));
  }
  if (fs::is_directory(path, error)) {
    throw UsageError(fmt::format("{} {} is a folder; name a file in it", option, path));
  }
}

// An empty file is what mktemp makes.
bool has_content(const std::string& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && !fs::is_empty(path, error);
}

bool holds_model(const std::string& path) {
  try {
    return is_model_file(path);
  } catch (const InputError& error) {
    throw Error(fmt::format("--out {} is there, and whether it is a model cannot be seen: {}", path,
                            error.what()));
  }
}

}  // namespace

void ResultFiles::declare(CLI::App& app, const std::string& option, const std::string& help,
                          Kind kind) {
  Result& result = results_.emplace_back();
  result.option = option;
  result.kind = kind;
  app.add_option(option, result.path, help);
}

void ResultFiles::declare_overwrite(CLI::App& app) {
  app.add_flag("--overwrite", overwrite_, "replace files that are there");
}

void ResultFiles::declare_cells(CLI::App& app, const std::string& table) {
  table_ = table;
  cells_option_ =
      app.add_flag("--raw-cells", raw_cells_,
                   "in .csv and .tsv, write texts that a spreadsheet takes for formulas as they "
                   "are, without a ' in front");
}

void ResultFiles::check_given(const GivenOptions& given) const {
  if (given.contains(cells_option_) && !wanted(table_)) {
    throw UsageError("--raw-cells has no effect without " + table_);
  }
}

const ResultFiles::Result& ResultFiles::at(const std::string& option) const {
  return *std::find_if(results_.begin(), results_.end(),
                       [&](const Result& result) { return result.option == option; });
}

ResultFiles::Result& ResultFiles::at(const std::string& option) {
  return const_cast<Result&>(std::as_const(*this).at(option));
}

void ResultFiles::reserve(const std::string& option, const std::string& path) {
  const auto [same, is_new] = option_of_.emplace(canonical(path), option);
  if (!is_new) throw UsageError(fmt::format("{} and {} are the same file", same->second, option));
}

void ResultFiles::open() {
  for (auto& [option, kind, path, file] : results_) {
    if (path.empty()) continue;
    if (kind == Kind::model && overwrite_ && has_content(path) && !holds_model(path)) {
      throw UsageError(
          fmt::format("{} {} is there and is not a model, which --overwrite does not replace; "
                      "remove it first",
                      option, path));
    }
    const std::string end = lower_case(fs::path(path).extension().string());
    if (kind == Kind::page && end != ".html" && end != ".htm") {
      throw UsageError(fmt::format("{} {} must end in .html", option, path));
    }
    if (kind == Kind::table && !table_style_of(path)) {
      throw UsageError(fmt::format("{} {} must end in .md, .tex or .csv", option, path));
    }
    reserve(option, path);
    check_place(option, path);
    if (has_content(path) && !overwrite_) {
      throw UsageError(
          fmt::format("{} {} is there; remove it first or give --overwrite", option, path));
    }
    using Existing = AtomicFile::Existing;
    file.emplace(path, overwrite_ ? Existing::replace : Existing::keep);
    std::signal(SIGPIPE, SIG_IGN);
  }
}

void ResultFiles::write_report(const Console& console, const Device& device, const Dataset& data,
                               const std::string& title, const std::function<void(Report&)>& fill) {
  if (!wanted("--report")) return;
  Report page(title, console.command(), device.name());
  fill(page);
  page.add_data(data);
  file("--report").write(page.html());
}

void ResultFiles::write_table(const TextRows& rows, const TableCells& bold) {
  if (!wanted("--table")) return;
  file("--table").write(table_text(rows, *table_style_of(path("--table")), bold, cells()));
}

void ResultFiles::commit() {
  std::vector<AtomicFile*> files;
  for (Result& result : results_) {
    if (result.file) files.push_back(&*result.file);
  }
  tusk::commit(files);
}

void ResultFiles::show(const Console& console) const {
  for (const Result& result : results_) {
    if (result.path.empty()) continue;
    console.print("saved {}{}", result.path,
                  result.kind == Kind::model
                      ? fmt::format(" ({})", size_text(fs::file_size(result.path)))
                      : "");
  }
}

}  // namespace tusk::cli
