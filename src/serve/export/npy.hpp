// The .npy format of NumPy, version 1.0.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/dataset.hpp>

#include "support/output_folder.hpp"

namespace tusk {

// Rows of `columns` values; columns 0: one dimension.
void write_npy(OutputFolder::File& file, std::span<const float> values, std::size_t columns = 0);
void write_npy(OutputFolder::File& file, std::span<const std::int64_t> values);
void write_npy(OutputFolder::File& file, std::span<const std::int32_t> values,
               std::size_t columns = 0);

// Ids: as integers, or as Unicode texts as long as the longest.
void write_npy(OutputFolder::File& file, const IdMap& ids);

}  // namespace tusk
