#include "cuda/neural_plan.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "algebra/adam.hpp"
#include "backend/fit_parts.hpp"
#include "cuda/als_plan.hpp"
#include "cuda/available_memory.hpp"
#include "cuda/library_memory.hpp"

namespace tusk {
namespace {

// Pairs that keep a GPU busy.
constexpr std::int64_t kValidatedPairs = 16'384;

std::int64_t width_of(const NeuralParams& params) {
  return params.factors + (params.biased ? 1 : 0);
}

bool has_features(const NeuralFit& fit) { return fit.features.rows() > 0; }

NeuralPortions portions_of(const NeuralProblem& problem, const NeuralFit& fit, std::int64_t span) {
  const auto count = count_labels(problem.label);
  const std::int64_t train = count_part(count, fit.train);
  NeuralPortions portions;
  portions.batch =
      std::clamp<std::int64_t>(fit.params.batch_size, 1, std::max<std::int64_t>(train, 1));
  portions.pairs =
      std::max(portions.batch, std::min(count_part(count, fit.validate), kValidatedPairs));
  portions.steps = (train + portions.batch - 1) / portions.batch;
  // A batch of the span and a row together are a key of 32 bits.
  const std::int64_t rows = std::max(problem.ratings.rows(), problem.ratings.columns);
  const std::int64_t keys =
      std::numeric_limits<std::uint32_t>::max() / std::max<std::int64_t>(rows, 1);
  const std::int64_t batches = std::clamp<std::int64_t>(
      span / portions.batch, 1, std::max<std::int64_t>(std::min(keys, portions.steps), 1));
  portions.span = batches * portions.batch;
  return portions;
}

// Of the entries of its columns.
std::int64_t most_pieces(const CsrView& matrix) {
  return matrix.size() / kAlsPieceEntries + matrix.columns;
}

NeuralRoom room_of(const NeuralProblem& problem, const NeuralFit& fit,
                   const NeuralPortions& portions) {
  const NetworkShape shape = fit.params.shape();
  NeuralRoom room;
  room.span = portions.span;
  room.steps = portions.steps;
  room.pairs = portions.pairs;
  room.input = portions.pairs * 2 * shape.factors();
  for (const NetworkShape::Layer& layer : shape.hidden()) {
    room.hidden_gradient += portions.pairs * layer.outputs;
  }
  room.hidden = room.hidden_gradient - portions.pairs * shape.last_hidden();
  room.top = portions.pairs * neural_top_stride(shape);
  room.network = static_cast<std::int64_t>(shape.size());
  if (has_features(fit)) {
    room.items = problem.ratings.columns;
    room.item_values = room.items * width_of(fit.params);
    room.pieces = most_pieces(fit.features);
    room.piece_sums = room.pieces * width_of(fit.params);
  }
  return room;
}

void cover(NeuralRoom& room, const NeuralRoom& other) {
  for (std::int64_t NeuralRoom::*const size :
       {&NeuralRoom::span, &NeuralRoom::steps, &NeuralRoom::pairs, &NeuralRoom::input,
        &NeuralRoom::hidden, &NeuralRoom::hidden_gradient, &NeuralRoom::top, &NeuralRoom::network,
        &NeuralRoom::items, &NeuralRoom::item_values, &NeuralRoom::pieces,
        &NeuralRoom::piece_sums}) {
    room.*size = std::max(room.*size, other.*size);
  }
}

// Both ways, with pieces by column.
std::uint64_t matrix_bytes(const CsrView& matrix) {
  const auto rows = static_cast<std::uint64_t>(matrix.rows());
  const auto columns = static_cast<std::uint64_t>(matrix.columns);
  return 2 * static_cast<std::uint64_t>(matrix.size()) * (sizeof(Index) + sizeof(float)) +
         (rows + 2 * columns + static_cast<std::uint64_t>(most_pieces(matrix)) + 4) *
             sizeof(std::int64_t);
}

}  // namespace

std::uint64_t NeuralRoom::bytes() const {
  // Keys of both sides and places as they are drawn and as they are sorted, and what CUB sorts in.
  constexpr std::int64_t kSorted = 9 * sizeof(std::uint32_t);
  const std::int64_t floats = 2 * input + hidden + hidden_gradient + top + 2 * pairs + network +
                              2 * item_values + piece_sums;
  constexpr std::uint64_t kErrors = std::uint64_t{1} << 20;  // and the like
  return kErrors + static_cast<std::uint64_t>(
                       span * (static_cast<std::int64_t>(sizeof(NeuralRating)) + kSorted) +
                       steps * static_cast<std::int64_t>(sizeof(AdamStep)) +
                       items * static_cast<std::int64_t>(sizeof(std::int64_t)) + pieces +
                       floats * static_cast<std::int64_t>(sizeof(float)));
}

NeuralPlan plan_gpu_neural(const NeuralProblem& problem, std::uint64_t free, std::string_view gpu,
                           std::int64_t span) {
  const auto rows = static_cast<std::uint64_t>(problem.ratings.rows()) +
                    static_cast<std::uint64_t>(problem.ratings.columns);
  const auto count = count_labels(problem.label);
  NeuralPlan plan;
  MfMemory& memory = plan.memory;
  for (std::size_t m = 0; m < problem.fits.size(); ++m) {
    const NeuralFit& fit = problem.fits[m];
    plan.portions.push_back(portions_of(problem, fit, span));
    cover(plan.room, room_of(problem, fit, plan.portions.back()));
    // Each number with two means and its copy in the state; features have none.
    const auto width = static_cast<std::uint64_t>(width_of(fit.params));
    const std::uint64_t columns =
        has_features(fit) ? static_cast<std::uint64_t>(fit.features.columns) : 0;
    memory.parameters +=
        (rows * 4 * width + columns * 3 * width + 4 * fit.params.shape().size() + 2 * width) *
        sizeof(float);
    const auto before = std::span(problem.fits).first(m);
    if (std::none_of(before.begin(), before.end(),
                     [&](const NeuralFit& other) { return same_ratings(fit, other); })) {
      memory.ratings +=
          static_cast<std::uint64_t>(count_part(count, fit.train)) * sizeof(NeuralRating) + rows;
      memory.validation +=
          static_cast<std::uint64_t>(count_part(count, fit.validate)) * sizeof(NeuralRating);
    }
    if (has_features(fit) &&
        std::none_of(before.begin(), before.end(), [&](const NeuralFit& other) {
          return other.features.column.data() == fit.features.column.data();
        })) {
      memory.working += matrix_bytes(fit.features);
    }
  }
  memory.working += plan.room.bytes() + kNeuralLibraryRoom + kDenseLibraryBytes;
  memory.available = available_memory(free);
  check_training_memory(memory, gpu);
  return plan;
}

CudaNeuralWork neural_work(const NeuralProblem& problem, NeuralPlan plan, Precision precision) {
  CudaNeuralWork work;
  work.users = problem.ratings.rows();
  work.items = problem.ratings.columns;
  work.scale = problem.scale;
  work.plan = std::move(plan);
  work.precision = precision;
  std::vector<const NeuralFit*> first_of_part;
  for (const NeuralFit& fit : problem.fits) {
    CudaNeuralWork::Model& model = work.models.emplace_back();
    model.params = fit.params;
    model.shape = fit.params.shape();
    model.output = NeuralOutput(problem.scale, fit.mean, fit.params.squashed);
    model.network = initial_network(model.shape, fit.params.seed);
    const auto part =
        std::find_if(first_of_part.begin(), first_of_part.end(),
                     [&](const NeuralFit* other) { return same_ratings(fit, *other); });
    model.part = static_cast<std::size_t>(part - first_of_part.begin());
    if (part == first_of_part.end()) {
      first_of_part.push_back(&fit);
      work.parts.push_back(gather_part(problem, fit));
    }
    if (!has_features(fit)) continue;
    const auto features = std::find_if(
        work.features.begin(), work.features.end(),
        [&](const CsrView& other) { return other.column.data() == fit.features.column.data(); });
    model.features = static_cast<std::size_t>(features - work.features.begin());
    if (features == work.features.end()) work.features.push_back(fit.features);
  }
  return work;
}

}  // namespace tusk
