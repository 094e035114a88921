// From the parsed rows of a file to a Dataset.
#pragma once

#include <optional>
#include <vector>

#include <tusk/dataset.hpp>

#include "data/rating_parser.hpp"
#include "support/thread_pool.hpp"

namespace tusk {

// A user and an item that the file has several ratings of.
struct DuplicatePair {
  Index user = 0;
  Index item = 0;
};

struct BuiltDataset {
  Dataset data;  // without catalogue and source
  // With Duplicates::error the first that was found; data is not to be used then, on any process.
  std::optional<DuplicatePair> duplicate;
};

BuiltDataset build_dataset(ParsedRatings parsed, const ReadOptions& options, ThreadPool& threads);

}  // namespace tusk
