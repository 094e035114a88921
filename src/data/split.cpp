#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/parameters.hpp>
#include <tusk/partition.hpp>

#include "data/draw_labels.hpp"
#include "data/official_folds.hpp"
#include "support/philox.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

constexpr Label kTrain = 0;
constexpr Label kTest = 1;
constexpr Label kFoldIn = 2;
const std::vector<std::string> kOfficialFolds = {"1", "2", "3", "4", "5"};

[[noreturn]] void bad_split(std::string_view text) {
  throw UsageError(fmt::format(
      "{} is not a split. Splits are none, random:F, time:F (0 < F < 1), last:N, kfold:K[:I] "
      "(K from 2 to {}), official[:I], users:N",
      in_quotes(text), kMaxLabels - 1));
}

std::vector<Label> random_labels(std::size_t ratings, double fraction, std::uint64_t seed) {
  const auto size = static_cast<double>(ratings);
  const double test = std::clamp(std::round(fraction * size), 1.0, size - 1);
  const auto count = static_cast<std::uint32_t>(test);
  RandomSequence random(seed, random_stream(RandomUse::split));
  return draw_labels({static_cast<std::uint32_t>(ratings) - count, count}, random);
}

std::vector<Label> kfold_labels(std::size_t ratings, int folds, std::uint64_t seed) {
  const auto k = static_cast<std::size_t>(folds);
  std::vector<std::uint32_t> counts(k);
  for (std::size_t f = 0; f < k; ++f) {
    counts[f] = static_cast<std::uint32_t>(ratings / k + (f < ratings % k ? 1 : 0));
  }
  RandomSequence random(seed, random_stream(RandomUse::split));
  return draw_labels(counts, random);
}

// Labels as test the latest of each user's ratings, as many as `test_count` says of their number,
// but never all of them. Ratings of one second, and those without a time, which count as the
// oldest, come in an order drawn from the seed.
template <class TestCount>
std::vector<Label> latest_labels(const Dataset& data, std::uint64_t seed,
                                 const TestCount& test_count) {
  if (data.report.unreadable_times > 0) {
    throw InputError(data.report.first_unreadable_time +
                     ", to split by time (use random:F or kfold:K without it)");
  }
  if (data.timestamp.empty()) {
    throw InputError({data.source.string(), 0, 0}, "no timestamps",
                     "timestamps, to split by time (use random:F or kfold:K without them)");
  }
  std::vector<Label> label(data.rating.size(), kTrain);
  std::vector<std::size_t> order;
  std::vector<std::uint32_t> draw(data.rating.size());
  RandomSequence random(seed, random_stream(RandomUse::split));
  for (auto& d : draw) d = random.next();
  for (std::size_t u = 0; u + 1 < data.offset.size(); ++u) {
    const auto begin = static_cast<std::size_t>(data.offset[u]);
    const auto size = static_cast<std::size_t>(data.offset[u + 1]) - begin;
    order.resize(size);
    std::iota(order.begin(), order.end(), begin);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      if (data.timestamp[a] != data.timestamp[b]) return data.timestamp[a] > data.timestamp[b];
      return draw[a] != draw[b] ? draw[a] > draw[b] : a > b;
    });
    const std::size_t test = std::min(test_count(size), size - 1);
    for (std::size_t k = 0; k < test; ++k) label[order[k]] = kTest;
  }
  return label;
}

// Holds out so many of the users with two ratings or more. Of n ratings each has
// floor((1 - fold_in) n) test ratings, but at least one of both kinds.
std::vector<Label> user_labels(const Dataset& data, int count, double fold_in, std::uint64_t seed) {
  std::vector<std::size_t> users;
  for (std::size_t u = 0; u + 1 < data.offset.size(); ++u) {
    if (data.offset[u + 1] - data.offset[u] >= 2) users.push_back(u);
  }
  const auto held_out = static_cast<std::size_t>(count);
  if (users.size() < held_out || held_out + 1 >= data.offset.size()) {
    throw InputError(
        {data.source.string(), 0, 0},
        fmt::format("{} with two ratings or more, of {}", count_text(std::ssize(users), "user"),
                    count_text(std::ssize(data.offset) - 1, "user")),
        fmt::format("{} to hold out and others to train on", count));
  }
  RandomSequence random(seed, random_stream(RandomUse::split));
  random.shuffle(users);
  users.resize(held_out);
  std::sort(users.begin(), users.end());
  std::vector<Label> label(data.rating.size(), kTrain);
  for (const std::size_t u : users) {
    const auto begin = static_cast<std::size_t>(data.offset[u]);
    const auto size = static_cast<std::uint32_t>(data.offset[u + 1] - data.offset[u]);
    constexpr double kRounding = 1e-9;  // 0.2 * 5 is 1
    const double share = std::floor((1 - fold_in) * size + kRounding);
    const auto tested = std::clamp(static_cast<std::uint32_t>(share), 1u, size - 1);
    const std::vector<Label> own = draw_labels({size - tested, tested}, random);
    for (std::size_t k = 0; k < own.size(); ++k) label[begin + k] = own[k] == 0 ? kFoldIn : kTest;
  }
  return label;
}

std::size_t fold_number(const SplitSpec& spec) {
  return spec.fold.empty() ? 0 : static_cast<std::size_t>(*parse_int(spec.fold)) - 1;
}

}  // namespace

SplitSpec parse_split(std::string_view given) {
  using Kind = SplitSpec::Kind;
  const std::string text = canonical_name(given);
  const auto parts = split_text(text, ":");
  const auto name = parts[0];
  SplitSpec spec;
  const auto fraction = parts.size() == 2 ? parse_double(parts[1]) : std::nullopt;
  const auto count = parts.size() >= 2 ? parse_int(parts[1]) : std::nullopt;
  if (name == "none" && parts.size() == 1) return spec;
  if ((name == "random" || name == "time") && fraction && *fraction > 0 && *fraction < 1) {
    spec.kind = name == "random" ? Kind::random : Kind::time;
    spec.fraction = *fraction;
    return spec;
  }
  if (name == "last" && parts.size() == 2 && count && *count >= 1) {
    spec.kind = Kind::last;
    spec.count = *count;
    return spec;
  }
  const auto in_range = [](std::optional<int> number, int high) {
    return number && 1 <= *number && *number <= high;
  };
  if (name == "kfold" && parts.size() <= 3 && in_range(count, kMaxLabels - 1) && *count >= 2 &&
      (parts.size() == 2 || in_range(parse_int(parts[2]), *count))) {
    spec.kind = Kind::kfold;
    spec.count = *count;
    if (parts.size() == 3) spec.fold = parts[2];
    return spec;
  }
  if (name == "users" && parts.size() == 2 && count && *count >= 1) {
    spec.kind = Kind::users;
    spec.count = *count;
    spec.fraction = kUsualFoldIn;
    return spec;
  }
  if (name == "official" && parts.size() <= 2) {
    spec.kind = Kind::official;
    if (parts.size() == 1) return spec;
    spec.fold = parts[1];
    if (spec.fold == "a" || spec.fold == "b" || in_range(count, 5)) return spec;
  }
  bad_split(given);
}

std::string to_string(const SplitSpec& spec) {
  using Kind = SplitSpec::Kind;
  const std::string fold = spec.fold.empty() ? "" : ":" + spec.fold;
  switch (spec.kind) {
    case Kind::none:
      return "none";
    case Kind::random:
      return fmt::format("random:{}", spec.fraction);
    case Kind::time:
      return fmt::format("time:{}", spec.fraction);
    case Kind::last:
      return fmt::format("last:{}", spec.count);
    case Kind::kfold:
      return fmt::format("kfold:{}{}", spec.count, fold);
    case Kind::official:
      return "official" + fold;
    case Kind::users:
      return fmt::format("users:{} fold-in {}", spec.count, spec.fraction);
  }
  return {};
}

Partition make_split(const Dataset& data, const SplitSpec& spec, std::uint64_t seed) {
  using Kind = SplitSpec::Kind;
  const std::size_t ratings = data.rating.size();
  const bool seeded = spec.kind != Kind::none && spec.kind != Kind::official;
  Partition split;
  split.description = to_string(spec) + (seeded ? fmt::format(" seed {}", seed) : "");
  split.labels = 2;
  split.test = only(kTest);
  if (ratings < 2 && spec.kind != Kind::none) {
    throw InputError({data.source.string(), 0, 0}, "a single rating",
                     "at least 2, to divide them into parts");
  }
  switch (spec.kind) {
    case Kind::none:
      split.label.assign(ratings, kTrain);
      split.labels = 1;
      split.test.reset();
      break;
    case Kind::random:
      split.label = random_labels(ratings, spec.fraction, seed);
      break;
    case Kind::time:
      split.label = latest_labels(data, seed, [&](std::size_t size) {
        return static_cast<std::size_t>(std::llround(spec.fraction * static_cast<double>(size)));
      });
      break;
    case Kind::last:
      split.label = latest_labels(
          data, seed, [&](std::size_t) { return static_cast<std::size_t>(spec.count); });
      break;
    case Kind::kfold:
      if (ratings < static_cast<std::size_t>(spec.count)) {
        throw InputError({data.source.string(), 0, 0}, fmt::format("{} ratings", ratings),
                         fmt::format("at least one a fold, {} in all", spec.count));
      }
      split.label = kfold_labels(ratings, spec.count, seed);
      split.labels = spec.count;
      split.test = only(fold_number(spec));
      break;
    case Kind::official:
      if (spec.fold == "a" || spec.fold == "b") {
        split.label = official_labels(data, {spec.fold});
        split.test = only(0);
      } else {
        split.label = official_labels(data, kOfficialFolds);
        split.labels = static_cast<int>(kOfficialFolds.size());
        split.test = only(fold_number(spec));
      }
      break;
    case Kind::users:
      if (!(0 < spec.fraction && spec.fraction < 1)) {
        throw ParameterError("fold-in",
                             fmt::format("is {}; it must be between 0 and 1", spec.fraction));
      }
      split.label = user_labels(data, spec.count, spec.fraction, seed);
      split.labels = 3;
      split.fold_in = only(kFoldIn);
      break;
  }
  const auto tested = std::count_if(split.label.begin(), split.label.end(),
                                    [&](Label label) { return split.test.test(label); });
  if (spec.kind != Kind::none && (tested == 0 || static_cast<std::size_t>(tested) == ratings)) {
    throw InputError(
        {data.source.string(), 0, 0},
        fmt::format("{} of {} ratings in the test part of {}", tested, ratings, to_string(spec)),
        "both parts to have some");
  }
  return split;
}

}  // namespace tusk
