// Ratings arranged for lock-free parallel training, in which threads neither wait for each other
// nor mind each other's updates (Recht, Re, Wright, Niu: "Hogwild!", 2011): by user, so that a
// user's factors are read and written once for many ratings.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tusk/types.hpp>

#include "backend/user_run.hpp"
#include "cuda/packed_rating.hpp"
#include "support/large_array.hpp"
#include "support/thread_pool.hpp"

namespace tusk {

// Bytes that a rating takes of the GPU's memory.
constexpr std::uint64_t rating_bytes(bool labelled) {
  return sizeof(PackedRating) + (labelled ? sizeof(Label) : 0);
}

// A part of the runs whose ratings follow each other.
struct RunChunk {
  std::size_t first_run = 0;
  std::size_t runs = 0;
  std::int64_t first_rating = 0;
  std::int64_t ratings = 0;

  std::uint64_t bytes(bool labelled) const {
    return runs * sizeof(UserRun) + static_cast<std::uint64_t>(ratings) * rating_bytes(labelled);
  }
};

struct HogwildRatings {
  // Those of a user are spread evenly over all, from a random one on. Their ratings follow each
  // other.
  std::vector<UserRun> runs;
  LargeArray<PackedRating> rating;
  LargeArray<Label> label;  // of the ratings, or empty
  std::vector<RunChunk> chunks;
};

// How many ratings each user has whose label is in `part`.
std::vector<std::int64_t> count_by_user(CsrView ratings, std::span<const Label> label,
                                        const LabelSet& part, ThreadPool& threads);

// The runs of a user with `ratings` ratings, none longer than kLongestRun.
std::int64_t runs_of_user(std::int64_t ratings);

// Takes the ratings whose label is in `part`; keeps their labels if `keep_labels`. Rows are
// numbered as users and items are. A user's ratings are in random order, and no chunk takes more
// than `chunk_bytes` of GPU memory with its runs, unless a single run does.
HogwildRatings pack_hogwild(CsrView ratings, std::span<const Label> label, const LabelSet& part,
                            bool keep_labels, std::uint64_t chunk_bytes, ThreadPool& threads);

}  // namespace tusk
