// What ratings look like.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/json.hpp>

namespace tusk {

// How often there is each rating or, if there are many, one of ten equal ranges, named by their
// lower ends.
std::map<float, std::int64_t> rating_histogram(const Dataset& data);

struct DataStats {
  // Of the numbers of ratings of users, or of items.
  struct Counts {
    std::int64_t least = 0;
    std::int64_t median = 0;
    double mean = 0;
    std::int64_t most = 0;
  };
  Counts by_user;
  Counts by_item;
  double density = 0;  // ratings over pairs of a user and an item
  double mean = 0;     // of the ratings
  double deviation = 0;
  std::int64_t titles = 0;  // items with one
  // The first and the last time of a rating; nothing if none has one.
  std::optional<std::pair<std::int64_t, std::int64_t>> time;
  std::int64_t without_time = 0;  // ratings
  std::map<float, std::int64_t> histogram;
};

DataStats describe(const Dataset& data);

// An event with these, how the files were read, and what check_plausibility() finds.
Json to_json(const Dataset& data, const DataStats& stats);

}  // namespace tusk
