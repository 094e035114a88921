#include "data/csv_records.hpp"

#include <algorithm>

#include "support/text.hpp"

namespace tusk {

bool CsvRecords::next() {
  while (!rest_.empty()) {
    const std::size_t length = end();
    text_ = rest_.substr(0, length);
    rest_.remove_prefix(std::min(rest_.size(), length + 1));
    line_ = next_line_;
    next_line_ += 1 + std::count(text_.begin(), text_.end(), '\n');
    if (text_.ends_with('\r')) text_.remove_suffix(1);
    if (!trimmed(text_).empty()) return true;
  }
  return false;
}

// The place of the end of the line that ends the first record.
std::size_t CsvRecords::end() const {
  constexpr std::size_t kLongestField = 1 << 20;
  const std::size_t first_line = std::min(rest_.find('\n'), rest_.size());
  std::size_t at = 0;
  while (true) {
    bool is_quoted = false;
    const std::size_t line_end = std::min(rest_.find('\n', at), rest_.size());
    at = std::min(rest_.find_first_not_of(' ', at), line_end);
    if (at < line_end && rest_[at] == '"') {
      const auto near = rest_.substr(at, kLongestField);
      const std::size_t closing = closing_quote(near, 0, quotes_);
      if (closing == std::string_view::npos) return first_line;
      at += closing + 1;
      is_quoted = true;
    }
    const std::size_t row_end = std::min(rest_.find('\n', at), rest_.size());
    const auto left = rest_.substr(at, row_end - at);
    const auto delimiter = left.find(delimiter_);
    if (is_quoted && !trimmed(left.substr(0, delimiter)).empty()) return first_line;
    if (delimiter == std::string_view::npos) return row_end;
    at += delimiter + delimiter_.size();
  }
}

}  // namespace tusk
