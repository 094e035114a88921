// The ids of one column of a file, as they are read, and their dense numbering.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tusk/dataset.hpp>

namespace tusk {

inline constexpr std::size_t kLongestId = 64;  // bytes

// Appends ids, as numbers for as long as all of them are decimal integers.
class IdColumn {
 public:
  void push(std::string_view id);
  std::size_t size() const { return key_.size(); }

  struct Dense {
    IdMap map;
    std::vector<Index> index;  // one per pushed id
  };
  // Numbers the distinct ids in rising order. Throws InputError if there are too many. The column
  // is empty afterwards.
  Dense take_dense();

 private:
  void push_text(std::string_view id);
  void turn_into_text();
  Dense dense_numbers();
  Dense dense_texts();

  bool numeric_ = true;
  std::vector<std::int64_t> key_;  // the id itself, or its place in text_
  std::deque<std::string> text_;   // distinct; a deque keeps the views in place_ valid
  std::unordered_map<std::string_view, std::int64_t> place_;
};

// Reads a decimal integer in the one way it is written: no sign but '-', no leading zeros. False if
// it is anything else or does not fit.
bool parse_canonical(std::string_view text, std::int64_t& value);

}  // namespace tusk
