// The arrays that a trained model is made of.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <tusk/model.hpp>

namespace tusk {

// Values in the order of rows. Borrowed from the model, which never changes them.
struct TensorView {
  std::string name;   // as in a model file: "user_factors"
  std::string dtype;  // "F32", "I64", "I32", "U8"
  std::vector<std::uint64_t> shape;
  std::span<const char> bytes;  // aligned to their type
};

// The tensors of a model's file that are kept as they are in memory: all but `scale` and the sample
// of training ratings. Nothing is copied.
std::vector<TensorView> tensors(const Model& model);

}  // namespace tusk
