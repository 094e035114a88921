// Messages of the library name options without dashes; who shows them writes the dashes.
#include <filesystem>
#include <regex>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/parameters.hpp>

#include "tests/support/paths.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

std::string dashed(std::string_view name) { return "--" + std::string(name); }

TEST(Messages, NameOptionsAsTheyAreWrittenWhereTheyAreShown) {
  const InputError error({"f", 2, 0}, "a {thing}", "one named by " + option_name("columns") + ".");
  EXPECT_STREQ(error.what(), "f:2: found a {thing}, expected one named by columns.");
  EXPECT_EQ(error.what_with(dashed), "f:2: found a {thing}, expected one named by --columns.");
  EXPECT_EQ(error.expected(), "one named by columns.");
  const DivergedError diverged(3, "bias-learning-rate", 0.5f);
  EXPECT_NE(diverged.what_with(dashed).find("Lower --bias-learning-rate"), std::string::npos);
}

TEST(Messages, OfParametersLeaveTheValueAsItIs) {
  const ParameterError error("decay", "{schedule} {", "beside {schedule}");
  EXPECT_STREQ(error.what(), "decay is {schedule} {; it must be beside schedule");
  EXPECT_EQ(error.what_with(dashed), "--decay is {schedule} {; it must be beside --schedule");
}

TEST(Messages, WithAMarkThatIsNotClosedEnd) {
  EXPECT_EQ(with_option_names("a\x01"
                              "b",
                              dashed),
            "a--b");
  EXPECT_EQ(with_names("a {b", dashed), "a {b");
  EXPECT_EQ(with_names("a {b} {} {C}", dashed), "a --b {} {C}");
}

// A text in the source with two dashes before a letter.
TEST(Messages, OfTheLibraryHaveNoDashes) {
  const std::regex text_with_flag(R"re("(?:[^"\\]|\\.)*--[a-z])re");
  int files = 0;
  for (const char* folder : {"src", "include", "kernels"}) {
    const auto root = test::source_folder() / folder;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      const std::string path = entry.path().string();
      const std::string kind = entry.path().extension().string();
      if (path.find("/src/cli/") != std::string::npos) continue;
      if (kind != ".cpp" && kind != ".hpp" && kind != ".cu" && kind != ".cuh") continue;
      ++files;
      std::istringstream lines(test::read_file(entry.path()));
      for (std::string line; std::getline(lines, line);) {
        if (line.find("--") == std::string::npos) continue;
        line = line.substr(0, line.find("//"));
        EXPECT_FALSE(std::regex_search(line, text_with_flag)) << path << ": " << line;
      }
    }
  }
  EXPECT_GT(files, 100);
}

}  // namespace
}  // namespace tusk
