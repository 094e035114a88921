// The parts of a split as files, so that other programs train and are judged on the same ratings.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/observer.hpp>
#include <tusk/types.hpp>

namespace tusk {

// Ratings that become a file.
struct RatingPart {
  std::string name;  // of the file, without its end
  LabelSet labels;
  // Write name.qrels too: the part's relevant ratings as trec_eval reads them.
  bool qrels = false;
};

struct WritePartsOptions {
  std::optional<float> relevance;  // as in RankingOptions
  bool overwrite = false;          // files that are there
};

struct WrittenPart {
  std::filesystem::path file;
  std::int64_t ratings = 0;
  std::optional<std::int64_t> relevant = std::nullopt;  // ratings in its .qrels, if it has one
};

// Writes name.csv for each part into a folder, which is made if it is not there: userId, itemId,
// rating and, if the data has times, timestamp, by user and then by item. `label` has one entry a
// rating; UsageError if not. Ratings and ids are written so that they are read as the same. All
// files are put in their places together. Throws Error if one cannot be written or is there
// already (UsageError), InputError if ids for qrels have blanks,
// Interrupted.
std::vector<WrittenPart> write_parts(const Dataset& data, std::span<const Label> label,
                                     std::span<const RatingPart> parts,
                                     const std::filesystem::path& folder,
                                     const WritePartsOptions& options = {},
                                     const Observer& observer = {});

}  // namespace tusk
