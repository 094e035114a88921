#include "cli/fold_options.hpp"

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "cli/validators.hpp"
#include "support/text.hpp"

namespace tusk::cli {

void FoldOptions::declare(CLI::App& app) {
  app.add_option("--folds", folds_,
                 "a number of random folds; official (u1 .. u5 of ml-100k); time[:F], one fold of "
                 "each user's latest ratings, a fraction F or 0.2 of them")
      ->capture_default_str();
}

void FoldOptions::declare_test(CLI::App& app) {
  app.add_option("--test", test_,
                 "set a fraction of the ratings aside, at random or with --folds time the latest, "
                 "keep it out of the whole search, and measure the result on it once")
      ->check(number_between(0, 1));
  app.add_option("--test-fold", test_fold_,
                 "the same with a fold, from 1; or all, for a search without each fold in turn "
                 "(nested cross-validation)");
}

FoldsSpec FoldOptions::spec() const {
  FoldsSpec spec;
  try {
    spec = parse_folds(folds_);
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("--folds: {}", error.what()));
  }
  spec.test_fraction = test_;
  if (test_fold_.empty() || every_fold_tests()) {
    if (test_ && every_fold_tests()) throw UsageError("--test-fold all leaves no room for --test");
    return spec;
  }
  spec.test_fold = parse_int(test_fold_);
  if (!spec.test_fold) {
    throw UsageError(fmt::format("--test-fold {} is neither the number of a fold nor all",
                                 short_text(test_fold_)));
  }
  return spec;
}

std::vector<Folds> FoldOptions::divide(const Dataset& data, std::uint64_t seed) const {
  FoldsSpec spec = this->spec();
  std::vector<Folds> turns = {make_folds(data, spec, seed)};
  if (!every_fold_tests()) return turns;
  const auto folds = static_cast<int>(turns.front().size());
  turns.clear();
  for (int fold = 1; fold <= folds; ++fold) {
    spec.test_fold = fold;
    turns.push_back(make_folds(data, spec, seed));
  }
  return turns;
}

}  // namespace tusk::cli
