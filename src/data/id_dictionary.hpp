// The distinct ids of one column of a part of a file, and bringing those of all parts together.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tusk/dataset.hpp>

namespace tusk {

inline constexpr std::size_t kLongestId = 1024;  // bytes

// Numbers ids 0, 1, ... in the order in which they first come. They are kept as numbers for as long
// as all of them are decimal integers.
class IdDictionary {
 public:
  std::uint32_t number(std::int64_t id);
  std::uint32_t number(std::string_view id);

  std::size_t size() const { return numeric_ ? numbers_.size() : texts_.size(); }
  bool numeric() const { return numeric_; }
  const std::vector<std::int64_t>& numbers() const { return numbers_; }  // if numeric
  std::string text(std::size_t n) const;

 private:
  std::uint32_t text_number(std::string_view id);
  void turn_into_text();

  // Most ids of most files are small.
  static bool is_small(std::int64_t id) { return id >= 0 && id < (1 << 20); }
  std::uint32_t& slot_of(std::int64_t id);
  std::size_t hash_slot_of(std::int64_t id) const;
  void grow_hash_slots();

  bool numeric_ = true;
  std::vector<std::int64_t> numbers_;
  // 1 + place in numbers_, or 0: of small ids by id, of others in a hash table.
  std::vector<std::uint32_t> small_slots_;
  std::vector<std::uint32_t> hash_slots_;
  std::deque<std::string> texts_;  // a deque keeps the views in text_number_ valid
  std::unordered_map<std::string_view, std::uint32_t> text_number_;
};

struct NumberedIds {
  IdMap map;
  std::vector<std::vector<Index>> index;  // of each dictionary's ids
};

// Numbers the ids of all dictionaries in rising order. Throws InputError if there are too many.
NumberedIds number_ids(std::span<const IdDictionary* const> dictionaries);

// What is expected instead, if the text is no id; else empty.
std::string expected_id(std::string_view id);

// Reads a decimal integer in the one way it is written: no sign but '-', no leading zeros. False if
// it is anything else or does not fit.
bool parse_canonical(std::string_view text, std::int64_t& value);

}  // namespace tusk
