// What the tests of the program share: a small data set and a model of it.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/program.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk::test {

using Words = std::vector<std::string>;

class CliTest : public testing::Test {
 protected:
  // 200 users, 120 items, 5,000 ratings in MovieLens' CSV layout, made once.
  static const std::string& data();
  // A model of 90% of them, made once.
  static const std::string& model();

  std::string file(const std::string& name) const { return (folder_.path() / name).string(); }

  TempFolder folder_;
};

// The keys of a JSON object.
std::set<std::string> keys(const Json& object);

// Fails unless the object has all of these keys.
void expect_has(const Json& object, const std::set<std::string>& wanted);

}  // namespace tusk::test
