// What Tusk's sides of the comparisons share.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <vector>

#include <tusk/error.hpp>

namespace peer {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

template <class T>
void write_column(const std::filesystem::path& path, const std::vector<T>& values) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(values.data()),
             static_cast<std::streamsize>(values.size() * sizeof(T)));
  if (!file) throw tusk::Error("cannot write " + path.string());
}

template <class T>
std::vector<T> read_column(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw tusk::Error("cannot read " + path.string());
  std::vector<T> values(std::filesystem::file_size(path) / sizeof(T));
  file.read(reinterpret_cast<char*>(values.data()),
            static_cast<std::streamsize>(values.size() * sizeof(T)));
  if (!file) throw tusk::Error("cannot read " + path.string());
  return values;
}

}  // namespace peer
