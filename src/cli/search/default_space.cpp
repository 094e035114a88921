#include "cli/search/default_space.hpp"

#include <fmt/format.h>

#include <tusk/train.hpp>

namespace tusk::cli {
namespace {

std::string around(const char* name, float value, double below, double above) {
  return fmt::format("{}={:.2g}..{:.2g}:log", name, static_cast<double>(value) / below,
                     static_cast<double>(value) * above);
}

}  // namespace

SearchSpace default_space(ModelKind kind, float spread) {
  SearchSpace space;
  const auto add = [&](const std::string& range) { space.add(ParameterRange(range)); };
  switch (kind) {
    case ModelKind::mean:
      break;
    case ModelKind::bias:
      add("user-damping=1..50:log");
      add("item-damping=1..50:log");
      break;
    case ModelKind::popular:
      add("item-damping=1..50:log");
      break;
    case ModelKind::mf: {
      const MfParams usual = mf_params({}, spread);
      add("factors=64..400:log");
      add(around("learning-rate", usual.user_learning_rate, 1.6, 2.5));
      add(around("regularization", usual.user_regularization, 1.5, 1.5));
      add(around("bias-learning-rate", usual.bias_learning_rate, 5, 2));
      add(around("bias-regularization", usual.bias_regularization, 5, 3));
      add(around("init-std", usual.init_std, 3, 2));
      break;
    }
    case ModelKind::user_knn:
    case ModelKind::item_knn:
      add("neighbours=10..200:log");
      add("shrinkage=10..1000:log");
      add("weight-shrinkage=0.01..3:log");
      add("min-support=2..6");
      add("user-damping=1..50:log");
      add("item-damping=1..50:log");
      break;
  }
  return space;
}

}  // namespace tusk::cli
