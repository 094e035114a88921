#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/partition.hpp>
#include <tusk/train_options.hpp>

#include "support/text.hpp"

namespace tusk {
namespace {

// Ratings whose label is in `part`, with what a split looks at.
Dataset part_of(const Dataset& data, std::span<const Label> label, const LabelSet& part) {
  Dataset rest;
  rest.source = data.source;
  rest.report = data.report;
  rest.offset.reserve(data.offset.size());
  rest.offset.push_back(0);
  for (std::size_t u = 0; u + 1 < data.offset.size(); ++u) {
    for (auto k = data.offset[u]; k < data.offset[u + 1]; ++k) {
      const auto at = static_cast<std::size_t>(k);
      if (!part.test(label[at])) continue;
      rest.rating.push_back(data.rating[at]);
      if (!data.timestamp.empty()) rest.timestamp.push_back(data.timestamp[at]);
    }
    rest.offset.push_back(rest.size());
  }
  return rest;
}

SplitSpec fold_split(const FoldsSpec& spec) {
  switch (spec.kind) {
    case FoldsSpec::Kind::random:
      return {SplitSpec::Kind::kfold, 0, spec.count, {}};
    case FoldsSpec::Kind::official:
      return {SplitSpec::Kind::official, 0, 0, {}};
    case FoldsSpec::Kind::time:
      return {SplitSpec::Kind::time, spec.fraction, 0, {}};
    case FoldsSpec::Kind::users:
      return {SplitSpec::Kind::users, spec.fraction, spec.count, {}};
  }
  return {};
}

void check(const FoldsSpec& spec) {
  const bool by_time = spec.kind == FoldsSpec::Kind::time;
  if (spec.kind == FoldsSpec::Kind::users && (spec.test_fraction || spec.test_fold)) {
    throw UsageError("users:N makes a single fold, and no test part can be set aside beside it");
  }
  if (spec.test_fraction && spec.test_fold) {
    throw UsageError("a test part is a fraction of the ratings or a fold, not both");
  }
  if (spec.test_fraction && !(0 < *spec.test_fraction && *spec.test_fraction < 1)) {
    throw UsageError(
        fmt::format("the test part {} is not a fraction between 0 and 1", *spec.test_fraction));
  }
  if (!spec.test_fold) return;
  if (by_time) throw UsageError("a split by time has one fold, which cannot be the test part, too");
  const int folds = spec.kind == FoldsSpec::Kind::official ? 5 : spec.count;
  if (*spec.test_fold < 1 || *spec.test_fold > folds) {
    throw UsageError(
        fmt::format("there is no fold {} to test on: they are 1 to {}", *spec.test_fold, folds));
  }
  if (folds < 3) {
    throw UsageError("with one fold to test on, two others are needed, to train and to validate");
  }
}

}  // namespace

FoldsSpec parse_folds(std::string_view given) {
  const std::string text = canonical_name(given);
  FoldsSpec spec;
  if (text == "official") {
    spec.kind = FoldsSpec::Kind::official;
    return spec;
  }
  const auto parts = split_text(text, ":");
  const auto fraction = parts.size() == 2 ? parse_double(parts[1]) : std::nullopt;
  if (parts[0] == "time" && (parts.size() == 1 || (fraction && 0 < *fraction && *fraction < 1))) {
    spec.kind = FoldsSpec::Kind::time;
    if (fraction) spec.fraction = *fraction;
    return spec;
  }
  const auto users = parts.size() == 2 ? parse_int(parts[1]) : std::nullopt;
  if (parts[0] == "users" && users && *users >= 1) {
    spec.kind = FoldsSpec::Kind::users;
    spec.count = *users;
    spec.fraction = kUsualFoldIn;
    return spec;
  }
  // As a split is written, too: kfold:K.
  const auto count = parse_int(parts.size() == 2 && parts[0] == "kfold" ? parts[1] : text);
  if (!count || *count < 2 || *count >= kMaxLabels) {
    throw UsageError(
        fmt::format("{} is not a number of folds from 2 to {}, nor official, nor time[:F] (0 < F < "
                    "1), nor users:N",
                    in_quotes(given), kMaxLabels - 1));
  }
  spec.count = *count;
  return spec;
}

std::string to_string(const FoldsSpec& spec) { return to_string(fold_split(spec)); }

Partition make_folds(const Dataset& data, const FoldsSpec& spec, std::uint64_t seed) {
  check(spec);
  const bool by_time = spec.kind == FoldsSpec::Kind::time;
  // The test part first, of what it leaves the folds; the official ones are of all ratings.
  std::vector<Label> tested(data.rating.size(), 0);
  std::string test_text;
  if (spec.test_fraction) {
    const auto kind = by_time ? SplitSpec::Kind::time : SplitSpec::Kind::random;
    const SplitSpec test{kind, *spec.test_fraction, 0, {}};
    tested = make_split(data, test, seed).label;
    test_text = ", test " + to_string(test);
  }
  const SplitSpec split_spec = fold_split(spec);
  const bool official = spec.kind == FoldsSpec::Kind::official;
  const Partition split = official ? make_split(data, split_spec, seed)
                                   : make_split(part_of(data, tested, only(0)), split_spec, seed);
  Partition folds;
  folds.labels = split.labels + (spec.test_fraction ? 1 : 0);
  folds.label.reserve(data.rating.size());
  const auto test_label = static_cast<Label>(split.labels);
  auto next = split.label.begin();
  for (const Label in_test : tested) {
    folds.label.push_back(in_test != 0 ? test_label : *next);
    if (in_test == 0 || official) ++next;
  }
  const bool one = by_time || spec.kind == FoldsSpec::Kind::users;
  for (int f = one ? 1 : 0; f < (one ? 2 : split.labels); ++f) {
    if (f + 1 != spec.test_fold) folds.held_out.push_back(only(static_cast<std::size_t>(f)));
  }
  folds.fold_in = split.fold_in;
  if (spec.test_fraction) folds.test = only(test_label);
  if (spec.test_fold) {
    folds.test = only(static_cast<std::size_t>(*spec.test_fold) - 1);
    test_text = fmt::format(", test fold {}", *spec.test_fold);
  }
  folds.description = split.description + test_text;
  for (const LabelSet& part : folds.held_out) {
    if (std::none_of(folds.label.begin(), folds.label.end(),
                     [&](Label label) { return part.test(label); })) {
      throw InputError({data.source.string(), 0, 0}, "too few ratings for " + folds.description,
                       "some in every part");
    }
  }
  return folds;
}

std::vector<std::uint64_t> parse_seeds(std::string_view text) {
  const auto bad = [&] {
    return UsageError(
        fmt::format("{} are no seeds. They are 1..5 or 1,2,7, at most {} and none twice",
                    in_quotes(text), kMostSeeds));
  };
  std::vector<std::uint64_t> seeds;
  if (const auto ends = split_text(text, ".."); ends.size() == 2) {
    const auto first = parse_seed(trimmed(ends[0]));
    const auto last = parse_seed(trimmed(ends[1]));
    if (first > last || last - first >= kMostSeeds) throw bad();
    for (std::uint64_t seed = first; seeds.size() <= last - first; ++seed) seeds.push_back(seed);
    return seeds;
  }
  for (const auto part : split_text(text, ",")) seeds.push_back(parse_seed(trimmed(part)));
  const std::set<std::uint64_t> different(seeds.begin(), seeds.end());
  if (different.size() != seeds.size() || seeds.size() > kMostSeeds) throw bad();
  return seeds;
}

std::vector<Partition> make_nested_folds(const Dataset& data, FoldsSpec spec, std::uint64_t seed) {
  std::vector<Partition> turns;
  const auto folds = static_cast<int>(make_folds(data, spec, seed).fold_count());
  for (int fold = 1; fold <= folds; ++fold) {
    spec.test_fold = fold;
    turns.push_back(make_folds(data, spec, seed));
  }
  return turns;
}

}  // namespace tusk
