// The options that say what lists are ordered by.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include <tusk/list_order.hpp>

namespace tusk::cli {

class ListOrderFlags {
 public:
  void declare(CLI::App& app, const std::string& group);

  // Throws UsageError.
  ListOrder order() const;

  // What is given: names without dashes and their values.
  Settings given() const;

 private:
  const CLI::Option* by_option_ = nullptr;
  const CLI::Option* prior_option_ = nullptr;
  std::string by_ = std::string(to_string(RankBy::rating));
  std::string prior_ = to_string(SupportPrior());
};

}  // namespace tusk::cli
