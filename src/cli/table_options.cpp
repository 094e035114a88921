#include "cli/table_options.hpp"

#include <array>

#include <fmt/format.h>

#include "cli/validators.hpp"
#include "support/text.hpp"

namespace tusk::cli {

std::vector<CLI::Option*> TableFlags::declare(CLI::App& app, const std::string& group,
                                              const std::string& columns_help) {
  std::vector<CLI::Option*> declared = {
      app.add_option("--delimiter", delimiter_,
                     "what separates fields: tab, ',', ';', '|', '::', ' ' (runs of blanks) or "
                     "other (default: recognised)"),
      app.add_option("--columns", columns_, columns_help),
      app.add_option("--header", header_, "whether the first row names the columns: auto, yes, no")
          ->check(one_of({"auto", "yes", "no"}))
          ->capture_default_str()};
  for (CLI::Option* option : declared) option->group(group);
  return declared;
}

TableOptions TableFlags::options() const {
  TableOptions options;
  options.delimiter = delimiter_ == "tab" || delimiter_ == "\\t" ? "\t" : delimiter_;
  if (!columns_.empty()) {
    for (const auto name : split_text(columns_, ",")) options.columns.emplace_back(trimmed(name));
  }
  if (header_ != "auto") options.header = header_ == "yes";
  return options;
}

std::string layout_text(const TableLayout& layout) {
  struct Named {
    std::string_view delimiter;
    const char* name;
  };
  constexpr std::array<Named, 5> kNames = {{{"\t", "tab-separated"},
                                            {",", "comma-separated"},
                                            {";", "semicolon-separated"},
                                            {kBlanks, "separated by blanks"},
                                            {kWholeLine, "one a line"}}};
  std::string text = fmt::format("separated by '{}'", layout.delimiter);
  for (const auto& [delimiter, name] : kNames) {
    if (layout.delimiter == delimiter) text = name;
  }
  text += layout.header ? ", header;" : ", no header;";
  for (const auto& column : layout.columns) {
    text += fmt::format(" {}={}", column.field,
                        column.name.empty() ? fmt::format("{}", column.number) : column.name);
  }
  return text;
}

}  // namespace tusk::cli
