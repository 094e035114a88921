#include "data/open_bytes.hpp"

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "data/byte_stream.hpp"
#include "data/text_encoding.hpp"
#include "data/unpack.hpp"
#include "support/input_file.hpp"

namespace tusk {
namespace {

std::string only_member(const std::filesystem::path& archive) {
  const std::vector<std::string> members = zip_members(archive);
  if (members.size() == 1) return members.front();
  const bool sheet = std::find(members.begin(), members.end(), "[Content_Types].xml") !=
                     members.end();
  throw InputError({archive.string(), 0, 0},
                   sheet ? "a spreadsheet (save it as CSV first)"
                         : fmt::format("a zip archive of {} files", members.size()),
                   fmt::format("one file in it, or a path into it such as {}/{}",
                               archive.filename().string(),
                               members.empty() ? "NAME" : members.front()));
}

// Unpacks and decodes a stream by its first bytes.
std::unique_ptr<ByteStream> as_text(std::unique_ptr<ByteStream> stream, const std::string& name,
                                    const OpenOptions& options) {
  const auto peek = [&] {
    std::string head(kPackedMark, '\0');
    head.resize(read_fully(*stream, head));
    stream = put_back(head, std::move(stream));
    return head;
  };
  std::string head = peek();
  if (is_zip(head)) {
    throw InputError({name, 0, 0}, "a zip archive inside of another file",
                     "a text or a compressed text");
  }
  if (is_compressed(head)) {
    stream = decompressed(std::move(stream), head, name);
    head = peek();
  }
  std::string encoding = encoding_name(options.encoding);
  // UTF-16 has two orders of bytes, and the name alone does not say which.
  if (const std::string found = utf16_of(head);
      !found.empty() && (encoding.empty() || is_utf16_name(options.encoding))) {
    encoding = found;
  }
  return encoding.empty() ? std::move(stream) : as_utf8(std::move(stream), encoding, name);
}

bool is_plain(const InputFile& file, const OpenOptions& options) {
  std::string head(std::min<std::uint64_t>(kPackedMark, file.size()), '\0');
  file.read(0, head);
  return encoding_name(options.encoding).empty() && !is_compressed(head) && utf16_of(head).empty();
}

}  // namespace

std::unique_ptr<const ByteSource> open_bytes(const std::filesystem::path& path,
                                             const OpenOptions& options) {
  const std::string name = shown_name(path);
  const auto read = [&](std::unique_ptr<ByteStream> stream) {
    return collect(*as_text(std::move(stream), name, options), options.should_stop);
  };
  if (path == kStandardInput) return read(standard_input(options.should_stop));
  if (const ZipPlace place = zip_place(path); !place.archive.empty()) {
    return read(zip_member(place.archive, place.member));
  }
  if (is_zip_file(path)) return read(zip_member(path, only_member(path)));
  auto file = std::make_unique<const InputFile>(path);
  if (is_plain(*file, options)) return file;
  auto unpacked = read(stream_of(*file));
  file->check_unchanged();
  return unpacked;
}

bool has_bytes(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, error))) return true;
  const ZipPlace place = zip_place(path);
  if (place.archive.empty()) return false;
  const std::vector<std::string> members = zip_members(place.archive);
  return std::find(members.begin(), members.end(), place.member) != members.end();
}

std::string shown_name(const std::filesystem::path& path) {
  return path == kStandardInput ? "standard input" : path.string();
}

}  // namespace tusk
