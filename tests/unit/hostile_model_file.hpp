// Model files that are spoiled in one place.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <tusk/error.hpp>
#include <tusk/model_file.hpp>
#include <tusk/train_options.hpp>

#include "tests/support/allocation_watch.hpp"
#include "tests/support/model_fixture.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk::test {

using Json = nlohmann::ordered_json;
// A model file in parts that a test may spoil.
struct Parts {
  Json header;
  std::string data;

  explicit Parts(const Model& model) {
    const TempFolder folder;
    save_model(model, folder.path() / "m");
    const std::string bytes = read_file(folder.path() / "m");
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), 8);
    header = Json::parse(bytes.substr(8, length));
    data = bytes.substr(8 + length);
  }

  static std::string join(const std::string& header_text, const std::string& data) {
    const std::uint64_t length = header_text.size();
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &length, 8);
    return bytes + header_text + data;
  }
  std::string bytes() const { return join(header.dump(), data); }

  template <class T>
  void put(const std::string& tensor, std::size_t place, T value) {
    const auto begin = header[tensor]["data_offsets"][0].get<std::size_t>();
    std::memcpy(data.data() + begin + place * sizeof(T), &value, sizeof(T));
  }
};

struct HostileCase {
  const char* name;
  std::function<std::string(Parts&)> spoil;
  const char* message;  // part of
  Model (*model)() = small_model;
};

// The file must not load, with an error that names it and says why, nor take memory for what it
// only claims to hold.
inline void expect_refused(const HostileCase& hostile) {
  Parts parts(hostile.model());
  const TempFolder folder;
  const auto path = folder.write("hostile.safetensors", hostile.spoil(parts));
  const auto size = static_cast<std::size_t>(std::filesystem::file_size(path));
  algorithms();  // whose tables are made once
  const AllocationWatch watch;
  try {
    // Whoever makes such a file can give it a checksum that matches.
    load_model(path, Checksum::ignore);
    FAIL() << "it was accepted";
  } catch (const FormatError& error) {
    const std::string what = error.what();
    EXPECT_NE(what.find(hostile.message), std::string::npos) << what;
    EXPECT_NE(what.find("hostile.safetensors"), std::string::npos) << what;
  }
  // The constant is room for messages and the like.
  EXPECT_LE(watch.largest(), size + 4096);
}

inline std::string spoiled(Parts& parts, const std::function<void(Parts&)>& change) {
  change(parts);
  return parts.bytes();
}

// A case that changes the parsed header or the data.
inline HostileCase change(const char* name, std::function<void(Parts&)> how, const char* message) {
  return {name, [how](Parts& parts) { return spoiled(parts, how); }, message};
}

inline void rename(Parts& parts, const char* tensor) {
  parts.header["other"] = parts.header[tensor];
  parts.header.erase(tensor);
}

}  // namespace tusk::test
