#include "data/open_bytes.hpp"

#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>

#include "data/byte_stream.hpp"
#include "data/zip_archive.hpp"
#include "support/input_file.hpp"
#include "tests/support/packed.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

using test::TempFolder;

std::string bytes_of(const std::filesystem::path& path, const OpenOptions& options = {}) {
  const auto file = open_bytes(path, options);
  std::string bytes(file->size(), '\0');
  file->read(0, bytes);
  return bytes;
}

// What the message of the error says; it must be of the kind.
template <class Kind = InputError>
std::string refusal(const std::filesystem::path& path, const OpenOptions& options = {}) {
  try {
    return "read: " + bytes_of(path, options);
  } catch (const Kind& error) {
    return error.what();
  }
}

void expect_message(const std::string& message, const std::string& words) {
  EXPECT_NE(message.find(words), std::string::npos) << message;
}

// More than a buffer of what unpacks it.
std::string long_text(int lines = 70'000) {
  std::string text;
  for (int line = 0; line < lines; ++line) text += std::to_string(line % 977) + ",5\n";
  return text;
}

class Packed : public testing::TestWithParam<const char*> {
 protected:
  TempFolder folder_;
};

TEST_P(Packed, IsReadAsWhatItWas) {
  const std::string text = long_text();
  EXPECT_EQ(bytes_of(folder_.write("f", test::compressed(text, GetParam()))), text);
  EXPECT_EQ(bytes_of(folder_.write("g", test::compressed("one\n", GetParam()))), "one\n");
}

TEST_P(Packed, IsAnErrorIfCutOff) {
  std::string bytes = test::compressed(long_text(), GetParam());
  bytes.resize(bytes.size() - 5);
  const auto path = folder_.write("f", bytes);
  expect_message(refusal(path), path.string() + ": found ");
}

TEST_P(Packed, HearsAnInterrupt) {
  const auto path = folder_.write("f", test::compressed(long_text(), GetParam()));
  EXPECT_THROW(open_bytes(path, {"", [] { return true; }}), Interrupted);
}

INSTANTIATE_TEST_SUITE_P(Filters, Packed, testing::Values("gzip", "zstd", "bzip2", "xz"),
                         [](const auto& test) { return std::string(test.param); });

TEST(OpenBytes, ReadsFromAnyPlaceOfWhatIsUnpacked) {
  const TempFolder folder;
  const std::string text = long_text(900'000);  // more than a block
  const auto file = open_bytes(folder.write("f", test::compressed(text, "gzip")), {});
  std::string part(100'000, ' ');
  file->read((4 << 20) - 50'000, part);  // over the end of a block
  EXPECT_EQ(part, text.substr((4 << 20) - 50'000, part.size()));
  EXPECT_THROW(file->read(text.size() - 1, part), InputError);
}

TEST(OpenBytes, VerifiesTheChecksumOfGzip) {
  const TempFolder folder;
  std::string bytes = test::compressed("user,item,rating\n1,2,3\n", "gzip");
  bytes[bytes.size() - 8] = static_cast<char>(bytes[bytes.size() - 8] ^ 1);
  expect_message(refusal(folder.write("f", bytes)), "damaged");
}

TEST(OpenBytes, ReadsJoinedGzipFiles) {
  const TempFolder folder;
  const std::string one = test::compressed("one\n", "gzip");
  const std::string two = test::compressed("two\n", "gzip");
  EXPECT_EQ(bytes_of(folder.write("f", one + two)), "one\ntwo\n");
  EXPECT_EQ(bytes_of(folder.write("f", one + std::string(512, '\0'))), "one\n");
}

TEST(OpenBytes, ReadsFilesInAZipArchive) {
  const TempFolder folder;
  const auto one =
      folder.write("one.zip", test::zipped({{"__MACOSX/._a.csv", "x"}, {"a.csv", "1,2,3\n"}}));
  EXPECT_EQ(bytes_of(one), "1,2,3\n") << "the only file that a person put there";
  const auto two = folder.write(
      "two.zip",
      test::zipped({{"ml/a.csv", "aaa"}, {"ml/b.csv", test::compressed("bbb", "gzip")}}));
  EXPECT_EQ(bytes_of(two / "ml/a.csv"), "aaa");
  EXPECT_EQ(bytes_of(two / "ml" / "b.csv"), "bbb");
  EXPECT_TRUE(has_bytes(two / "ml/a.csv"));
  EXPECT_FALSE(has_bytes(two / "ml/c.csv"));
  EXPECT_FALSE(has_bytes(folder.path() / "no.zip" / "c.csv"));
  expect_message(refusal(two), "a zip archive of 2 files");
  expect_message(refusal(two / "ml/c.csv"), "no file ml/c.csv in the archive");
  const auto sheet =
      folder.write("s.xlsx", test::zipped({{"[Content_Types].xml", "x"}, {"xl/a.xml", "y"}}));
  expect_message(refusal(sheet), "a spreadsheet");
}

// Calls visit(place) for each place of `mark` in the bytes.
template <class Visit>
void each_place(const std::string& bytes, const std::string& mark, const Visit& visit) {
  for (auto at = bytes.find(mark); at != std::string::npos; at = bytes.find(mark, at + 1)) {
    visit(at);
  }
}

constexpr const char* kLocalHeader = "PK\x03\x04";
constexpr const char* kCentralHeader = "PK\x01\x02";

TEST(OpenBytes, RefusesADamagedZipArchive) {
  const TempFolder folder;
  const std::string whole = test::zipped({{"a.csv", long_text()}});
  std::string damaged = whole;
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x55);
  expect_message(refusal(folder.write("d.zip", damaged)), "d.zip");
  // A checksum that does not fit, wherever it is written.
  damaged = whole;
  const std::string checksum = whole.substr(whole.find(kCentralHeader) + 16, 4);
  each_place(whole, checksum,
             [&](std::size_t at) { damaged[at] = static_cast<char>(damaged[at] ^ 1); });
  expect_message(refusal(folder.write("d.zip", damaged)), "a packed file that cannot be unpacked");
}

TEST(OpenBytes, FindsNamesOfAnyAlphabetInAZipArchive) {
  const TempFolder folder;
  const std::string name = "\xE6\x98\xA0\xE7\x94\xBB/ratings.csv";
  std::string bytes = test::zipped({{name, "1,2,3\n"}, {"b.csv", "x"}});
  EXPECT_EQ(bytes_of(folder.write("a.zip", bytes) / name), "1,2,3\n");
  // The same with the flag that says that names are UTF-8.
  const auto set_flag = [&](const char* header, std::size_t flags) {
    each_place(bytes, header, [&](std::size_t at) {
      bytes[at + flags + 1] = static_cast<char>(bytes[at + flags + 1] | 8);
    });
  };
  set_flag(kLocalHeader, 6);
  set_flag(kCentralHeader, 8);
  EXPECT_EQ(bytes_of(folder.write("b.zip", bytes) / name), "1,2,3\n");
}

TEST(OpenBytes, FilesOfAZipArchiveAreInIt) {
  const TempFolder folder;
  const auto outside = folder.write("ratings.csv", "outside");
  const std::string inner = outside.relative_path().string();
  const auto archive = folder.write(
      "a.zip",
      test::zipped({{outside.string(), "inside"}, {"./b//c.csv", "c"}, {"./.hidden", "x"}}));
  EXPECT_EQ(ZipArchive(archive).members(), (std::vector<std::string>{inner, "b/c.csv"}));
  EXPECT_EQ(bytes_of(archive / inner), "inside");
  EXPECT_EQ(bytes_of(archive / "b/c.csv"), "c");
  const auto up = folder.write("u.zip", test::zipped({{"a/../../ratings.csv", "x"}}));
  expect_message(refusal(up), "leads out of the archive");
}

TEST(ZipArchive, GivesItsFilesInAnyOrderAndToManyThreads) {
  const TempFolder folder;
  std::vector<std::pair<std::string, std::string>> files;
  for (int f = 0; f < 200; ++f) {
    files.emplace_back("f" + std::to_string(f), long_text(1 + 997 * f % 5000));
  }
  const ZipArchive archive(folder.write("a.zip", test::zipped(files)));
  const auto expect_file = [&](std::size_t f) {
    const auto stream = archive.open(files[f].first);
    std::string text(files[f].second.size() + 1, '\0');
    text.resize(read_fully(*stream, text));
    EXPECT_EQ(text, files[f].second) << f;
  };
  for (const std::size_t f : {5, 199, 0, 7, 7, 6}) expect_file(f);
  {
    const auto begun = archive.open("f3");
    char first = 0;
    EXPECT_EQ(begun->read({&first, 1}), 1u) << "and no more";
  }
  expect_file(4);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t f = t; f < files.size(); f += 4) expect_file(f);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THROW(archive.open("none"), InputError);
}

TEST(Collect, TakesNoMoreThanItMay) {
  const std::string text = long_text(900'000);
  const auto collected = [&](std::uint64_t most) {
    const TempFolder folder;
    const InputFile file(folder.write("f", text));
    const auto limit = [&] { return most; };
    return collect(*stream_of(file), "bomb.gz", limit, nullptr)->size();
  };
  EXPECT_EQ(collected(text.size()), text.size());
  try {
    collected(text.size() - 1);
    FAIL() << "all was taken";
  } catch (const InputError& error) {
    expect_message(error.what(), "bomb.gz: found a text of more than ");
  }
}

TEST(OpenBytes, DecodesWhatTheFirstBytesShow) {
  const TempFolder folder;
  const auto utf16 = [](const std::string& text, bool little) {
    std::string bytes;
    for (const char c : text) bytes += little ? std::string{c, '\0'} : std::string{'\0', c};
    return bytes;
  };
  const std::string mark = "\xEF\xBB\xBF";
  EXPECT_EQ(bytes_of(folder.write("f", "\xff\xfe" + utf16("1,2\n", true))), mark + "1,2\n");
  EXPECT_EQ(bytes_of(folder.write("f", "\xfe\xff" + utf16("1,2\n", false))), mark + "1,2\n");
  EXPECT_EQ(bytes_of(folder.write("f", utf16("1,2\n", true))), "1,2\n");
  EXPECT_EQ(bytes_of(folder.write("f", utf16("1,2\n", false))), "1,2\n");
  EXPECT_EQ(bytes_of(folder.write("f", "\xff\xfe\xe9\x01")), mark + "\xC7\xA9");
  EXPECT_EQ(bytes_of(folder.write("f", test::compressed(utf16("1,2\n", true), "gzip"))), "1,2\n");
  expect_message(refusal(folder.write("f", "\xff\xfe" + utf16("1,2\n", true) + "x")),
                 "ends within a character");
}

TEST(OpenBytes, DecodesWhatIsAskedFor) {
  const TempFolder folder;
  const auto path = folder.write("f", "Caf\xe9\x80\n");
  EXPECT_EQ(bytes_of(path, {"windows-1252"}), "Caf\xC3\xA9\xE2\x82\xAC\n");
  EXPECT_EQ(bytes_of(path, {"latin-1"}), "Caf\xC3\xA9\xC2\x80\n");
  EXPECT_EQ(bytes_of(path), "Caf\xe9\x80\n") << "no guess";
  EXPECT_EQ(bytes_of(path, {"UTF-8"}), "Caf\xe9\x80\n");
  expect_message(refusal<UsageError>(path, {"klingon"}), "klingon");
  expect_message(refusal(folder.write("g", "ab\x81"), {"windows-1252"}), "byte 0x81 at offset 2");
  EXPECT_EQ(bytes_of(folder.write("i", "a\nb"), {"windows-1258"}), "a\nb")
      << "a last letter that a mark could follow";
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int n = 0; n < times; ++n) all += text;
  return all;
}

// Of blocks of 4 MB: a character of two or three bytes lies over the end of one of them.
TEST(OpenBytes, DecodesOverTheEndsOfBlocks) {
  const TempFolder folder;
  constexpr int kTimes = 3'000'000;
  EXPECT_EQ(bytes_of(folder.write("f", repeated("\xe9,", kTimes)), {"latin-1"}),
            repeated("\xC3\xA9,", kTimes));
  std::string bytes = "\xff\xfe" + repeated(std::string("\xac\x20,\0", 4), kTimes);
  EXPECT_EQ(bytes_of(folder.write("f", bytes)), "\xEF\xBB\xBF" + repeated("\xE2\x82\xAC,", kTimes));
  bytes.pop_back();
  expect_message(refusal(folder.write("f", bytes)), "ends within a character");
}

}  // namespace
}  // namespace tusk
