// Vectors of items from a file.
#pragma once

#include <cstdint>
#include <filesystem>

#include <tusk/dataset.hpp>
#include <tusk/text_features.hpp>

namespace tusk {

inline constexpr Index kMostEmbeddingColumns = 65'536;  // of a vector

struct Embeddings {
  SparseMatrixOf vectors;    // of length 1, by item; without entries where the file has none
  std::int64_t matched = 0;  // items that the file has a vector other than 0 of
};

// Reads a .safetensors file with `embeddings`, F32 [n, d], and the id of each: `ids`, I64 [n], or
// texts as in model files, `ids` U8 and `ids_offsets` I64 [n + 1]. Ids that are no item's are left
// out. Throws InputError, naming the file, for one that is not so, that has an id twice, or that
// has no vector other than 0 of an item.
Embeddings read_embeddings(const std::filesystem::path& file, const IdMap& items);

}  // namespace tusk
