// How texts stand in tables for spreadsheets.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include <tusk/text_grid.hpp>

namespace tusk::cli {

class CellOptions {
 public:
  void declare(CLI::App& app, const std::string& group) {
    app.add_flag("--raw-cells", raw_,
                 "in .csv and .tsv, write texts that a spreadsheet takes for formulas as they are, "
                 "without a ' in front")
        ->group(group);
  }

  Cells cells() const { return raw_ ? Cells::raw : Cells::safe; }

 private:
  bool raw_ = false;
};

}  // namespace tusk::cli
