// How --help lays out options: names, then the description wrapped beside them.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace tusk::cli {

class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
};

}  // namespace tusk::cli
