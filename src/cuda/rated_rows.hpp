// Which users and items a part of the ratings has.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tusk/types.hpp>

#include "support/thread_pool.hpp"

namespace tusk {

// By user and by item: 1 if it has a rating in the part, else 0.
struct RatedRows {
  std::vector<std::uint8_t> user;
  std::vector<std::uint8_t> item;
};

RatedRows find_rated_rows(CsrView ratings, std::span<const Label> label, const LabelSet& part,
                          ThreadPool& threads);

}  // namespace tusk
