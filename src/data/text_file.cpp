#include "data/text_file.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "support/text.hpp"

namespace tusk {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

struct OtherFile {
  std::string_view mark;  // what it begins with
  std::string_view found;
};
constexpr std::array<OtherFile, 2> kOtherFiles = {{
    {"PAR1", "a Parquet file (save it as CSV first)"},
    {"SQLite format 3", "an SQLite database (export a table as CSV first)"},
}};

// `text` is the beginning of a file, without its byte order mark.
void check_text(std::string_view text, const std::string& file, const std::string& expected) {
  const auto refuse = [&](std::string_view found) {
    throw InputError({file, 0, 0}, std::string(found), expected);
  };
  if (text.empty()) refuse("an empty file");
  const auto begin = text.substr(std::min(text.size(), text.find_first_not_of(" \t\r\n")));
  for (const std::string_view mark : {"{\n", "{\r\n", "[{", "[\n", "[\r\n"}) {
    if (begin.starts_with(mark)) {
      refuse("JSON that is not one object a line (write it so first: jq -c '.[]' FILE > NEW)");
    }
  }
  if (lower_case(begin.substr(0, 5)) == "<html" || lower_case(begin.substr(0, 9)) == "<!doctype") {
    refuse("a web page (a download that failed?)");
  }
  const auto head = text.substr(0, 4096);
  const auto binary = std::find_if(head.begin(), head.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && c != '\t' && c != '\n' && c != '\r';
  });
  if (binary != head.end()) {
    for (const auto& [mark, found] : kOtherFiles) {
      if (text.starts_with(mark)) refuse(found);
    }
    refuse(fmt::format("a binary file (byte 0x{:02x} at offset {})",
                       static_cast<unsigned char>(*binary), binary - head.begin()));
  }
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// The whole lines at the beginning of a file, as TextFile::head says.
std::string read_head(const ByteSource& file) {
  constexpr std::uint64_t kEnough = 64 << 10;
  std::string head;
  for (std::uint64_t size = kEnough;; size *= 2) {
    const std::size_t before = head.size();
    head.resize(std::min(size, file.size()));
    file.read(before, std::span(head).subspan(before));
    if (head.size() == file.size()) return head;
    const std::size_t end = head.rfind('\n') + 1;  // npos + 1 is 0
    if (is_blank(std::string_view(head).substr(0, end))) continue;
    head.resize(end);
    return head;
  }
}

}  // namespace

std::string read_text(const std::filesystem::path& path, const std::string& expected,
                      const OpenOptions& options) {
  const auto file = open_bytes(path, options);
  std::string text(file->size(), '\0');
  file->read(0, text);
  file->check_unchanged();
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  check_text(text, shown_name(path), expected);
  return text;
}

TextFile::TextFile(const std::filesystem::path& path, const std::string& expected,
                   const OpenOptions& options)
    : file_(open_bytes(path, options)), name_(shown_name(path)), head_(read_head(*file_)) {
  if (head_.starts_with(kByteOrderMark)) {
    head_begin_ = kByteOrderMark.size();
    head_.erase(0, kByteOrderMark.size());
  }
  check_text(head_, name_, expected);
}

LineBlocks::LineBlocks(const ByteSource& file, std::uint64_t first, std::uint64_t begin,
                       std::uint64_t end)
    : file_(file),
      end_(std::min(end, file.size())),
      // The byte before `begin` says whether a line begins there.
      buffer_begin_(begin > first ? begin - 1 : begin),
      in_line_(begin > first) {}

// Drops what is used and reads on.
void LineBlocks::fill() {
  constexpr std::uint64_t kBlock = 512 << 10;
  constexpr std::uint64_t kLine = 256;  // the last line is seldom longer
  filled_ -= used_;
  if (filled_ > 0) std::memmove(buffer_.data(), buffer_.data() + used_, filled_);
  buffer_begin_ += used_;
  used_ = 0;
  const std::uint64_t at = buffer_begin_ + filled_;
  const std::uint64_t to_end = std::max(end_, at) - at + kLine;
  const auto count = static_cast<std::size_t>(std::min({kBlock, to_end, file_.size() - at}));
  const std::size_t size = filled_ + count + kPadding;
  if (buffer_.size() < size) buffer_.resize(std::max(size, buffer_.size() * 2));
  file_.read(at, std::span(buffer_).subspan(filled_, count));
  filled_ += count;
}

std::string_view LineBlocks::next() {
  while (buffer_begin_ + used_ < end_) {
    std::size_t searched = filled_ - used_;  // at the buffer's beginning, without the end of a line
    fill();
    if (in_line_) {
      const std::size_t line_end = text().find('\n');
      in_line_ = line_end == std::string_view::npos;
      used_ = in_line_ ? filled_ : line_end + 1;
      searched = used_;
      if (in_line_) continue;
      if (buffer_begin_ + used_ >= end_) break;
    }
    const std::size_t end = block_end(searched);
    if (end == 0) continue;
    const std::string_view block = text().substr(used_, end - used_);
    used_ = end;
    return block;
  }
  return {};
}

std::size_t LineBlocks::block_end(std::size_t searched) const {
  const std::uint64_t filled_to = buffer_begin_ + filled_;
  if (end_ <= filled_to) {
    // The last line is the one that the first line end at end_ - 1 or behind it belongs to.
    const auto last = std::max<std::uint64_t>(searched, end_ - 1 - buffer_begin_);
    const std::size_t line_end = text().find('\n', last);
    if (line_end != std::string_view::npos) return line_end + 1;
  }
  if (filled_to == file_.size()) return filled_;
  const std::size_t line_end = text().substr(searched).rfind('\n');
  return line_end == std::string_view::npos ? 0 : searched + line_end + 1;
}

}  // namespace tusk
