// A model's numbers as files that other programs read.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include <tusk/device.hpp>
#include <tusk/model.hpp>
#include <tusk/observer.hpp>

namespace tusk {

enum class ExportFormat {
  csv,   // tables with a header
  npy,   // arrays of NumPy, with the ids in arrays of their own
  json,  // a JSON object a line
};

// "csv", "npy", "json". Throws UsageError.
ExportFormat parse_export_format(std::string_view text);

struct ExportOptions {
  ExportFormat format = ExportFormat::csv;
  // Of each item, at most, of models that have nearest_items(): item-knn, content, hybrid.
  int neighbours = 20;
  bool overwrite = false;  // files that are there
  // Leave titles in CSV as they are that a spreadsheet would run as formulas; else a ' comes first.
  bool raw_cells = false;
};

// Writes into a folder, which is made if it is not there:
//   meta.json                        kind of model, sizes, mean, scale, metadata
//   user_factors, item_factors       userId, bu, f0, f1, ... and itemId, bi, f0, f1, ... of models
//                                    that have biases or factors; npy: user_bias, user_factors,
//                                    item_bias, item_factors, and user_ids and item_ids
//   neighbours                       itemId, rank, neighbourId, similarity, of models that have
//                                    them; npy: neighbours (numbers of items, -1: none) and
//                                    similarities, [items, neighbours]
//   items                            itemId, ratings in training, title, genres, year (csv or json)
// Of a hybrid model each part has files of its own: collaborative_user_factors and so on.
// All are put in their places together. Returns their paths. Throws Error if one cannot be written
// or is there already, Interrupted.
std::vector<std::filesystem::path> export_model(Device& device, const Model& model,
                                                const std::filesystem::path& folder,
                                                const ExportOptions& options = {},
                                                const Observer& observer = {});

}  // namespace tusk
