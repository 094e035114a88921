#include "data/text_file.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include <tusk/error.hpp>

#include "support/input_file.hpp"
#include "support/philox.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

namespace fs = std::filesystem;

// The lines whose first bytes are in each part of the text, a part a string.
std::vector<std::string> parts(const std::string& text, std::uint64_t first,
                               std::uint64_t part_size) {
  const test::TempFolder folder;
  const InputFile file(folder.write("f", text));
  std::vector<std::string> list;
  for (std::uint64_t begin = first; begin < text.size(); begin += part_size) {
    LineBlocks blocks(file, first, begin, begin + part_size);
    std::string part;
    for (auto block = blocks.next(); !block.empty(); block = blocks.next()) part += block;
    EXPECT_TRUE(blocks.next().empty());
    list.push_back(part);
  }
  return list;
}

// The same by looking at one line after the other.
std::vector<std::string> expected_parts(const std::string& text, std::uint64_t first,
                                        std::uint64_t part_size) {
  std::vector<std::string> list((text.size() - first + part_size - 1) / part_size);
  for (std::size_t begin = first; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    list[(begin - first) / part_size] += text.substr(begin, end - begin);
    begin = end;
  }
  return list;
}

TEST(LineBlocks, GiveEveryLineToThePartThatItBeginsIn) {
  RandomSequence random(7, 0);
  for (int turn = 0; turn < 20; ++turn) {
    std::string text;
    for (int line = 0; line < 40; ++line) {
      text.append(random.below(4) == 0 ? 0 : random.below(700), 'a' + static_cast<char>(line % 26));
      text += '\n';
    }
    if (turn % 2 == 0) text += "the last line has no end";
    for (const std::uint64_t first : {0u, 3u}) {
      for (const std::uint64_t size : {1u, 2u, 7u, 100u, 300u, 1'000u, 1'000'000u}) {
        ASSERT_EQ(parts(text, first, size), expected_parts(text, first, size))
            << "turn " << turn << ", first " << first << ", parts of " << size;
      }
    }
  }
}

TEST(LineBlocks, AreSmallUnlessALineIsLong) {
  const std::string lines(3'000'000, '\n');
  const std::string text = lines + std::string(2'000'000, 'x') + "\n" + lines + "end";
  for (const std::uint64_t size : {700'000u, 3'500'000u, 100'000'000u}) {
    EXPECT_EQ(parts(text, 0, size), expected_parts(text, 0, size)) << size;
  }
  const test::TempFolder folder;
  const InputFile file(folder.write("f", lines));
  LineBlocks blocks(file, 0, 0, lines.size());
  EXPECT_LE(blocks.next().size(), 1u << 20);
}

TEST(TextFile, HasWholeLinesAtItsHead) {
  const test::TempFolder folder;
  const TextFile small(folder.write("small", "\xEF\xBB\xBFone\ntwo"), "text");
  EXPECT_EQ(small.head(), "one\ntwo");
  EXPECT_EQ(small.head_begin(), 3u);
  const std::string blank(200'000, '\n');
  const TextFile late(folder.write("late", blank + "row\n" + std::string(1'000'000, 'x')), "text");
  EXPECT_EQ(late.head(), blank + "row\n");
  const TextFile none(folder.write("none", blank), "text");
  EXPECT_EQ(none.head(), blank);
}

// What the message of an InputError of `work` says, which must name the file.
template <class Work>
std::string error_of(const fs::path& file, const Work& work) {
  try {
    work();
  } catch (const InputError& error) {
    const std::string what = error.what();
    EXPECT_TRUE(what.starts_with(file.string())) << what;
    return what.substr(file.string().size());
  }
  return "no error";
}

constexpr const char* kChanged = ": changed while it was read; try again when it is complete";

class InputFileTest : public testing::Test {
 protected:
  static fs::path write_long_ago(const test::TempFolder& folder) {
    const fs::path path = folder.write("f", "0123456789");
    // A clock that ticks seldom gives a change in the same instant the same time.
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(1));
    return path;
  }

  std::string read(std::uint64_t offset) {
    return error_of(path_, [&] { file_.read(offset, buffer_); });
  }
  std::string check() const {
    return error_of(path_, [&] { file_.check_unchanged(); });
  }

  const test::TempFolder folder_;
  const fs::path path_ = write_long_ago(folder_);
  const InputFile file_{path_};
  std::string buffer_ = std::string(4, ' ');
};

TEST_F(InputFileTest, ReadsFromAnyPlace) {
  EXPECT_EQ(file_.size(), 10u);
  file_.read(6, buffer_);
  EXPECT_EQ(buffer_, "6789");
  file_.read(1, buffer_);
  EXPECT_EQ(buffer_, "1234");
  EXPECT_EQ(check(), "no error");
}

TEST_F(InputFileTest, AFileThatIsCutIsAnError) {
  fs::resize_file(path_, 8);
  EXPECT_EQ(read(6), kChanged);
  EXPECT_EQ(read(1), "no error");
  EXPECT_EQ(check(), kChanged);
}

TEST_F(InputFileTest, AFileThatIsOverwrittenIsAnError) {
  std::fstream(path_) << "abcdefghij";
  EXPECT_EQ(read(6), "no error");
  EXPECT_EQ(check(), kChanged);
}

TEST_F(InputFileTest, AFileThatGrowsIsAnError) {
  std::ofstream(path_, std::ios::app) << "more";
  EXPECT_EQ(check(), kChanged);
}

TEST_F(InputFileTest, AFileThatIsReplacedIsReadAsItWas) {
  fs::rename(folder_.write("new", "abc"), path_);
  EXPECT_EQ(read(6), "no error");
  EXPECT_EQ(buffer_, "6789");
  EXPECT_EQ(check(), "no error");
}

}  // namespace
}  // namespace tusk
