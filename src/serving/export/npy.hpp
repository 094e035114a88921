// The .npy format of NumPy, version 1.0.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/dataset.hpp>

#include "support/output_folder.hpp"

namespace tusk {

// Rows of `columns` values; columns 0: one dimension.
void write_npy(OutputFolder::File& file, std::span<const float> values, std::size_t columns = 0);

// The header of an array [rows, columns], whose values are written behind it row by row.
void begin_npy_floats(OutputFolder::File& file, std::size_t rows, std::size_t columns);
void begin_npy_integers(OutputFolder::File& file, std::size_t rows, std::size_t columns);
// Values as they are in memory.
template <class T>
void write_npy_values(OutputFolder::File& file, std::span<const T> values) {
  file.write({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

// Ids: as integers, or as Unicode texts as long as the longest.
void write_npy(OutputFolder::File& file, const IdMap& ids);

}  // namespace tusk
