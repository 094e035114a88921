#include "models/ease/ease_state.hpp"

#include <algorithm>
#include <functional>
#include <string>

#include <tusk/error.hpp>
#include <tusk/model.hpp>

#include "model/model_tensors.hpp"
#include "model/safetensors.hpp"
#include "models/ease/ease.hpp"
#include "models/ease/ease_predictor.hpp"
#include "models/metadata_options.hpp"

namespace tusk {
namespace {

constexpr const char* kItems = "ease_items";
constexpr const char* kPrecision = "ease_precision";
constexpr const char* kTable = "ease_table";
constexpr const char* kUserTable = "ease_users";
constexpr const char* kDiagonal = "ease_diagonal";
constexpr const char* kOffsets = "ease_offsets";
constexpr const char* kNeighbours = "ease_neighbours";
constexpr const char* kCoefficients = "ease_coefficients";

std::vector<float> read_positive(const SafetensorsReader& reader, const std::string& name,
                                 Index rows) {
  auto values = read_rows(reader, name, rows, 0, 1);
  check_format(std::all_of(values.begin(), values.end(), [](float v) { return v > 0; }),
               "tensor " + name + " has a value that is not above 0");
  return values;
}

SparseMatrixOf read_neighbours(const SafetensorsReader& reader, Index items) {
  SparseMatrixOf all;
  all.columns = items;
  all.offset = reader.read<std::int64_t>(kOffsets);
  all.column = reader.read<Index>(kNeighbours);
  all.value = reader.read<float>(kCoefficients);
  check_offsets(all.offset, all.column.size(), kOffsets);
  check_format(all.offset.size() == static_cast<std::size_t>(items) + 1 &&
                   all.value.size() == all.column.size(),
               "the tensors of neighbours do not fit the number of items");
  check_finite(all.value, kCoefficients);
  for (Index item = 0; item < items; ++item) {
    const auto row = all.view().row(item);
    const bool rising =
        std::adjacent_find(row.begin(), row.end(), std::greater_equal<>()) == row.end();
    check_format(rising && (row.empty() || (row.front() >= 0 && row.back() < items)) &&
                     !std::binary_search(row.begin(), row.end(), item),
                 "tensor ease_neighbours does not hold rising numbers of other items");
  }
  return all;
}

EaseWeights read_weights(const SafetensorsReader& reader, Index users, Index items) {
  EaseWeights weights;
  weights.item = reader.read<Index>(kItems);
  const auto& item = weights.item;
  std::vector<bool> held(static_cast<std::size_t>(items), false);
  check_format(!item.empty() && std::all_of(item.begin(), item.end(),
                                            [&](Index i) {
                                              if (i < 0 || i >= items) return false;
                                              const auto place = static_cast<std::size_t>(i);
                                              const bool again = held[place];
                                              held[place] = true;
                                              return !again;
                                            }),
               "tensor ease_items does not hold different numbers of items");
  const auto size = static_cast<Index>(item.size());
  const auto width = static_cast<std::uint64_t>(item.size());
  weights.precision = read_positive(reader, kPrecision, size);
  if (reader.has(kUserTable)) {
    weights.user_table = read_rows(reader, kUserTable, users, width, 2);
    weights.diagonal = read_positive(reader, kDiagonal, size);
  } else if (reader.has(kOffsets)) {
    weights.neighbours = read_neighbours(reader, size);
  } else {
    weights.table = read_rows(reader, kTable, size, width, 2);
    for (std::size_t j = 0; j < item.size(); ++j) {
      check_format(weights.table[j * item.size() + j] == 0,
                   "tensor ease_table has a diagonal that is not 0");
    }
  }
  return weights;
}

}  // namespace

const AlgorithmInfo& EaseState::algorithm() const { return ease_algorithm().info(); }

void EaseState::save(SafetensorsWriter& writer) const {
  write_ratings(writer, ratings_);
  writer.add(kItems, weights_.item);
  const auto width = static_cast<std::uint64_t>(weights_.items());
  const auto add = [&](const char* name, const std::vector<float>& values, TensorShape shape) {
    check_finite(values, name);
    writer.add<float>(name, values, std::move(shape));
  };
  add(kPrecision, weights_.precision, {width});
  if (weights_.by_users()) {
    add(kUserTable, weights_.user_table, {static_cast<std::uint64_t>(base().users), width});
    add(kDiagonal, weights_.diagonal, {width});
  } else if (weights_.by_neighbours()) {
    writer.add(kOffsets, weights_.neighbours.offset);
    writer.add(kNeighbours, weights_.neighbours.column);
    add(kCoefficients, weights_.neighbours.value, {weights_.neighbours.value.size()});
  } else {
    add(kTable, weights_.table, {width, width});
  }
}

std::unique_ptr<const Predictor> EaseState::open(Backend& backend, const Model& model) const {
  return std::make_unique<EasePredictor>(backend, model, *this);
}

std::shared_ptr<const ModelState> load_ease(const SafetensorsReader& reader, MfState base,
                                            const SeenItems& seen) {
  check_format(!base.biased && base.factors == 0,
               "it does not have the tensors of its kind of model");
  const auto options =
      options_from_metadata(ease_algorithm().info(), reader.metadata()).as<EaseOptions>();
  EaseWeights weights = read_weights(reader, base.users, base.items);
  auto ratings = read_ratings(reader, seen.item.size());
  return std::make_shared<EaseState>(std::move(base), std::move(ratings), std::move(weights),
                                     options);
}

}  // namespace tusk
