#include "models/knn/knn_state.hpp"

#include <fmt/format.h>

#include <tusk/model.hpp>

#include "model/model_tensors.hpp"
#include "models/knn/knn_parameters.hpp"
#include "models/knn/knn_predictor.hpp"

namespace tusk {
namespace {

NeighbourTable read_table(const SafetensorsReader& reader, Index rows) {
  NeighbourTable table;
  table.rows = rows;
  table.neighbour = reader.read<Index>("neighbours", 2);
  const TensorShape& shape = reader.shape("neighbours");
  check_format(
      shape[0] == static_cast<std::uint64_t>(rows) && 1 <= shape[1] && shape[1] <= kMostNeighbours,
      "tensor neighbours has a shape that does not fit");
  table.k = static_cast<int>(shape[1]);
  table.similarity = read_rows(reader, "similarities", rows, shape[1], 2);
  const auto k = static_cast<std::size_t>(table.k);
  for (std::size_t n = 0; n < table.neighbour.size(); ++n) {
    const Index neighbour = table.neighbour[n];
    const float similarity = table.similarity[n];
    const auto row = static_cast<Index>(n / k);
    const bool first = n % k == 0;
    const bool ends = neighbour == kNone && similarity == 0;
    const bool counts = 0 <= neighbour && neighbour < rows && neighbour != row && similarity > 0 &&
                        (first || table.neighbour[n - 1] != kNone);
    check_format(ends || counts, "tensor neighbours does not hold numbers of other rows");
    check_format(first || similarity <= table.similarity[n - 1],
                 "tensor similarities does not fall within a row");
  }
  return table;
}

}  // namespace

void KnnModelState::save(SafetensorsWriter& writer) const {
  for (auto& [key, value] : to_metadata(knn_.params)) writer.metadata[key] = value;
  write_ratings(writer, knn_.rating);
  if (knn_.params.policy != NeighbourPolicy::table) return;
  const TensorShape shape = {static_cast<std::uint64_t>(knn_.table.rows),
                             static_cast<std::uint64_t>(knn_.table.k)};
  check_finite(knn_.table.similarity, "similarities");
  writer.add<Index>("neighbours", knn_.table.neighbour, shape);
  writer.add<float>("similarities", knn_.table.similarity, shape);
}

std::unique_ptr<const Predictor> KnnModelState::open(Backend& backend, const Model& model) const {
  return std::make_unique<KnnPredictor>(backend, model, *this);
}

std::shared_ptr<const ModelState> load_knn(const SafetensorsReader& reader,
                                           const AlgorithmInfo& algorithm, KnnRows rows,
                                           MfState base, const SeenItems& seen) {
  KnnState knn;
  knn.params = knn_params_from(reader.metadata());
  knn.rating = read_ratings(reader, seen.item.size());
  if (knn.params.policy == NeighbourPolicy::table) {
    knn.table = read_table(reader, rows == KnnRows::users ? base.users : base.items);
  }
  check_format(base.biased == needs_baseline(knn.params) && base.factors == 0,
               "it does not have the tensors of its kind of model");
  return std::make_shared<KnnModelState>(algorithm, rows, std::move(base), std::move(knn));
}

}  // namespace tusk
