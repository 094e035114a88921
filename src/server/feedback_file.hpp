// Ratings that users of the server give, kept in a file that `tusk update` reads.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include <sys/types.h>

namespace tusk::server {

struct Feedback {
  std::string user;
  std::string item;
  float rating = 0;
  std::int64_t time = 0;  // seconds since 1970
};

// A file of lines `userId,movieId,rating,timestamp`, to which lines are only added. Any number of
// threads may use it at a time.
class FeedbackFile {
 public:
  // Opens the file, or makes it with a header. A last line without its end, of a write that never
  // was answered, is cut off. Throws InputError if the file has another header, and Error if it
  // cannot be written or another program has it open in this way.
  explicit FeedbackFile(std::filesystem::path path);
  ~FeedbackFile();
  FeedbackFile(const FeedbackFile&) = delete;
  FeedbackFile& operator=(const FeedbackFile&) = delete;

  // Returns when all lines are on the disk; those of several threads are synced together. Throws
  // Error if they could not be written: then none of them is in the file.
  void add(std::span<const Feedback> feedback);

  // How many ratings it has taken since it was opened.
  std::int64_t kept() const { return kept_; }

 private:
  // Lines that are written and synced together.
  struct Batch {
    std::string lines;
    bool done = false;
    std::string failure;  // why they are not in the file
  };

  void prepare();
  // Writes the batch that lines join now, with the lock open meanwhile.
  void flush(std::unique_lock<std::mutex>& lock);
  bool write_lines(const std::string& lines);
  [[noreturn]] void fail(const std::string& what, int error) const;

  std::filesystem::path path_;
  int file_ = -1;
  ::off_t size_ = 0;     // up to the end of what was accepted
  bool longer_ = false;  // whether the file has more, of a batch that failed
  std::mutex mutex_;
  std::condition_variable flushed_;
  std::shared_ptr<Batch> joining_ = std::make_shared<Batch>();
  std::atomic<std::int64_t> kept_ = 0;
  bool writing_ = false;  // whether a thread writes: the members above the mutex are its own
};

}  // namespace tusk::server
