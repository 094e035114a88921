#include "models/content/embeddings.hpp"

#include <cmath>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "model/model_tensors.hpp"
#include "model/safetensors.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

std::vector<std::string> read_ids(const SafetensorsReader& reader) {
  std::vector<std::string> ids;
  if (reader.has("ids_offsets")) {
    const TextTable texts = read_texts(reader, "ids");
    for (std::size_t t = 0; t < texts.size(); ++t) ids.emplace_back(texts[t]);
    return ids;
  }
  for (const std::int64_t id : reader.read<std::int64_t>("ids")) {
    ids.push_back(fmt::format("{}", id));
  }
  return ids;
}

Embeddings read(const SafetensorsReader& reader, const IdMap& items) {
  const std::vector<std::string> ids = read_ids(reader);
  const TensorShape& shape = reader.shape("embeddings");
  check_format(shape.size() == 2 && shape[0] == ids.size() && 1 <= shape[1] &&
                   shape[1] <= static_cast<std::uint64_t>(kMostEmbeddingColumns),
               fmt::format("tensor embeddings must have one row per id and 1 to {} columns",
                           kMostEmbeddingColumns));
  const auto values = reader.read<float>("embeddings", 2);
  check_finite(values, "embeddings");
  const auto width = static_cast<std::size_t>(shape[1]);
  std::vector<std::size_t> row(static_cast<std::size_t>(items.size()), ids.size());
  std::unordered_set<std::string_view> known;
  bool has_an_item = false;
  for (std::size_t r = 0; r < ids.size(); ++r) {
    check_format(known.insert(ids[r]).second,
                 fmt::format("it has the id {} twice", short_text(ids[r])));
    const auto item = items.find(ids[r]);
    if (!item) continue;
    row[static_cast<std::size_t>(*item)] = r;
    has_an_item = true;
  }
  check_format(has_an_item, "none of its ids is an item of the data");
  Embeddings embeddings;
  SparseMatrixOf& vectors = embeddings.vectors;
  vectors.columns = static_cast<Index>(width);
  for (const std::size_t r : row) {
    double squares = 0;
    for (std::size_t c = 0; r < ids.size() && c < width; ++c) {
      squares += std::pow(static_cast<double>(values[r * width + c]), 2);
    }
    const double length = std::sqrt(squares);
    for (std::size_t c = 0; length > 0 && c < width; ++c) {
      vectors.column.push_back(static_cast<Index>(c));
      vectors.value.push_back(static_cast<float>(values[r * width + c] / length));
    }
    if (length > 0) ++embeddings.matched;
    vectors.offset.push_back(static_cast<std::int64_t>(vectors.column.size()));
  }
  check_format(embeddings.matched > 0, "the vectors of all items of the data are 0");
  return embeddings;
}

}  // namespace

Embeddings read_embeddings(const std::filesystem::path& file, const IdMap& items) {
  try {
    return read(SafetensorsReader(file), items);
  } catch (const FormatError& error) {
    throw InputError(
        fmt::format("{} cannot be used as embeddings: {}", file.string(), error.what()));
  }
}

}  // namespace tusk
