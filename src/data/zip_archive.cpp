#include "data/zip_archive.hpp"

#include <algorithm>
#include <mutex>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "data/archive_reader.hpp"
#include "data/unpack.hpp"
#include "support/input_file.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

namespace fs = std::filesystem;

// Without what would make the path of a member that of another file.
std::string inner_name(const fs::path& archive, const std::string& name) {
  const fs::path path = name;
  if (std::find(path.begin(), path.end(), "..") != path.end()) {
    throw InputError({archive.string(), 0, 0},
                     fmt::format("a file {} that leads out of the archive", in_quotes(name)),
                     "names without \"..\"");
  }
  return path.relative_path().lexically_normal().generic_string();
}

bool is_made_by_a_system(const std::string& member) {
  return member.starts_with("__MACOSX/") || member.starts_with('.') ||
         member.find("/.") != std::string::npos;
}

// Goes to the next entry. libarchive makes a local time of its date, for which the C library has
// one lock for all threads that ThreadSanitizer does not see; hence this one.
bool go_on(ArchiveReader& reader) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  return reader.next();
}

}  // namespace

// Those that are open and not in use. To go to an entry is to go to all before it.
class ZipArchive::Readers {
 public:
  explicit Readers(fs::path path) : path_(std::move(path)) {}

  // At the entry of that number.
  std::unique_ptr<ArchiveReader> at(std::size_t place) {
    std::unique_ptr<ArchiveReader> reader = take(place);
    if (!reader) reader = std::make_unique<ArchiveReader>(path_);
    while (reader->position() <= place) {
      if (!go_on(*reader)) {
        throw InputError({path_.string(), 0, 0}, "an archive that was changed meanwhile",
                         "one that stays as it is");
      }
    }
    return reader;
  }

  void put(std::unique_ptr<ArchiveReader> reader) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(reader));
  }

 private:
  // The one with the shortest way.
  std::unique_ptr<ArchiveReader> take(std::size_t place) {
    const std::lock_guard lock(mutex_);
    auto best = idle_.end();
    for (auto at = idle_.begin(); at != idle_.end(); ++at) {
      if ((*at)->position() > place) continue;
      if (best == idle_.end() || (*at)->position() > (*best)->position()) best = at;
    }
    if (best == idle_.end()) return nullptr;
    std::unique_ptr<ArchiveReader> reader = std::move(*best);
    idle_.erase(best);
    return reader;
  }

  const fs::path path_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<ArchiveReader>> idle_;
};

class ZipArchive::Member : public ByteStream {
 public:
  Member(std::shared_ptr<Readers> readers, std::unique_ptr<ArchiveReader> reader)
      : readers_(std::move(readers)), reader_(std::move(reader)) {}

  std::size_t read(std::span<char> into) override {
    if (!reader_) return 0;
    const std::size_t count = reader_->read(into);
    if (count == 0 && !into.empty()) readers_->put(std::move(reader_));
    return count;
  }

 private:
  std::shared_ptr<Readers> readers_;
  std::unique_ptr<ArchiveReader> reader_;  // none at the end
};

ZipArchive::ZipArchive(fs::path path)
    : path_(std::move(path)), readers_(std::make_shared<Readers>(path_)) {
  ArchiveReader reader(path_);
  while (go_on(reader)) {
    if (reader.entry_name().empty()) continue;
    const std::string member = inner_name(path_, reader.entry_name());
    if (is_made_by_a_system(member)) continue;
    if (place_.emplace(member, reader.position() - 1).second) members_.push_back(member);
  }
}

std::unique_ptr<ByteStream> ZipArchive::open(const std::string& member) const {
  const auto place = place_.find(member);
  if (place == place_.end()) {
    throw InputError({path_.string(), 0, 0}, fmt::format("no file {} in the archive", member),
                     "one of that name");
  }
  auto reader = readers_->at(place->second);
  reader->set_name((path_ / member).string());
  return std::make_unique<Member>(readers_, std::move(reader));
}

bool is_zip(std::string_view head) { return head.starts_with("PK\x03\x04"); }

bool is_zip_file(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return false;
  const InputFile file(path);
  std::string head(std::min<std::uint64_t>(kPackedMark, file.size()), '\0');
  file.read(0, head);
  return is_zip(head);
}

ZipPlace zip_place(const fs::path& path) {
  std::error_code error;
  if (fs::exists(fs::symlink_status(path, error))) return {};
  for (auto at = path.parent_path(); at.has_relative_path(); at = at.parent_path()) {
    if (!fs::exists(at, error)) continue;
    if (!is_zip_file(at)) return {};
    return {at, path.lexically_relative(at).generic_string()};
  }
  return {};
}

}  // namespace tusk
