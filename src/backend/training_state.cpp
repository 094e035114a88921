#include "backend/training_state.hpp"

#include <bit>

#include <fmt/format.h>

#include <tusk/error.hpp>

namespace tusk {
namespace {

template <class Values>
const Values& found(const std::map<std::string, Values>& all, const std::string& name,
                    std::size_t size) {
  const auto place = all.find(name);
  if (place == all.end() || place->second.size() != size) {
    throw FormatError(fmt::format("the checkpoint has no {} numbers called {}", size, name));
  }
  return place->second;
}

}  // namespace

void TrainingState::put(const std::string& name, std::span<const double> values) {
  std::vector<std::int64_t>& bits = counts[name];
  bits.clear();
  for (const double value : values) bits.push_back(std::bit_cast<std::int64_t>(value));
}

std::vector<double> TrainingState::doubles(const std::string& name) const {
  std::vector<double> values;
  const auto place = counts.find(name);
  if (place == counts.end()) {
    throw FormatError(fmt::format("the checkpoint has no numbers called {}", name));
  }
  for (const std::int64_t bits : place->second) values.push_back(std::bit_cast<double>(bits));
  return values;
}

const std::vector<float>& TrainingState::numbers_of(const std::string& name,
                                                    std::size_t size) const {
  return found(numbers, name, size);
}

const std::vector<std::int64_t>& TrainingState::counts_of(const std::string& name,
                                                          std::size_t size) const {
  return found(counts, name, size);
}

}  // namespace tusk
