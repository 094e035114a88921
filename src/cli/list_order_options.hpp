// The options that say what lists are ordered by.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include <tusk/list_order.hpp>

namespace tusk::cli {

class ListOrderFlags {
 public:
  void declare(CLI::App& app, const std::string& group);

  // Throws UsageError.
  ListOrder order() const;

 private:
  std::string by_ = std::string(to_string(RankBy::rating));
  std::string prior_ = to_string(SupportPrior());
};

// "ranked by rating", "ranked by sum with support prior 5:0".
std::string order_text(const ListOrder& order);

}  // namespace tusk::cli
