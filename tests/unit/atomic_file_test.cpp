#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <tusk/atomic_file.hpp>
#include <tusk/error.hpp>

#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::TempFolder;
using Names = std::vector<std::string>;

class AtomicFileTest : public testing::Test {
 protected:
  TempFolder folder_;
  fs::path path_ = folder_.path() / "f";
};

TEST_F(AtomicFileTest, IsThereWithCommitOnly) {
  {
    AtomicFile file(path_);
    file.write("lost");
  }
  EXPECT_EQ(folder_.names(), Names{});
  AtomicFile file(path_);
  file.write("ke");
  file.write("pt");
  EXPECT_FALSE(fs::exists(path_));
  file.commit();
  EXPECT_EQ(folder_.names(), Names{"f"});
  EXPECT_EQ(read_file(path_), "kept");
}

TEST_F(AtomicFileTest, ReplacesAFileAndKeepsItsPermissions) {
  folder_.write("f", "old");
  fs::permissions(path_, fs::perms::owner_read | fs::perms::owner_write);
  AtomicFile file(path_);
  file.write("new");
  EXPECT_EQ(read_file(path_), "old");
  file.commit();
  EXPECT_EQ(read_file(path_), "new");
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(AtomicFileTest, SaysWhereANewFileIsAlsoWhenAnotherFails) {
  AtomicFile first(path_, AtomicFile::Existing::keep);
  AtomicFile second(folder_.path() / "g");
  first.write("new");
  folder_.write("f", "of another program");
  fs::create_directory(folder_.path() / "g");
  const std::array<AtomicFile*, 2> files = {&first, &second};
  try {
    commit(files);
    FAIL();
  } catch (const Error& error) {
    const std::string what = error.what();
    EXPECT_NE(what.find("the new one is "), std::string::npos) << what;
    EXPECT_NE(what.find("g: cannot be written"), std::string::npos) << what;
  }
  EXPECT_EQ(read_file(path_), "of another program");
}

TEST_F(AtomicFileTest, FollowsALink) {
  folder_.write("f", "old");
  fs::create_symlink(path_, folder_.path() / "link");
  AtomicFile file(folder_.path() / "link");
  file.write("new");
  file.commit();
  EXPECT_TRUE(fs::is_symlink(folder_.path() / "link"));
  EXPECT_EQ(read_file(path_), "new");
}

TEST_F(AtomicFileTest, FollowsALinkToNothing) {
  fs::create_symlink(path_, folder_.path() / "link");
  AtomicFile file(folder_.path() / "link", AtomicFile::Existing::keep);
  file.write("new");
  file.commit();
  EXPECT_TRUE(fs::is_symlink(folder_.path() / "link"));
  EXPECT_EQ(read_file(path_), "new");
}

TEST_F(AtomicFileTest, OtherHardLinksKeepTheOldContent) {
  folder_.write("f", "old");
  fs::create_hard_link(path_, folder_.path() / "other");
  AtomicFile file(path_);
  file.write("new");
  file.commit();
  EXPECT_EQ(read_file(path_), "new");
  EXPECT_EQ(read_file(folder_.path() / "other"), "old");
}

TEST_F(AtomicFileTest, KeepsWhatIsThere) {
  folder_.write("f", "precious");
  EXPECT_THROW(AtomicFile(path_, AtomicFile::Existing::keep), Error);
  folder_.write("f", "");
  AtomicFile file(path_, AtomicFile::Existing::keep);
  file.write("new");
  file.commit();
  EXPECT_EQ(read_file(path_), "new") << "an empty file is replaced";
}

// Another program has made the file, or has filled the empty one, while this one worked.
TEST_F(AtomicFileTest, KeepsWhatAppearsMeanwhileAndPutsTheNewFileBesideIt) {
  for (const bool empty : {false, true}) {
    const TempFolder folder;
    const fs::path path = folder.path() / "f";
    if (empty) folder.write("f", "");
    AtomicFile file(path, AtomicFile::Existing::keep);
    file.write("new");
    folder.write("f", "precious");
    try {
      file.commit();
      FAIL() << "it was replaced";
    } catch (const Error& error) {
      const Names names = folder.names();
      ASSERT_EQ(names.size(), 2u);
      EXPECT_EQ(read_file(path), "precious");
      EXPECT_EQ(read_file(folder.path() / names[1]), "new");
      EXPECT_NE(std::string(error.what()).find(names[1]), std::string::npos) << error.what();
    }
  }
}

TEST_F(AtomicFileTest, OfTwoWritersOneIsTold) {
  AtomicFile first(path_, AtomicFile::Existing::keep);
  AtomicFile second(path_, AtomicFile::Existing::keep);
  first.write("first");
  second.write("second");
  second.commit();
  EXPECT_THROW(first.commit(), Error);
  EXPECT_EQ(read_file(path_), "second");
}

TEST_F(AtomicFileTest, FilesAreCommittedTogetherOrNotAtAll) {
  fs::create_directory(folder_.path() / "gone");
  folder_.write("f", "old");
  AtomicFile first(path_);
  AtomicFile second(folder_.path() / "gone" / "g");
  first.write("new");
  second.write("new");
  fs::remove_all(folder_.path() / "gone");
  const std::array<AtomicFile*, 2> both = {&first, &second};
  EXPECT_THROW(commit(both), Error);
  EXPECT_EQ(read_file(path_), "old");
}

// What a program leaves that was killed. The temporary file of a program that lives is locked.
TEST_F(AtomicFileTest, RemovesLeftOversOfThePathThatNobodyUses) {
  folder_.write("f.tmp-0123456789abcdef", "left over");
  const auto used = folder_.write("f.tmp-0123456789abcde0", "in use");
  folder_.write("f.tmp-1", "of somebody else");
  folder_.write("f.tmp-0123456789abcdef.csv", "of somebody else");
  folder_.write("g.tmp-0123456789abcdef", "of another file");
  const int locked = ::open(used.c_str(), O_RDONLY);
  ASSERT_EQ(::flock(locked, LOCK_EX), 0);
  { const AtomicFile file(path_); }
  ::close(locked);
  EXPECT_EQ(folder_.names(), (Names{"f.tmp-0123456789abcde0", "f.tmp-0123456789abcdef.csv",
                                    "f.tmp-1", "g.tmp-0123456789abcdef"}));
}

// Messages for stderr would end in a file that has its number.
TEST_F(AtomicFileTest, DoesNotTakeTheNumberOfAStandardStream) {
  const int before = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  ASSERT_GE(before, 3);
  ::close(STDERR_FILENO);
  AtomicFile file(path_);
  const bool taken = ::fcntl(STDERR_FILENO, F_GETFD) != -1;
  ::dup2(before, STDERR_FILENO);
  ::close(before);
  EXPECT_FALSE(taken);
}

TEST_F(AtomicFileTest, RefusesWhatCannotBeAFile) {
  EXPECT_THROW(AtomicFile(folder_.path()), Error);
  EXPECT_THROW(AtomicFile("/dev/null"), Error);
  EXPECT_THROW(AtomicFile(folder_.path() / "none" / "f"), Error);
  EXPECT_THROW(AtomicFile(folder_.path() / std::string(300, 'x')), Error);
  EXPECT_EQ(folder_.names(), Names{});
}

}  // namespace
}  // namespace tusk
