// Writing a file so that its path holds the old content or the whole new one, never a part.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include <sys/types.h>

namespace tusk {

// Syncs the folder that `file` is in, so that the file's entry outlives a power failure. Throws
// Error if that fails; a folder that may not be read, or a file system without this, is no failure.
void sync_folder(const std::filesystem::path& file);

class AtomicFile {
 public:
  // What becomes of a file that is at the path. An empty one is replaced either way.
  enum class Existing { replace, keep };

  // Opens a temporary file in the same folder: one without a name where the file system has such.
  // Its name later is the path's with ".tmp-" and 16 random digits. Left-overs of such a name are
  // removed if no program has them open. A symbolic link is followed. The new file has the mode of
  // the one that it replaces; it belongs to whoever runs the program, and other hard links to the
  // old file keep the old content.
  //
  // All members throw Error, naming the path; this one also if the path holds what is not a regular
  // file that may be written, or a file that is to be kept.
  explicit AtomicFile(std::filesystem::path path, Existing existing = Existing::replace);
  // Removes the temporary file unless it has been put in its place.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);

  // Syncs the file to the disk, puts it in its place, and syncs the folder. If a file is to be kept
  // that has appeared at the path meanwhile, it is kept, and the new one is left beside it: the
  // Error says where.
  void commit();

 private:
  friend void commit(std::span<AtomicFile* const> files);

  bool open_unnamed();
  void open_named();
  void sync();
  void give_name();                   // the temporary one, to a file without a name
  bool put();                         // false if something is there that is to be kept
  std::filesystem::path set_aside();  // gives it a name beside the path
  [[noreturn]] void fail(int error) const;

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  Existing existing_;
  bool named_ = false;  // whether the temporary file has its name already
  int file_ = -1;       // is locked while the temporary file is in use
  ::ino_t empty_ = 0;   // the empty file at the path; 0 if there is none
};

// Commits several files together: all are written and synced before the first is put in its place,
// so that a failure until then leaves every path as it was.
void commit(std::span<AtomicFile* const> files);

}  // namespace tusk
