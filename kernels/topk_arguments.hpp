// What the kernels of top-K search are given.
#pragma once

#include <cstdint>

#include <cuda_fp16.h>
#include <vector_types.h>

#include <tusk/types.hpp>

#include "cuda/topk_layout.hpp"

namespace tusk {

// An item that may be among a user's best, by its place among those that are searched.
struct alignas(8) ListEntry {
  float score;  // near the exact one, without what all of the user's scores share, times its scale
  Index place;
};

// Of a user who is searched for.
struct UserScale {
  float scale;   // what scores are multiplied by: a power of two
  float floor;   // less than every score
  float margin;  // scores that differ by more are in the order of the exact ones
  float unused;
};

// Largest norms of items as they are multiplied, and of what rounding them to fp16 changed, as the
// bits of floats that are not negative.
struct ItemNorms {
  int norm;
  int rounding;
};

struct TopKItems {
  const float* factor = nullptr;  // [all items, factors], in fp32
  const float* bias = nullptr;    // of all items; null if the model has none
  const Index* item = nullptr;    // by place
  const Index* rank = nullptr;    // by place; of equal scores the lower comes first
  const Index* ranked = nullptr;  // items by rank
  int items = 0;                  // that are searched
  int steps = 0;                  // of kStepItems places; those past `items` stand for none
  int exponent = 0;
  __half* packed = nullptr;      // by item_factor_place
  float* packed_bias = nullptr;  // by place; -infinity stands for no item
  ItemNorms* norms = nullptr;
};

struct TopKUsers {
  const float* factor = nullptr;  // [all users, factors], in fp32
  const float* bias = nullptr;    // of all users; null if the model has none
  const Index* row = nullptr;     // who they are
  int users = 0;                  // in this batch
  int padded = 0;                 // the same in whole blocks
  __half* packed = nullptr;       // by user_factor_place
  UserScale* scale = nullptr;     // [padded]
};

struct TopKArguments {
  TopKItems items;
  TopKUsers users;
  int factors = 0;
  int chunks = 0;
  float mean = 0;
  float largest_item_bias = 0;
  int most_exponent = 0;
  const std::int64_t* excluded_offset = nullptr;  // by user; null if nothing is excluded
  const Index* excluded_item = nullptr;           // ascending for each user
  ListSizes sizes;
  ListEntry* list = nullptr;  // [users, sizes.capacity]
  int* length = nullptr;      // [users]; kTooLong for those who are to be searched for otherwise
  Index* index = nullptr;     // [users, k]: the result
  float* score = nullptr;
};

inline constexpr int kTooLong = -1;

}  // namespace tusk
