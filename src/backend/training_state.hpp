// What a session goes on from that was stopped.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace tusk {

// Numbers by name, as a model's training wants them.
struct TrainingState {
  std::map<std::string, std::vector<float>> numbers;
  std::map<std::string, std::vector<std::int64_t>> counts;

  // Doubles, by their bits.
  void put(const std::string& name, std::span<const double> values);
  std::vector<double> doubles(const std::string& name) const;

  // Both throw FormatError where there are not so many of this name.
  const std::vector<float>& numbers_of(const std::string& name, std::size_t size) const;
  const std::vector<std::int64_t>& counts_of(const std::string& name, std::size_t size) const;
};

}  // namespace tusk
