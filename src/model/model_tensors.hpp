// Tensors of a model file, read without trust.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <tusk/text_table.hpp>
#include <tusk/types.hpp>

#include "backend/backend.hpp"
#include "model/safetensors.hpp"

namespace tusk {

// Throws FormatError unless it is good.
void check_format(bool good, const std::string& message);

// Refuses values beyond which a prediction could overflow, with 4096 factors too.
void check_finite(std::span<const float> values, const std::string& name);

// A tensor of floats, [rows] or [rows, columns] by its number of dimensions, all finite.
std::vector<float> read_rows(const SafetensorsReader& reader, const std::string& name, Index rows,
                             std::uint64_t columns, std::size_t dimensions);

// A tensor of one number above 0: the variance of the errors of ratings.
float read_variance(const SafetensorsReader& reader, const std::string& name);

// Throws FormatError unless these are offsets into something of `size` parts: from 0, never
// falling, to size.
void check_offsets(const std::vector<std::int64_t>& offset, std::size_t size,
                   const std::string& name);

// Texts as their bytes and, with "_offsets" behind the name, where each begins. Both throw
// FormatError for texts that are not UTF-8. What is written is borrowed.
void write_texts(SafetensorsWriter& writer, const std::string& name, const TextTable& texts);
TextTable read_texts(const SafetensorsReader& reader, const std::string& name);

// The mean, biases and factors of a model. What is written is borrowed.
void write_mean(SafetensorsWriter& writer, const MfState& state);
void write_vectors(SafetensorsWriter& writer, const MfState& state);  // factors and biases
MfState read_state(const SafetensorsReader& reader, Index users, Index items);

// The training ratings that some models keep, in the order of their seen items, in a tensor of this
// name.
inline constexpr const char* kRatingsTensor = "seen_ratings";
void write_ratings(SafetensorsWriter& writer, const std::vector<float>& ratings);
std::vector<float> read_ratings(const SafetensorsReader& reader, std::size_t count);

}  // namespace tusk
