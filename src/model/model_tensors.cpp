#include "model/model_tensors.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include <tusk/dataset.hpp>
#include <tusk/error.hpp>

#include "support/text.hpp"

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

float read_variance(const SafetensorsReader& reader, const std::string& name) {
  const auto values = reader.read<float>(name, 1);
  constexpr float kLargest = kLargestRating * kLargestRating;
  check_format(values.size() == 1 && values.front() > 0 && values.front() <= kLargest,
               fmt::format("tensor {} is not above 0, or no variance of ratings", name));
  return values.front();
}

void check_offsets(const std::vector<std::int64_t>& offset, std::size_t size,
                   const std::string& name) {
  check_format(!offset.empty() && offset.front() == 0 &&
                   offset.back() == static_cast<std::int64_t>(size) &&
                   std::is_sorted(offset.begin(), offset.end()),
               fmt::format("tensor {} does not hold offsets", name));
}

namespace {

void check_utf8(const TextTable& texts, const std::string& name) {
  for (std::size_t t = 0; t < texts.size(); ++t) {
    check_format(is_utf8(texts[t]), fmt::format("tensor {} is not UTF-8", name));
  }
}

}  // namespace

void write_texts(SafetensorsWriter& writer, const std::string& name, const TextTable& texts) {
  check_utf8(texts, name);
  writer.add(name, texts.bytes());
  writer.add(name + "_offsets", texts.offset());
}

TextTable read_texts(const SafetensorsReader& reader, const std::string& name) {
  auto bytes = reader.read<char>(name);
  auto offset = reader.read<std::int64_t>(name + "_offsets");
  check_offsets(offset, bytes.size(), name + "_offsets");
  TextTable texts(std::move(bytes), std::move(offset));
  check_utf8(texts, name);
  return texts;
}

void write_mean(SafetensorsWriter& writer, const MfState& state) {
  check_finite({&state.mean, 1}, "mean");
  writer.add<float>("mean", {&state.mean, 1}, {1});
}

void write_vectors(SafetensorsWriter& writer, const MfState& state) {
  for (const auto* values :
       {&state.user_factors, &state.item_factors, &state.user_bias, &state.item_bias}) {
    check_finite(*values, "to be saved");
  }
  if (state.factors > 0) {
    const auto factors = static_cast<std::uint64_t>(state.factors);
    writer.add<float>("user_factors", state.user_factors,
                      {static_cast<std::uint64_t>(state.users), factors});
    writer.add<float>("item_factors", state.item_factors,
                      {static_cast<std::uint64_t>(state.items), factors});
  }
  if (state.biased) {
    writer.add("user_bias", state.user_bias);
    writer.add("item_bias", state.item_bias);
  }
}

MfState read_state(const SafetensorsReader& reader, Index users, Index items) {
  MfState state;
  state.users = users;
  state.items = items;
  state.mean = read_rows(reader, "mean", 1, 0, 1).front();
  state.biased = reader.has("user_bias");
  if (state.biased) {
    state.user_bias = read_rows(reader, "user_bias", users, 0, 1);
    state.item_bias = read_rows(reader, "item_bias", items, 0, 1);
  }
  if (reader.has("user_factors")) {
    const TensorShape& shape = reader.shape("user_factors");
    check_format(shape.size() == 2 && 1 <= shape[1] && shape[1] <= 4096,
                 "tensor user_factors does not have 1 to 4096 factors");
    state.factors = static_cast<int>(shape[1]);
    state.user_factors = read_rows(reader, "user_factors", users, shape[1], 2);
    state.item_factors = read_rows(reader, "item_factors", items, shape[1], 2);
  }
  return state;
}

void write_ratings(SafetensorsWriter& writer, const std::vector<float>& ratings) {
  check_finite(ratings, kRatingsTensor);
  writer.add(kRatingsTensor, ratings);
}

std::vector<float> read_ratings(const SafetensorsReader& reader, std::size_t count) {
  auto ratings = reader.read<float>(kRatingsTensor);
  check_format(ratings.size() == count, "tensor seen_ratings does not fit the number of ratings");
  check_finite(ratings, kRatingsTensor);
  return ratings;
}

}  // namespace tusk
