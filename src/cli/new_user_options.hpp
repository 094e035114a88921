// The options that name a user who was not trained, by ratings or by titles.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <tusk/new_users.hpp>

#include "cli/console.hpp"

namespace tusk::cli {

class NewUserOptions {
 public:
  void declare(CLI::App& app);

  // Whether a command line gives any of them.
  bool among(const std::set<const CLI::Option*>& given) const;
  void clear();

  bool given() const { return !ratings_.empty() || !liked_.empty() || !disliked_.empty(); }
  // Throws UsageError for options that have no effect beside others.
  void check() const;

  // One user, and a note of what that rests on. Throws InputError for a title that no item has or
  // for a file with the ratings of several users.
  NewUsers load(const Model& model, const TableOptions& table, Console& console) const;
  // Reads the ratings of many new users, and tells of those that the model cannot use.
  NewUsers load_many(const std::string& file, const Model& model, const TableOptions& table,
                     Console& console) const;

 private:
  std::string ratings_;
  std::string format_;  // of ratings_
  bool implicit_ = false;
  std::vector<std::string> liked_;
  std::vector<std::string> disliked_;
  ReadOptions read_options(const TableOptions& table) const;
  NewUsers load_one(const Model& model, const TableOptions& table, Console& console) const;

  std::vector<const CLI::Option*> declared_;
};

}  // namespace tusk::cli
