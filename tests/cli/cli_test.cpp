#include "tests/cli/cli_test.hpp"

#include <stdexcept>

#include "tests/support/datasets.hpp"

namespace tusk::test {

const std::string& CliTest::data() {
  static const TempFolder folder;
  static const std::string path = [] {
    write_synthetic(small_spec(), 1, folder.path());
    return folder.path().string();
  }();
  return path;
}

const std::string& CliTest::model() {
  static const TempFolder folder;
  static const std::string path = [] {
    const std::string out = (folder.path() / "model.safetensors").string();
    const Outcome run =
        run_tusk({"train", data(), "--split", "random:0.1", "--factors", "8", "--out", out});
    if (run.code != 0) throw std::runtime_error("no model: " + run.err);
    return out;
  }();
  return path;
}

std::set<std::string> keys(const Json& object) {
  std::set<std::string> names;
  for (const auto& [key, value] : object.items()) names.insert(key);
  return names;
}

void expect_has(const Json& object, const std::set<std::string>& wanted) {
  for (const std::string& key : wanted) {
    EXPECT_TRUE(object.contains(key)) << key << " of " << object;
  }
}

}  // namespace tusk::test
