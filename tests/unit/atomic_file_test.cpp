#include "support/atomic_file.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

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

TEST_F(AtomicFileTest, FollowsALink) {
  folder_.write("f", "old");
  fs::create_symlink(path_, folder_.path() / "link");
  AtomicFile file(folder_.path() / "link");
  file.write("new");
  file.commit();
  EXPECT_TRUE(fs::is_symlink(folder_.path() / "link"));
  EXPECT_EQ(read_file(path_), "new");
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
