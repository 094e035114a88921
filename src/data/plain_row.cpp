#include "data/plain_row.hpp"

#include <bit>
#include <cstring>

namespace tusk {
namespace {

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

// The number that eight characters begin with, and the count of its digits. Without a branch, for
// that count cannot be foreseen. The three multiplications join digits to pairs, pairs to fours and
// fours to the whole (D. Lemire, "Quickly parsing eight digits", 2018).
int scan_eight(const char* at, std::int64_t& value) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t digits = 0;  // the first is the lowest byte
  std::memcpy(&digits, at, sizeof(digits));
  digits ^= 0x3030303030303030u;  // '0' to '9' become 0 to 9
  // Other bytes set their highest bit; what they carry over reaches later bytes only.
  const std::uint64_t others = ((digits + 0x7676767676767676u) | digits) & 0x8080808080808080u;
  const int count = std::countr_zero(others) / 8;
  if (count == 0) return 0;
  digits <<= 8 * (8 - count);  // zeros in front
  digits = 10 * digits + (digits >> 8);
  digits = (digits & 0x000000FF000000FFu) * 0x000F424000000064u +
           (digits >> 16 & 0x000000FF000000FFu) * 0x0000271000000001u;
  value = static_cast<std::int64_t>(digits >> 32);
  return count;
}

// At most 15 digits.
const char* scan_digits(const char* at, std::int64_t& value) {
  constexpr std::int64_t kPower[] = {1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000};
  int count = scan_eight(at, value);
  if (count == 0) return nullptr;
  if (count < 8) return at + count;
  std::int64_t rest = 0;
  count = scan_eight(at + 8, rest);
  if (count == 8) return nullptr;
  value = value * kPower[count] + rest;
  return at + 8 + count;
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
  plain_ = format.kind == FileLayout::table &&
           delimiter_.find_first_of("0123456789.\"\r\n") == std::string_view::npos;
  blanks_ = delimiter_ == kBlanks;
  const auto set = [&](int field, Role role) {
    if (field >= 0) role_[static_cast<std::size_t>(field)] = role;
  };
  set(format.user(), Role::user);
  set(format.item(), Role::item);
  set(format.rating(), Role::rating);
  set(format.timestamp(), Role::timestamp);
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
      case Role::skipped: {
        const char* const begin = at;
        while (*at != '\n' && *at != '"' && *at != delimiter_[0]) ++at;
        if (at == begin && blanks_) return nullptr;  // within a run of them
        break;
      }
    }
    if (at == nullptr) return nullptr;
  }
  if (*at == '\r') ++at;
  return *at == '\n' ? at + 1 : nullptr;
}

}  // namespace tusk
