#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/error.hpp>
#include <tusk/search_space.hpp>

#include "support/philox.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

[[noreturn]] void bad_range(std::string_view text, std::string_view why) {
  throw UsageError(fmt::format("{}: {}; a parameter is searched as NAME=A,B,C or NAME=LO..HI[:log]",
                               in_quotes(text), why));
}

}  // namespace

ParameterRange::ParameterRange(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) bad_range(text, "there is no NAME=");
  for (const auto part : split_text(text.substr(0, equals), "+")) {
    std::string& name = names_.emplace_back(trimmed(part));
    while (name.starts_with('-')) name.erase(0, 1);
    std::replace(name.begin(), name.end(), '_', '-');
  }
  std::string_view values = text.substr(equals + 1);
  const auto dots = values.find("..");
  if (dots == std::string_view::npos) {
    for (const auto value : split_text(values, ",")) {
      if (trimmed(value).empty()) bad_range(text, "a value is missing");
      values_.emplace_back(trimmed(value));
    }
    return;
  }
  if (values.ends_with(":log")) {
    logarithmic_ = true;
    values.remove_suffix(4);
  }
  const auto low = parse_double(values.substr(0, dots));
  const auto high = parse_double(values.substr(dots + 2));
  if (!low || !high || !std::isfinite(*low) || !std::isfinite(*high)) {
    bad_range(text, "the ends of the range are not numbers");
  }
  if (!(*low < *high)) bad_range(text, "the range has no numbers between its ends");
  if (logarithmic_ && *low <= 0) bad_range(text, "a range with :log must be above 0");
  low_ = *low;
  high_ = *high;
}

void ParameterRange::rename(std::size_t n, const Parameter& parameter) {
  if (parameter.is_opposite(names_[n])) {
    for (std::string& value : values_) {
      if (value == "true" || value == "false") value = value == "true" ? "false" : "true";
    }
  }
  names_[n] = parameter.option();
}

std::string ParameterRange::text() const {
  if (is_list()) return fmt::format("{}={}", fmt::join(names_, "+"), fmt::join(values_, ","));
  return fmt::format("{}={}..{}{}", fmt::join(names_, "+"), low_, high_,
                     logarithmic_ ? ":log" : "");
}

bool ParameterRange::logarithmic() const {
  if (!is_list()) return logarithmic_;
  constexpr double kManyTimes = 8;
  double low = std::numeric_limits<double>::infinity();
  double high = 0;
  for (const std::string& text : values_) {
    const double value = parse_double(text).value_or(0);
    low = std::min(low, value);
    high = std::max(high, value);
  }
  return low > 0 && high >= kManyTimes * low;
}

void ParameterRange::make_integer() {
  if (is_list()) return;
  if (low_ != std::floor(low_) || high_ != std::floor(high_)) {
    throw UsageError(fmt::format("{}: whole numbers are needed", short_text(text())));
  }
  integer_ = true;
}

std::string ParameterRange::at(double place) const {
  if (is_list()) {
    const auto n = static_cast<std::size_t>(place * static_cast<double>(values_.size()));
    return values_[std::min(n, values_.size() - 1)];
  }
  // Each whole number is as likely as the next: those from `low` up to below `high` + 1.
  const double end = integer_ ? high_ + 1 : high_;
  const double value =
      logarithmic_ ? low_ * std::pow(end / low_, place) : low_ + (end - low_) * place;
  if (integer_) return fmt::format("{:.0f}", std::clamp(std::floor(value), low_, high_));
  const std::string rounded = fmt::format("{:.4g}", value);
  const double number = *parse_double(rounded);
  return number < low_ || number > high_ ? fmt::format("{}", std::clamp(number, low_, high_))
                                         : rounded;
}

void SearchSpace::add(ParameterRange range) {
  const std::vector<std::string> known = parameters();
  for (const std::string& name : range.names()) {
    if (std::count(known.begin(), known.end(), name) > 0 ||
        std::count(range.names().begin(), range.names().end(), name) > 1) {
      throw UsageError(
          fmt::format("{}: {} is searched twice", short_text(range.text()), short_text(name)));
    }
  }
  ranges_.push_back(std::move(range));
}

std::vector<std::string> SearchSpace::parameters() const {
  std::vector<std::string> all;
  for (const ParameterRange& range : ranges_) {
    all.insert(all.end(), range.names().begin(), range.names().end());
  }
  return all;
}

std::vector<Settings> SearchSpace::grid() const {
  std::vector<Settings> all = {{}};
  for (const ParameterRange& range : ranges_) {
    if (!range.is_list()) {
      throw ParameterError("", fmt::format("{} is a range, which a grid does not end; list values, "
                                           "or search with {} N",
                                           short_text(range.text()), option_name("random")));
    }
    if (all.size() * range.values().size() > kMostTrials) {
      throw ParameterError("", fmt::format("the grid has more than {} settings; search with "
                                           "{} N",
                                           kMostTrials, option_name("random")));
    }
    std::vector<Settings> longer;
    for (const Settings& settings : all) {
      for (const std::string& value : range.values()) {
        longer.push_back(settings);
        for (const std::string& name : range.names()) longer.back().emplace_back(name, value);
      }
    }
    all = std::move(longer);
  }
  return all;
}

std::vector<Settings> SearchSpace::draw(std::uint64_t seed, std::size_t count) const {
  constexpr std::uint64_t kMostInVain = 1000;
  std::vector<Settings> drawn;
  std::set<Settings> known;
  std::uint64_t in_vain = 0;
  for (std::uint64_t n = 0; drawn.size() < count && in_vain < kMostInVain; ++n) {
    Settings settings = draw_one(seed, n);
    const bool is_new = known.insert(settings).second;
    in_vain = is_new ? 0 : in_vain + 1;
    if (is_new) drawn.push_back(std::move(settings));
  }
  return drawn;
}

Settings SearchSpace::draw_one(std::uint64_t seed, std::uint64_t n) const {
  RandomSequence random(seed, random_stream(RandomUse::search, n));
  Settings settings;
  for (const ParameterRange& range : ranges_) {
    const std::string value = range.at(random.uniform());
    for (const std::string& name : range.names()) settings.emplace_back(name, value);
  }
  return settings;
}

}  // namespace tusk
