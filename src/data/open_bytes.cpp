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
#include "data/zip_archive.hpp"
#include "support/host_memory.hpp"
#include "support/input_file.hpp"

namespace tusk {
namespace {

std::string only_member(const ZipArchive& archive) {
  const std::vector<std::string>& members = archive.members();
  if (members.size() == 1) return members.front();
  const bool sheet =
      std::find(members.begin(), members.end(), "[Content_Types].xml") != members.end();
  throw InputError(
      {archive.path().string(), 0, 0},
      sheet ? "a spreadsheet (save it as CSV first)"
            : fmt::format("a zip archive of {} files", members.size()),
      fmt::format("one file in it, or a path into it such as {}/{}",
                  archive.path().filename().string(), members.empty() ? "NAME" : members.front()));
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
  if (is_zip(head) && name == shown_name(kStandardInput)) {
    throw InputError("a zip archive cannot be read from standard input; give its path");
  }
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

std::shared_ptr<const ZipArchive> archive_at(const std::filesystem::path& path,
                                             const OpenOptions& options) {
  const bool is_open = options.archive && options.archive->path() == path;
  return is_open ? options.archive : std::make_shared<const ZipArchive>(path);
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
    const auto text = as_text(std::move(stream), name, options);
    return collect(
        *text, name, [] { return available_host_memory() / 2; }, options.should_stop);
  };
  if (path == kStandardInput) return read(standard_input(options.should_stop));
  if (const ZipPlace place = zip_place(path); !place.archive.empty()) {
    return read(archive_at(place.archive, options)->open(place.member));
  }
  if (is_zip_file(path)) {
    const auto archive = archive_at(path, options);
    return read(archive->open(only_member(*archive)));
  }
  auto file = std::make_unique<const InputFile>(path);
  if (is_plain(*file, options)) return file;
  auto unpacked = read(stream_of(*file));
  file->check_unchanged();
  return unpacked;
}

bool has_bytes(const std::filesystem::path& path, const OpenOptions& options) {
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, error))) return true;
  const ZipPlace place = zip_place(path);
  return !place.archive.empty() && archive_at(place.archive, options)->has(place.member);
}

std::string shown_name(const std::filesystem::path& path) {
  return path == kStandardInput ? "standard input" : path.string();
}

}  // namespace tusk
