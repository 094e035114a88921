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

// Their names. set_order_option() is false for another one; it throws UsageError for a bad value.
std::vector<std::string> order_options();
bool is_order_option(std::string_view name);
bool set_order_option(ListOrder& order, std::string_view name, std::string_view value);

// "ranked by rating", "ranked by sum with support prior 5:0".
std::string order_text(const ListOrder& order);

}  // namespace tusk::cli
