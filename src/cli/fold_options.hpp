// The options that say how ratings are divided into folds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <tusk/folds.hpp>

namespace tusk::cli {

class FoldOptions {
 public:
  void declare(CLI::App& app);
  // And those that set a test part aside.
  void declare_test(CLI::App& app);

  // Whether --test-fold is "all": each fold in turn.
  bool every_fold_tests() const { return test_fold_ == "all"; }

  // Without a test fold, where each is one in turn. Throws UsageError.
  FoldsSpec spec() const;

  // The folds, or with a test fold in turn those of every turn. Throws as make_folds().
  std::vector<Folds> divide(const Dataset& data, std::uint64_t seed) const;

 private:
  std::string folds_ = "5";
  std::optional<double> test_;
  std::string test_fold_;
};

}  // namespace tusk::cli
