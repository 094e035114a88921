#include "model/model_tensors.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tusk/dataset.hpp>
#include <tusk/error.hpp>

namespace tusk {

void check_format(bool good, const std::string& message) {
  if (!good) throw FormatError(message);
}

void check_finite(std::span<const float> values, const std::string& name) {
  check_format(std::all_of(values.begin(), values.end(),
                           [](float v) { return std::abs(v) <= kLargestRating; }),
               fmt::format("tensor {} has a value that is not finite, or beyond {:g}", name,
                           kLargestRating));
}

std::vector<float> read_rows(const SafetensorsReader& reader, const std::string& name, Index rows,
                             std::uint64_t columns, std::size_t dimensions) {
  auto values = reader.read<float>(name, dimensions);
  TensorShape shape = {static_cast<std::uint64_t>(rows)};
  if (dimensions == 2) shape.push_back(columns);
  check_format(reader.shape(name) == shape,
               fmt::format("tensor {} has a shape that does not fit", name));
  check_finite(values, name);
  return values;
}

void write_ratings(SafetensorsWriter& writer, const std::vector<float>& ratings) {
  check_finite(ratings, "seen_ratings");
  writer.add("seen_ratings", ratings);
}

std::vector<float> read_ratings(const SafetensorsReader& reader, std::size_t count) {
  auto ratings = reader.read<float>("seen_ratings");
  check_format(ratings.size() == count, "tensor seen_ratings does not fit the number of ratings");
  check_finite(ratings, "seen_ratings");
  return ratings;
}

}  // namespace tusk
