#include "server/feedback_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tusk/atomic_file.hpp>
#include <tusk/error.hpp>
#include <tusk/text_grid.hpp>

#include "support/descriptor.hpp"

namespace tusk::server {
namespace {

constexpr std::string_view kHeader = "userId,movieId,rating,timestamp\n";

std::string line_of(const Feedback& feedback) {
  return fmt::format("{},{},{},{}\n", csv_field(feedback.user), csv_field(feedback.item),
                     feedback.rating, feedback.time);
}

// The last bytes of a file of this size, at most `most`.
std::string last_bytes(int file, ::off_t size, ::off_t most) {
  std::string bytes(static_cast<std::size_t>(std::min(size, most)), '\0');
  const auto count = again_if_interrupted([&] {
    return pread(file, bytes.data(), bytes.size(), size - static_cast<::off_t>(bytes.size()));
  });
  bytes.resize(static_cast<std::size_t>(std::max<::ssize_t>(count, 0)));
  return bytes;
}

}  // namespace

FeedbackFile::FeedbackFile(std::filesystem::path path) : path_(std::move(path)) {
  file_ = above_standard(again_if_interrupted([&] {
    return open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
  }));
  if (file_ < 0) fail("cannot be opened", errno);
  try {
    prepare();
  } catch (...) {
    close(file_);
    throw;
  }
}

FeedbackFile::~FeedbackFile() { close(file_); }

void FeedbackFile::fail(const std::string& what, int error) const {
  throw Error(
      fmt::format("the file of feedback {} {}: {}", path_.string(), what, std::strerror(error)));
}

void FeedbackFile::prepare() {
  struct stat found {};
  if (fstat(file_, &found) != 0) fail("cannot be read", errno);
  if (!S_ISREG(found.st_mode)) fail("cannot be used", EINVAL);
  if (flock(file_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) fail("cannot be locked", errno);
    throw Error(fmt::format("another server writes to the file of feedback {}", path_.string()));
  }
  size_ = found.st_size;
  const auto header_size = static_cast<::off_t>(kHeader.size());
  const std::string begin = last_bytes(file_, std::min(size_, header_size), header_size);
  if (begin != kHeader.substr(0, begin.size())) {
    throw InputError({path_.string(), 1, 0}, "another file",
                     "a file of feedback, " + std::string(kHeader, 0, kHeader.size() - 1));
  }
  if (size_ < header_size) {  // new, or a header that was never finished
    if (ftruncate(file_, 0) != 0 || !write_all(file_, kHeader)) fail("cannot be written", errno);
    size_ = header_size;
  }
  // A line is far shorter than this.
  constexpr ::off_t kTail = 1 << 20;
  const std::string tail = last_bytes(file_, size_, kTail);
  const std::size_t end = tail.rfind('\n');
  if (end == std::string::npos) fail("cannot be used", EINVAL);
  const auto unfinished = static_cast<::off_t>(tail.size() - end - 1);
  size_ -= unfinished;
  if (unfinished > 0 && ftruncate(file_, size_) != 0) fail("cannot be written", errno);
  if (fsync(file_) != 0) fail("cannot be written", errno);
  sync_folder(path_);
}

void FeedbackFile::add(std::span<const Feedback> feedback) {
  std::string lines;
  for (const Feedback& one : feedback) lines += line_of(one);
  std::unique_lock lock(mutex_);
  const std::shared_ptr<Batch> batch = joining_;
  batch->lines += lines;
  // Who comes while another thread writes waits for it, and then one of those writes for all.
  while (!batch->done) {
    if (writing_) {
      flushed_.wait(lock);
    } else {
      flush(lock);
    }
  }
  if (!batch->failure.empty()) throw Error(batch->failure);
  kept_ += std::ssize(feedback);
}

void FeedbackFile::flush(std::unique_lock<std::mutex>& lock) {
  const std::shared_ptr<Batch> batch = std::exchange(joining_, std::make_shared<Batch>());
  writing_ = true;
  lock.unlock();
  const bool written = write_lines(batch->lines);
  const int error = errno;
  lock.lock();
  writing_ = false;
  batch->done = true;
  if (!written) {
    batch->failure = fmt::format("the file of feedback {} cannot be written: {}", path_.string(),
                                 std::strerror(error));
  }
  flushed_.notify_all();
}

// Nothing of lines that could not be written stays in the file.
bool FeedbackFile::write_lines(const std::string& lines) {
  if (longer_ && ftruncate(file_, size_) != 0) return false;
  longer_ = true;
  if (!write_all(file_, lines) || fdatasync(file_) != 0) {
    const int error = errno;
    longer_ = ftruncate(file_, size_) != 0;
    errno = error;
    return false;
  }
  longer_ = false;
  size_ += static_cast<::off_t>(lines.size());
  return true;
}

}  // namespace tusk::server
