#include "cli/input_options.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include <tusk/plausibility.hpp>

#include "cli/interrupts.hpp"
#include "cli/progress.hpp"
#include "cli/validators.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

// "a, b" as two names; nothing for an empty text.
std::vector<std::string> names_in(const std::string& text) {
  std::vector<std::string> names;
  if (text.empty()) return names;
  for (const auto name : split_text(text, ",")) names.emplace_back(trimmed(name));
  return names;
}

}  // namespace

void DataOptions::declare(CLI::App& app) {
  app.add_option("DATA", path_,
                 "file of ratings (- is standard input), or folder or zip archive with "
                 "ratings.csv, u.data, ratings.dat or others of docs/data.md; may be compressed")
      ->required();
  const Heading heading(app, kGroup);
  const auto add = [&](const char* name, std::string& value, const char* help) {
    CLI::Option* const option = app.add_option(name, value, help);
    declared_.push_back(option);
    return option;
  };
  for (const CLI::Option* option : table_.declare(
           app, "where user,item,rating[,timestamp] are: names in the header, or numbers from 1")) {
    declared_.push_back(option);
  }
  add("--scale", scale_, "lowest and highest rating, LOW:HIGH (default: as found)");
  add("--on-bad", on_bad_, "a bad row is an error or is skipped and counted: error, skip")
      ->transform(one_of({"error", "skip"}));
  add("--on-duplicate", on_duplicate_,
      "which of several ratings of one item by one user counts: latest (by timestamp), "
      "last (in the file), mean, sum, error (default: latest; of weights sum)")
      ->transform(one_of({"latest", "last", "mean", "sum", "error"}));
  declared_.push_back(
      app.add_flag("--implicit", implicit_,
                   "ratings are weights above 0, such as counts; a file without them, of clicks, "
                   "has weights of 1"));
  add("--titles", titles_, "table of titles to use in place of what is beside the ratings");
  add("--title-columns", title_columns_,
      "where id,title[,genres[,year[,text]]] are in it: names in the header, or numbers from 1");
}

std::string DataOptions::name() const {
  const std::filesystem::path path = std::filesystem::path(path_).lexically_normal();
  return path.has_filename() ? path.filename().string() : path.parent_path().filename().string();
}

std::string DataOptions::command_line() const {
  std::string line = shell_quoted(path_);
  for (const CLI::Option* option : declared_) {
    if (option->count() == 0) continue;
    line += " --" + option->get_lnames().front();
    const bool flag = option->get_items_expected_max() == 0;
    if (!flag) line += " " + shell_quoted(option->results().back());
  }
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
  const TableOptions table = table_.options();
  options.delimiter = table.delimiter;
  options.columns = table.columns;
  options.header = table.header;
  options.encoding = table.encoding;
  options.on_bad = parse_bad_rows(on_bad_);
  if (!on_duplicate_.empty()) options.on_duplicate = parse_duplicates(on_duplicate_);
  options.implicit = implicit_;
  options.titles = titles_;
  options.title_columns = names_in(title_columns_);
  if (!scale_.empty()) options.scale = parse_scale(scale_);
  return options;
}

Dataset DataOptions::load(Console& console, int threads, bool for_testing,
                          std::shared_ptr<Communicator> processes) const {
  ReadOptions options = read_options();
  options.threads = threads;
  options.processes = std::move(processes);
  WorkProgress progress(console, Work::reading);
  const Dataset data = read_dataset(path_, options, progress.observer());
  console.end_progress_line();
  for (const auto& [warning, text, remedy] : remarks_on(data, {for_testing})) {
    const std::string line = remedy.empty() ? text : fmt::format("{} ({})", text, remedy);
    warning ? console.warn(line) : console.note(line);
  }
  return data;
}

std::vector<CLI::Option*> TableFlags::declare(CLI::App& app, const std::string& columns_help) {
  return {
      app.add_option("--delimiter", delimiter_,
                     "what separates fields: tab, ',', ';', '|', '::', ' ' (runs of blanks) or "
                     "other (default: recognised)"),
      app.add_option("--columns", columns_, columns_help),
      app.add_option("--header", header_, "whether the first row names the columns: auto, yes, no")
          ->transform(one_of({"auto", "yes", "no"})),
      app.add_option("--encoding", encoding_,
                     "utf-8, latin-1, windows-1252, utf-16 or another that iconv knows (default: "
                     "utf-8, or utf-16 where the first bytes show it)")};
}

TableOptions TableFlags::options() const {
  TableOptions options;
  options.delimiter = delimiter_ == "tab" || delimiter_ == "\\t" ? "\t" : delimiter_;
  options.columns = names_in(columns_);
  options.encoding = encoding_;
  if (header_ != "auto") options.header = header_ == "yes";
  return options;
}

void OtherDataFlag::declare(CLI::App& app) {
  app.add_flag("--other-data", allowed_,
               "go on even if titles or ratings show that it is another data set than the model "
               "was trained on, with other users or items behind the ids");
}

bool OtherDataFlag::is_same(const Console& console, const DataMatch& match,
                            const Dataset& data) const {
  const std::string why = match.other_data_text();
  if (why.empty()) return true;
  const std::string message = fmt::format(
      "{} is another data set than the model was trained on: {}", data.source.string(), why);
  if (!allowed_) throw InputError(message + ". Give --other-data to go on all the same");
  console.warn(message);
  return false;
}

void note_layout(const Console& console, const IdTable& table) {
  console.note(fmt::format("read {}: {}; {}", table.path.filename().string(),
                           to_string(table.layout), count_text(std::ssize(table.line), "row")));
}

IdList read_id_list(const std::string& file, IdRows rows, const TableFlags& flags,
                    OnUnknown unknown, const Model& model, const Console& console) {
  TableOptions options = flags.options();
  if (!options.columns.empty()) {
    const std::size_t place = rows == IdRows::users ? 0 : options.columns.size() - 1;
    options.columns = {options.columns[std::min<std::size_t>(place, 1)]};
  }
  const IdTable table = read_id_table(file, rows, options);
  note_layout(console, table);
  IdList list = find_ids(table, model, unknown);
  if (list.skipped > 0) {
    console.warn(fmt::format("{} skipped; the first: {}", count_text(list.skipped, "id"),
                             list.first_skipped));
  }
  if (list.repeated > 0) {
    console.warn(fmt::format("{}: {} already listed and left out; the first: {}", file,
                             count_text(list.repeated, "id"), list.first_repeated));
  }
  return list;
}

}  // namespace tusk::cli
