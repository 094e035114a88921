#include "data/byte_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <tusk/error.hpp>

#include "support/descriptor.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

class SourceStream : public ByteStream {
 public:
  explicit SourceStream(const ByteSource& file) : file_(file) {}

  std::size_t read(std::span<char> into) override {
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), file_.size() - at_));
    file_.read(at_, into.first(count));
    at_ += count;
    return count;
  }

 private:
  const ByteSource& file_;
  std::uint64_t at_ = 0;
};

class StandardInput : public ByteStream {
 public:
  explicit StandardInput(std::function<bool()> should_stop)
      : should_stop_(std::move(should_stop)) {}

  std::size_t read(std::span<char> into) override {
    constexpr int kPatience = 100;  // ms
    pollfd ready{STDIN_FILENO, POLLIN, 0};
    while (::poll(&ready, 1, kPatience) == 0) check_stop();
    check_stop();
    const auto count =
        again_if_interrupted([&] { return ::read(STDIN_FILENO, into.data(), into.size()); });
    if (count < 0) {
      throw InputError(fmt::format("standard input: cannot be read: {}",
                                   std::generic_category().message(errno)));
    }
    return static_cast<std::size_t>(count);
  }

 private:
  void check_stop() const {
    if (should_stop_ && should_stop_()) throw Interrupted();
  }

  std::function<bool()> should_stop_;
};

class PutBack : public ByteStream {
 public:
  PutBack(std::string first, std::unique_ptr<ByteStream> rest)
      : first_(std::move(first)), rest_(std::move(rest)) {}

  std::size_t read(std::span<char> into) override {
    if (at_ == first_.size()) return rest_->read(into);
    const std::size_t count = first_.copy(into.data(), into.size(), at_);
    at_ += count;
    return count;
  }

 private:
  std::string first_;
  std::size_t at_ = 0;  // of it, that are read
  std::unique_ptr<ByteStream> rest_;
};

// In blocks, so that no byte is copied as the text grows.
class MemoryBytes : public ByteSource {
 public:
  MemoryBytes(ByteStream& stream, const std::string& name,
              const std::function<std::uint64_t()>& most,
              const std::function<bool()>& should_stop) {
    std::optional<std::uint64_t> limit;  // not asked for small texts
    std::size_t count = kBlock;
    while (count == kBlock) {
      if (should_stop && should_stop()) throw Interrupted();
      // Its bytes need no values before they are read.
      blocks_.emplace_back(new char[kBlock]);
      count = read_fully(stream, {blocks_.back().get(), kBlock});
      size_ += count;
      if (size_ < kBlock) return;
      if (!limit) limit = most();
      if (size_ <= *limit) continue;
      throw InputError({name, 0, 0}, fmt::format("a text of more than {}", size_text(*limit)),
                       "one that fits into half of the free memory (a plain file in UTF-8 may be "
                       "larger: it is not held in memory)");
    }
  }

  std::uint64_t size() const override { return size_; }

  void read(std::uint64_t offset, std::span<char> into) const override {
    if (offset > size_ || into.size() > size_ - offset) {
      throw InputError("a text in memory is shorter than what is read of it");
    }
    while (!into.empty()) {
      const auto at = static_cast<std::size_t>(offset % kBlock);
      const std::size_t count = std::min(into.size(), kBlock - at);
      std::memcpy(into.data(), blocks_[static_cast<std::size_t>(offset / kBlock)].get() + at,
                  count);
      offset += count;
      into = into.subspan(count);
    }
  }

  void check_unchanged() const override {}

 private:
  static constexpr std::size_t kBlock = 4 << 20;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::uint64_t size_ = 0;
};

}  // namespace

std::size_t read_fully(ByteStream& stream, std::span<char> into) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    const std::size_t count = stream.read(into.subspan(filled));
    if (count == 0) break;
    filled += count;
  }
  return filled;
}

std::unique_ptr<ByteStream> stream_of(const ByteSource& file) {
  return std::make_unique<SourceStream>(file);
}

std::unique_ptr<ByteStream> standard_input(std::function<bool()> should_stop) {
  return std::make_unique<StandardInput>(std::move(should_stop));
}

std::unique_ptr<ByteStream> put_back(std::string first, std::unique_ptr<ByteStream> rest) {
  return std::make_unique<PutBack>(std::move(first), std::move(rest));
}

std::unique_ptr<const ByteSource> collect(ByteStream& stream, const std::string& name,
                                          const std::function<std::uint64_t()>& most,
                                          const std::function<bool()>& should_stop) {
  return std::make_unique<MemoryBytes>(stream, name, most, should_stop);
}

}  // namespace tusk
