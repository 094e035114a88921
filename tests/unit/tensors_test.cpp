#include <map>
#include <string>

#include <gtest/gtest.h>

#include <tusk/tensors.hpp>

#include "tests/support/model_fixture.hpp"

namespace tusk {
namespace {

std::map<std::string, TensorView> named(const Model& model) {
  std::map<std::string, TensorView> all;
  for (TensorView& view : tensors(model)) all.emplace(view.name, view);
  return all;
}

TEST(Tensors, AreTheModelsOwnMemory) {
  const Model model = test::small_model();
  const auto all = named(model);
  const TensorView& factors = all.at("user_factors");
  EXPECT_EQ(factors.dtype, "F32");
  EXPECT_EQ(factors.shape, (std::vector<std::uint64_t>{3, 2}));
  const auto& own = model.state().user_factors;
  EXPECT_EQ(factors.bytes.data(), reinterpret_cast<const char*>(own.data()));
  EXPECT_EQ(factors.bytes.size(), own.size() * sizeof(float));
  EXPECT_EQ(all.at("mean").bytes.data(), reinterpret_cast<const char*>(&model.state().mean));
  EXPECT_EQ(all.at("seen_items").dtype, "I32");
}

// Those that are put together for the file would not outlive the call.
TEST(Tensors, LeaveOutWhatTheModelDoesNotKeep) {
  Model model = test::small_model();
  model.rating_sample = {{0, 0, 5}};
  const auto all = named(model);
  EXPECT_FALSE(all.contains("scale"));
  EXPECT_FALSE(all.contains("sample_users"));
}

TEST(Tensors, IncludeThoseOfTheKindOfModel) {
  const auto all = named(test::small_knn_model(NeighbourPolicy::table));
  EXPECT_EQ(all.at("similarities").shape.size(), 2u);
  EXPECT_EQ(all.at("neighbours").dtype, "I32");
}

}  // namespace
}  // namespace tusk
