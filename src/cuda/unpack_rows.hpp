// From the rows of the GPU's memory to the factors and biases of a model.
#pragma once

#include <span>
#include <vector>

#include <tusk/backend.hpp>

#include "cuda/row_layout.hpp"

namespace tusk {

// `bytes` holds `count` rows. That of user u is row_of[u], or u if `row_of` is empty. Appends
// factors, without padding, and biases in the order of users.
void unpack_rows(std::span<const unsigned char> bytes, const RowLayout& layout, Index count,
                 std::span<const Index> row_of, std::vector<float>& factors,
                 std::vector<float>& biases);

}  // namespace tusk
