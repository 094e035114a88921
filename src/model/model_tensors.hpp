// Tensors of a model file, read without trust.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <tusk/types.hpp>

#include "model/safetensors.hpp"

namespace tusk {

// Throws FormatError unless it is good.
void check_format(bool good, const std::string& message);

// Refuses values beyond which a prediction could overflow, with 4096 factors too.
void check_finite(std::span<const float> values, const std::string& name);

// A tensor of floats, [rows] or [rows, columns] by its number of dimensions, all finite.
std::vector<float> read_rows(const SafetensorsReader& reader, const std::string& name, Index rows,
                             std::uint64_t columns, std::size_t dimensions);

// The training ratings that some models keep, in the order of their seen items.
void write_ratings(SafetensorsWriter& writer, const std::vector<float>& ratings);
std::vector<float> read_ratings(const SafetensorsReader& reader, std::size_t count);

}  // namespace tusk
