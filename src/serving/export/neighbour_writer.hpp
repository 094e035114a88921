// The neighbours of items as files.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <tusk/export.hpp>
#include <tusk/model.hpp>

#include "support/output_folder.hpp"

namespace tusk {

// Of items that follow each other, `width` neighbours each: their numbers, kNone for none.
struct NeighbourRows {
  Index first = 0;
  std::size_t width = 0;
  std::vector<Index> neighbour;   // [items, width]
  std::vector<float> similarity;  // [items, width]
};

class NeighbourWriter {
 public:
  // Adds the files, whose names begin with `prefix`, for all items of the model. Ids are the
  // model's. Both are borrowed.
  NeighbourWriter(OutputFolder& folder, const std::string& prefix, const Model& model,
                  std::size_t width, ExportFormat format);

  void write(const NeighbourRows& rows);

 private:
  void write_row(Index item, std::size_t rank, Index neighbour, float similarity);

  const Model& model_;
  const ExportFormat format_;
  OutputFolder::File* table_ = nullptr;  // or
  OutputFolder::File* neighbours_ = nullptr;
  OutputFolder::File* similarities_ = nullptr;
};

}  // namespace tusk
