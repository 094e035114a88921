// The options that say how a text file of rows is laid out.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "data/table_format.hpp"

namespace tusk::cli {

class TableFlags {
 public:
  // --delimiter, --columns and --header in a group of the help; `columns_help` says what --columns
  // names. Returns the options.
  std::vector<CLI::Option*> declare(CLI::App& app, const std::string& group,
                                    const std::string& columns_help);

  TableOptions options() const;

 private:
  std::string delimiter_;
  std::string columns_;
  std::string header_ = "auto";
};

// "tab-separated, no header; user=1 item=2", for a message.
std::string layout_text(const TableLayout& layout);

}  // namespace tusk::cli
