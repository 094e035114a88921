#include "data/plain_row.hpp"

namespace tusk {
namespace {

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

// At most 18 digits, which fit.
const char* scan_digits(const char* at, std::int64_t& value) {
  const char* const begin = at;
  value = 0;
  while (is_digit(*at)) value = 10 * value + (*at++ - '0');
  return at == begin || at - begin > 18 ? nullptr : at;
}

// As IdDictionary keeps numbers: without leading zeros.
const char* scan_id(const char* at, std::int64_t& value) {
  if (*at == '0' && is_digit(at[1])) return nullptr;
  return scan_digits(at, value);
}

// Up to seven digits before and after a point. They and the power of ten are floats without
// rounding, so that their quotient is the nearest float to the number, as std::from_chars gives.
const char* scan_rating(const char* at, float& value) {
  constexpr float kPower[] = {1, 1e1f, 1e2f, 1e3f, 1e4f, 1e5f, 1e6f, 1e7f};
  const char* const begin = at;
  std::int32_t digits = 0;
  while (is_digit(*at) && at - begin <= 7) digits = 10 * digits + (*at++ - '0');
  if (at == begin) return nullptr;
  const char* const point = at;
  if (*at == '.') {
    ++at;
    while (is_digit(*at) && at - begin <= 8) digits = 10 * digits + (*at++ - '0');
    if (at == point + 1) return nullptr;
  }
  if (at - begin > 8 || digits > 9'999'999 || is_digit(*at)) return nullptr;
  value = static_cast<float>(digits) / kPower[*point == '.' ? at - point - 1 : 0];
  return at;
}

}  // namespace

PlainRowScanner::PlainRowScanner(const RatingFormat& format)
    : delimiter_(format.delimiter), fields_(format.fields) {
  plain_ = delimiter_.find_first_of("0123456789.\r\n") == std::string_view::npos;
  const auto set = [&](int field, Role role) {
    if (field >= 0) role_[static_cast<std::size_t>(field)] = role;
  };
  set(format.user, Role::user);
  set(format.item, Role::item);
  set(format.rating, Role::rating);
  set(format.timestamp, Role::timestamp);
}

const char* PlainRowScanner::scan(const char* at, PlainRow& row) const {
  if (!plain_) return nullptr;
  for (int field = 0; field < fields_; ++field) {
    if (field > 0 && (at = skip_delimiter(at)) == nullptr) return nullptr;
    switch (role_[static_cast<std::size_t>(field)]) {
      case Role::user:
        at = scan_id(at, row.user);
        break;
      case Role::item:
        at = scan_id(at, row.item);
        break;
      case Role::rating:
        at = scan_rating(at, row.rating);
        break;
      case Role::timestamp:
        at = scan_digits(at, row.timestamp);
        break;
      case Role::skipped:
        while (*at != '\n' && *at != '"' && *at != delimiter_[0]) ++at;
        break;
    }
    if (at == nullptr) return nullptr;
  }
  if (*at == '\r') ++at;
  return *at == '\n' ? at + 1 : nullptr;
}

}  // namespace tusk
