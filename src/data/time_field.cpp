#include "data/time_field.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>

#include <tusk/dataset.hpp>
#include <tusk/error.hpp>

#include "support/text.hpp"

namespace tusk {
namespace {

constexpr std::array<std::string_view, 7> kMissingTimes = {"",    "null", "none", "nan",
                                                           "nat", "na",   "\\n"};

// Reads a time from its front; keeps the text that is not read yet.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }

  bool take(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
    last_ = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }

  char last() const { return last_; }  // what take() took

  // Exactly so many digits.
  std::optional<int> digits(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = 10 * value + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  void skip_digits() {
    rest_.remove_prefix(std::min(rest_.size(), rest_.find_first_not_of("0123456789")));
  }
  void skip_blanks() { rest_.remove_prefix(std::min(rest_.size(), rest_.find_first_not_of(' '))); }

 private:
  std::string_view rest_;
  char last_ = 0;
};

std::optional<std::int64_t> parse_date(std::string_view text) {
  namespace chrono = std::chrono;
  Scanner scanner(text);
  const auto year = scanner.digits(4);
  if (!year || !scanner.take("-/")) return std::nullopt;
  const char separator[] = {scanner.last(), 0};
  const auto month = scanner.digits(2);
  if (!month || !scanner.take(separator)) return std::nullopt;
  const auto day = scanner.digits(2);
  if (!day) return std::nullopt;
  const chrono::year_month_day date{chrono::year(*year),
                                    chrono::month(static_cast<unsigned>(*month)),
                                    chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  std::int64_t seconds = chrono::sys_days(date).time_since_epoch().count() * std::int64_t{86'400};
  if (scanner.done()) return seconds;

  if (!scanner.take("T t")) return std::nullopt;
  const auto hour = scanner.digits(2);
  if (!hour || !scanner.take(":")) return std::nullopt;
  const auto minute = scanner.digits(2);
  int second = 0;
  if (scanner.take(":")) {
    const auto given = scanner.digits(2);
    if (!given) return std::nullopt;
    second = *given;
    if (scanner.take(".,")) scanner.skip_digits();
  }
  if (!minute || *hour > 24 || *minute > 59 || second > 60) return std::nullopt;
  seconds += 3600 * *hour + 60 * *minute + second;
  scanner.skip_blanks();
  if (scanner.take("Zz")) return scanner.done() ? std::optional(seconds) : std::nullopt;
  if (scanner.take("+-")) {
    const int sign = scanner.last() == '+' ? 1 : -1;
    const auto hours = scanner.digits(2);
    scanner.take(":");
    const int minutes = scanner.digits(2).value_or(0);
    if (!hours || *hours > 23 || minutes > 59) return std::nullopt;
    seconds -= sign * (3600 * *hours + 60 * minutes);
  }
  return scanner.done() ? std::optional(seconds) : std::nullopt;
}

}  // namespace

TimeField parse_time(std::string_view text, std::int64_t& seconds) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc{} && end == text.data() + text.size()) {
    seconds = whole_seconds(seconds);
    return TimeField::read;
  }
  if (std::find(kMissingTimes.begin(), kMissingTimes.end(), lower_case(text)) !=
      kMissingTimes.end()) {
    return TimeField::missing;
  }
  if (const auto number = parse_double(text); number && std::abs(*number) < 9e18) {
    seconds = whole_seconds(static_cast<std::int64_t>(std::floor(*number)));
    return TimeField::read;
  }
  if (const auto date = parse_date(text)) {
    seconds = *date;
    return TimeField::read;
  }
  return TimeField::unreadable;
}

std::int64_t parse_timestamp(std::string_view text) {
  std::int64_t seconds = 0;
  if (parse_time(text, seconds) == TimeField::read) return seconds;
  throw UsageError(in_quotes(text) + " is no time: seconds since 1970, or a date (2005-09-01)");
}

}  // namespace tusk
