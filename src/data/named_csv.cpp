#include "data/named_csv.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "support/text.hpp"

namespace tusk {

NamedCsv::NamedCsv(std::string file, std::string_view text)
    : file_(std::move(file)), records_(text, ",") {
  if (!records_.next() || !records_.split(header_)) header_.clear();
}

int NamedCsv::column(std::string_view written) const {
  const auto at = std::find(header_.begin(), header_.end(), written);
  const bool is_there = !written.empty() && at != header_.end();
  return is_there ? static_cast<int>(at - header_.begin()) : kNoColumn;
}

bool NamedCsv::next() {
  if (!records_.next()) return false;
  is_split_ = records_.split(fields_);
  return true;
}

std::string NamedCsv::problem() const {
  if (!is_split_) return "quotes closed before the next comma";
  if (fields_.size() == header_.size()) return "";
  return fmt::format("{}, not {}", count_text(columns(), "field"), fields_.size());
}

std::string NamedCsv::field(int column) const {
  if (column < 0) return "";
  return to_utf8(records_.field(fields_[static_cast<std::size_t>(column)]));
}

void NamedCsv::refuse(std::string expected) const {
  throw InputError({file_, records_.line(), 0}, in_quotes(records_.text()), std::move(expected));
}

}  // namespace tusk
