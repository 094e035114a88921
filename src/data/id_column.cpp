#include "data/id_column.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <numeric>
#include <utility>

#include <tusk/error.hpp>

namespace tusk {
namespace {

void check_count(std::size_t distinct) {
  if (distinct > static_cast<std::size_t>(std::numeric_limits<Index>::max())) {
    throw InputError("more than 2147483647 distinct ids in one column");
  }
}

}  // namespace

bool parse_canonical(std::string_view text, std::int64_t& value) {
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  if (text.size() <= sign) return false;
  if (text[sign] == '0' && (text.size() > 1)) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

void IdColumn::push(std::string_view id) {
  if (numeric_) {
    std::int64_t number = 0;
    if (parse_canonical(id, number)) {
      key_.push_back(number);
      return;
    }
    turn_into_text();
  }
  push_text(id);
}

void IdColumn::push_text(std::string_view id) {
  auto found = place_.find(id);
  if (found == place_.end()) {
    text_.emplace_back(id);
    found = place_.emplace(text_.back(), static_cast<std::int64_t>(text_.size()) - 1).first;
  }
  key_.push_back(found->second);
}

void IdColumn::turn_into_text() {
  numeric_ = false;
  for (const std::int64_t number : std::exchange(key_, {})) push_text(std::to_string(number));
}

IdColumn::Dense IdColumn::take_dense() {
  Dense dense = numeric_ ? dense_numbers() : dense_texts();
  *this = IdColumn();
  return dense;
}

IdColumn::Dense IdColumn::dense_numbers() {
  if (key_.empty()) return {};
  const auto [low_it, high_it] = std::minmax_element(key_.begin(), key_.end());
  const std::int64_t low = *low_it;
  // The difference as unsigned cannot overflow.
  const std::uint64_t range =
      static_cast<std::uint64_t>(*high_it) - static_cast<std::uint64_t>(low);
  std::vector<std::int64_t> distinct;
  std::vector<Index> index(key_.size());
  if (range < 4 * key_.size() + 1'000'000) {
    std::vector<Index> rank(range + 1, kNone);
    for (const std::int64_t key : key_) rank[static_cast<std::size_t>(key - low)] = 0;
    for (std::size_t r = 0; r < rank.size(); ++r) {
      if (rank[r] == kNone) continue;
      rank[r] = static_cast<Index>(distinct.size());
      distinct.push_back(low + static_cast<std::int64_t>(r));
      check_count(distinct.size());
    }
    std::transform(key_.begin(), key_.end(), index.begin(),
                   [&](std::int64_t key) { return rank[static_cast<std::size_t>(key - low)]; });
  } else {
    distinct = key_;
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    check_count(distinct.size());
    std::transform(key_.begin(), key_.end(), index.begin(), [&](std::int64_t key) {
      return static_cast<Index>(std::lower_bound(distinct.begin(), distinct.end(), key) -
                                distinct.begin());
    });
  }
  return {IdMap(std::move(distinct)), std::move(index)};
}

IdColumn::Dense IdColumn::dense_texts() {
  check_count(text_.size());
  std::vector<std::size_t> order(text_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return text_[a] < text_[b]; });
  TextTable sorted;
  std::vector<Index> rank(text_.size());
  for (std::size_t r = 0; r < order.size(); ++r) {
    sorted.push_back(text_[order[r]]);
    rank[order[r]] = static_cast<Index>(r);
  }
  std::vector<Index> index(key_.size());
  std::transform(key_.begin(), key_.end(), index.begin(),
                 [&](std::int64_t key) { return rank[static_cast<std::size_t>(key)]; });
  return {IdMap(std::move(sorted)), std::move(index)};
}

}  // namespace tusk
