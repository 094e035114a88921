#include "data/rating_parser.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <tusk/error.hpp>

#include "data/dataset_builder.hpp"
#include "data/plain_row.hpp"
#include "support/philox.hpp"
#include "tests/support/packed.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

ParsedRatings parse(const std::string& text, std::size_t bytes_per_piece, int threads = 3,
                    const ReadOptions& options = {}) {
  const test::TempFolder folder;
  const TextFile file(folder.write("f", text), "ratings");
  const RatingFormat format = recognise_format(file.head(), file.name(), options);
  ThreadPool pool(threads);
  return RatingText(file, format, options, bytes_per_piece).parse(pool, [](auto) {});
}

// "user item rating timestamp" of every row.
std::vector<std::string> rows(const ParsedRatings& parsed) {
  std::vector<std::string> list;
  for (const RatingChunk& chunk : parsed.chunks) {
    for (std::size_t row = 0; row < chunk.rows(); ++row) {
      list.push_back(fmt::format("{} {} {} {}", parsed.ids[chunk.ids].users.text(chunk.user[row]),
                                 parsed.ids[chunk.ids].items.text(chunk.item[row]),
                                 chunk.rating[row],
                                 chunk.timestamp.empty() ? 0 : chunk.timestamp[row]));
    }
  }
  return list;
}

std::string random_rows(int count) {
  RandomSequence random(3, 0);
  std::string text = "userId,movieId,rating,timestamp\n";
  for (int n = 0; n < count; ++n) {
    text += fmt::format("{},{},{}.{},{}\n", random.below(100), random.below(1'000), random.below(5),
                        random.below(2) * 5, random.next());
    if (random.below(20) == 0) text += "\n";
    if (random.below(20) == 0) text += " 7 ,\"8\",3,9\r\n";  // not plain
  }
  return text;
}

TEST(RatingText, PiecesMakeNoDifference) {
  std::string text = random_rows(2'000);
  text.pop_back();  // no final newline
  const auto whole = rows(parse(text, 1 << 20, 1));
  EXPECT_GT(whole.size(), 2'000u);
  for (const std::size_t bytes : {1u, 10u, 100u, 5'000u}) {
    const ParsedRatings parsed = parse(text, bytes);
    EXPECT_GT(parsed.chunks.size(), 5u);
    EXPECT_EQ(rows(parsed), whole) << bytes;
  }
}

TEST(RatingText, ErrorsNameTheFirstBadLineWhateverThePiece) {
  const std::string good = random_rows(500);
  const auto lines = std::count(good.begin(), good.end(), '\n');
  const std::string text = good + "1,2,x,4\n" + good.substr(good.find('\n') + 1) + "1,2,y,4\n";
  for (const std::size_t bytes : {1u, 100u, 5'000u, 1u << 20}) {
    for (int turn = 0; turn < 5; ++turn) {
      try {
        parse(text, bytes);
        FAIL() << "no error";
      } catch (const InputError& error) {
        EXPECT_EQ(error.where().line, lines + 1);
        EXPECT_EQ(error.found(), "rating \"x\"");
      }
    }
    ReadOptions skip;
    skip.on_bad = BadRows::skip;
    const ParsedRatings parsed = parse(text, bytes, 3, skip);
    EXPECT_EQ(parsed.bad_rows, 2);
    EXPECT_NE(parsed.first_bad_row.find(fmt::format("f:{}:5", lines + 1)), std::string::npos);
  }
}

TEST(RatingText, PiecesWithoutGoodRowsLoseNothing) {
  ReadOptions skip;
  skip.on_bad = BadRows::skip;
  const std::string text =
      "user,item,rating,timestamp\n1,2,x,4\n\n\n1,2,3,4\n1,2,y,4\n1,3,5,6\n2,2,x,4\n";
  ThreadPool threads(3);
  const Dataset data = build_dataset(parse(text, 1, 3, skip), skip, threads).data;
  EXPECT_EQ(data.rating, (std::vector<float>{3, 5}));
  EXPECT_EQ(data.timestamp, (std::vector<std::int64_t>{4, 6}));
}

TEST(RatingText, FindsTheLinesOfAPair) {
  const std::string text = "user,item,rating\n\n1,2,3\n1,3,3\n1,2,4\n";
  const ReadOptions options;
  const test::TempFolder folder;
  const TextFile file(folder.write("f", text), "ratings");
  const RatingFormat format = recognise_format(file.head(), file.name(), options);
  const auto places = RatingText(file, format, options).places_of("1", "2");
  ASSERT_EQ(places.size(), 2u);
  EXPECT_EQ(places[0].line, 3);
  EXPECT_EQ(places[1].line, 5);
}

TEST(RatingText, MoreFilesHearAnInterrupt) {
  const test::TempFolder folder;
  const TextFile file(folder.write("f", "1,2,3\n"), "ratings");
  const std::filesystem::path more[] = {folder.write("g", test::compressed("1,4,3\n", "gzip"))};
  const ReadOptions options;
  const RatingFormat format = recognise_format(file.head(), file.name(), options);
  ThreadPool threads(1);
  const auto parse = [&](const OpenOptions& open) {
    return RatingText(file, format, options, 1 << 20, {more, open}).parse(threads, [](auto) {});
  };
  EXPECT_EQ(rows(parse({})).size(), 2u);
  EXPECT_THROW(parse({"", [] { return true; }}), Interrupted);
}

// --- the fast way reads what the careful way reads, or nothing

RatingFormat tabs() {
  RatingFormat format;
  format.delimiter = "\t";
  format.fields = 4;
  format.column = {0, 1, 2, 3};
  return format;
}

// How many characters of `text` a row takes; none if it is not plain. Digits follow the text.
std::optional<std::size_t> scan(const PlainRowScanner& scanner, const std::string& text,
                                PlainRow& row) {
  const std::string padded = text + std::string(PlainRowScanner::kReadAhead, '9');
  const char* const end = scanner.scan(padded.data(), row);
  if (end == nullptr) return std::nullopt;
  return static_cast<std::size_t>(end - padded.data());
}

TEST(PlainRow, ReadsWholeNumbersOfAnyLengthBeforeAnyCharacter) {
  const PlainRowScanner scanner(tabs());
  RandomSequence random(2, 0);
  PlainRow row;
  for (std::size_t digits = 1; digits <= 20; ++digits) {
    for (int n = 0; n < 200; ++n) {
      std::string number(1, static_cast<char>('1' + random.below(9)));
      while (number.size() < digits) number += static_cast<char>('0' + random.below(10));
      const std::string text = fmt::format("{0}\t{0}\t1\t{0}\n", number);
      const auto end = scan(scanner, text, row);
      if (digits > 15) {
        EXPECT_FALSE(end) << number;
        continue;
      }
      ASSERT_EQ(end, text.size()) << number;
      for (const std::int64_t read : {row.user, row.item, row.timestamp}) {
        EXPECT_EQ(std::to_string(read), number);
      }
    }
    for (int c = 0; c < 256; ++c) {
      if (c >= '0' && c <= '9') continue;
      const std::string number(digits, '7');
      const bool ends_row = c == '\n';
      const auto end = scan(scanner, "1\t2\t3\t" + number + static_cast<char>(c), row);
      EXPECT_EQ(end.has_value(), ends_row && digits <= 15) << c;
      if (end) {
        EXPECT_EQ(std::to_string(row.timestamp), number);
      }
    }
  }
}

TEST(PlainRow, ReadsRatingsAsTheStandardLibraryDoes) {
  const PlainRowScanner scanner(tabs());
  RandomSequence random(1, 0);
  PlainRow row;
  for (int n = 0; n < 20'000; ++n) {
    std::string number = std::to_string(random.below(1u << random.below(24)));
    if (random.below(4) > 0)
      number.insert(random.below(static_cast<std::uint32_t>(number.size())) + 1, ".");
    const std::string text = "12\t345\t" + number + "\t678\n";
    const auto end = scan(scanner, text, row);
    if (number.ends_with('.')) {
      EXPECT_FALSE(end) << number;
      continue;
    }
    float expected = 0;
    std::from_chars(number.data(), number.data() + number.size(), expected);
    ASSERT_EQ(end, text.size()) << number;
    EXPECT_EQ(row.rating, expected) << number;
    EXPECT_EQ(row.user, 12);
    EXPECT_EQ(row.item, 345);
    EXPECT_EQ(row.timestamp, 678);
  }
}

TEST(PlainRow, LeavesTheRestToTheCarefulParser) {
  const PlainRowScanner scanner(tabs());
  PlainRow row;
  for (const char* text : {"01\t2\t3\t4\n",
                           "-1\t2\t3\t4\n",
                           "1\t2\t-3\t4\n",
                           "1\t2\t3e0\t4\n",
                           "1\t2\t.5\t4\n",
                           "1\t2\t3.\t4\n",
                           "1\t2\t123456789\t4\n",
                           "1\t2\t1.23456789\t4\n",
                           " 1\t2\t3\t4\n",
                           "1 \t2\t3\t4\n",
                           "\"1\"\t2\t3\t4\n",
                           "1\t2\t3\n",
                           "1\t2\t3\t4\t5\n",
                           "1\t2\t3\t4.0\n",
                           "\n",
                           "1\n",
                           "1\t\t3\t4\n",
                           "1\t2\t\t4\n",
                           "1\t2\tnan\t4\n",
                           "1234567890123456789\t2\t3\t4\n",
                           "x\t2\t3\t4\n",
                           "1\t2\t3\t4 \n",
                           "1,2,3,4\n",
                           "1\t2\t3\t4\rx\n"}) {
    EXPECT_FALSE(scan(scanner, text, row)) << text;
  }
  const std::string windows = "0\t2\t3\t4\r\n";
  EXPECT_EQ(scan(scanner, windows, row), windows.size());
}

TEST(PlainRow, IsNotForDelimitersThatNumbersHold) {
  RatingFormat format = tabs();
  for (const char* delimiter : {".", "5", "1::", "\""}) {
    format.delimiter = delimiter;
    PlainRow row;
    const std::string text = fmt::format("1{0}2{0}3{0}4\n", delimiter);
    EXPECT_FALSE(scan(PlainRowScanner(format), text, row)) << delimiter;
  }
}

}  // namespace
}  // namespace tusk
