#include "data/id_dictionary.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "support/text.hpp"

namespace tusk {
namespace {

void check_count(std::size_t distinct) {
  if (distinct > static_cast<std::size_t>(std::numeric_limits<Index>::max())) {
    throw InputError("more than 2147483647 distinct ids in one column");
  }
}

// The index of each id of each dictionary; place(id) is that of one.
template <class Place>
std::vector<std::vector<Index>> places(std::span<const IdDictionary* const> dictionaries,
                                       const Place& place) {
  std::vector<std::vector<Index>> index;
  for (const IdDictionary* ids : dictionaries) {
    auto& list = index.emplace_back(ids->size());
    std::transform(ids->numbers().begin(), ids->numbers().end(), list.begin(), place);
  }
  return index;
}

NumberedIds merge_numbers(std::span<const IdDictionary* const> dictionaries) {
  std::int64_t low = std::numeric_limits<std::int64_t>::max();
  std::int64_t high = std::numeric_limits<std::int64_t>::min();
  std::size_t count = 0;
  for (const IdDictionary* ids : dictionaries) {
    if (ids->size() == 0) continue;
    const auto [least, most] = std::minmax_element(ids->numbers().begin(), ids->numbers().end());
    low = std::min(low, *least);
    high = std::max(high, *most);
    count += ids->size();
  }
  if (count == 0) return {{}, std::vector<std::vector<Index>>(dictionaries.size())};
  std::vector<std::int64_t> distinct;
  // The difference as unsigned cannot overflow.
  const std::uint64_t range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  if (range < 4 * count + 1'000'000) {
    std::vector<Index> rank(range + 1, kNone);
    for (const IdDictionary* ids : dictionaries) {
      for (const std::int64_t id : ids->numbers()) rank[static_cast<std::size_t>(id - low)] = 0;
    }
    for (std::size_t r = 0; r < rank.size(); ++r) {
      if (rank[r] == kNone) continue;
      rank[r] = static_cast<Index>(distinct.size());
      distinct.push_back(low + static_cast<std::int64_t>(r));
      check_count(distinct.size());
    }
    auto index = places(dictionaries,
                        [&](std::int64_t id) { return rank[static_cast<std::size_t>(id - low)]; });
    return {IdMap(std::move(distinct)), std::move(index)};
  }
  for (const IdDictionary* ids : dictionaries) {
    distinct.insert(distinct.end(), ids->numbers().begin(), ids->numbers().end());
  }
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  check_count(distinct.size());
  auto index = places(dictionaries, [&](std::int64_t id) {
    return static_cast<Index>(std::lower_bound(distinct.begin(), distinct.end(), id) -
                              distinct.begin());
  });
  return {IdMap(std::move(distinct)), std::move(index)};
}

NumberedIds merge_texts(std::span<const IdDictionary* const> dictionaries) {
  std::unordered_map<std::string, Index> place;
  for (const IdDictionary* ids : dictionaries) {
    for (std::size_t n = 0; n < ids->size(); ++n) place.emplace(ids->text(n), 0);
  }
  check_count(place.size());
  std::vector<std::pair<const std::string, Index>*> order;
  for (auto& entry : place) order.push_back(&entry);
  std::sort(order.begin(), order.end(), [](auto* a, auto* b) { return a->first < b->first; });
  TextTable sorted;
  for (auto* entry : order) {
    entry->second = static_cast<Index>(sorted.size());
    sorted.push_back(entry->first);
  }
  NumberedIds merged{IdMap(std::move(sorted)), {}};
  for (const IdDictionary* ids : dictionaries) {
    auto& list = merged.index.emplace_back();
    for (std::size_t n = 0; n < ids->size(); ++n) list.push_back(place.at(ids->text(n)));
  }
  return merged;
}

}  // namespace

std::string expected_id(std::string_view id) {
  if (id.empty()) return "an id";
  if (id.size() > kLongestId) {
    return fmt::format("an id of at most {} bytes, not {}", kLongestId, id.size());
  }
  std::int64_t ignored = 0;
  if (parse_canonical(id, ignored)) return "";
  const bool control = std::any_of(id.begin(), id.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (control) return "an id of UTF-8 text without control characters";
  return is_utf8(id) ? "" : "an id of UTF-8 text";
}

bool parse_canonical(std::string_view text, std::int64_t& value) {
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  if (text.size() <= sign) return false;
  if (text[sign] == '0' && (text.size() > 1)) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

std::size_t IdDictionary::hash_slot_of(std::int64_t id) const {
  const std::size_t mask = hash_slots_.size() - 1;
  // Fibonacci hashing: the highest bits of the product depend on all bits of the id.
  const auto product = static_cast<std::uint64_t>(id) * 0x9E3779B97F4A7C15u;
  auto slot = static_cast<std::size_t>(product >> std::countl_zero(mask));
  while (hash_slots_[slot] != 0 && numbers_[hash_slots_[slot] - 1] != id) slot = (slot + 1) & mask;
  return slot;
}

// Room for one more id, with half of the table free at least.
void IdDictionary::grow_hash_slots() {
  if (2 * numbers_.size() < hash_slots_.size()) return;
  hash_slots_.assign(std::max<std::size_t>(256, 4 * std::bit_ceil(numbers_.size())), 0);
  for (std::size_t n = 0; n < numbers_.size(); ++n) {
    if (!is_small(numbers_[n])) {
      hash_slots_[hash_slot_of(numbers_[n])] = static_cast<std::uint32_t>(n + 1);
    }
  }
}

std::uint32_t& IdDictionary::slot_of(std::int64_t id) {
  if (is_small(id)) {
    const auto slot = static_cast<std::size_t>(id);
    if (slot >= small_slots_.size()) small_slots_.resize(std::bit_ceil(slot + 1));
    return small_slots_[slot];
  }
  grow_hash_slots();
  return hash_slots_[hash_slot_of(id)];
}

std::uint32_t IdDictionary::number(std::int64_t id) {
  if (!numeric_) return text_number(std::to_string(id));
  std::uint32_t& slot = slot_of(id);
  if (slot == 0) {
    numbers_.push_back(id);
    slot = static_cast<std::uint32_t>(numbers_.size());
  }
  return slot - 1;
}

std::uint32_t IdDictionary::number(std::string_view id) {
  if (numeric_) {
    std::int64_t value = 0;
    if (parse_canonical(id, value)) return number(value);
    turn_into_text();
  }
  return text_number(id);
}

std::uint32_t IdDictionary::text_number(std::string_view id) {
  auto found = text_number_.find(id);
  if (found == text_number_.end()) {
    texts_.emplace_back(id);
    found =
        text_number_.emplace(texts_.back(), static_cast<std::uint32_t>(texts_.size() - 1)).first;
  }
  return found->second;
}

void IdDictionary::turn_into_text() {
  numeric_ = false;
  for (const std::int64_t id : std::exchange(numbers_, {})) text_number(std::to_string(id));
  small_slots_ = {};
  hash_slots_ = {};
}

std::string IdDictionary::text(std::size_t n) const {
  return numeric_ ? std::to_string(numbers_[n]) : texts_[n];
}

NumberedIds number_ids(std::span<const IdDictionary* const> dictionaries) {
  const bool numeric = std::all_of(dictionaries.begin(), dictionaries.end(),
                                   [](const IdDictionary* ids) { return ids->numeric(); });
  return numeric ? merge_numbers(dictionaries) : merge_texts(dictionaries);
}

}  // namespace tusk
