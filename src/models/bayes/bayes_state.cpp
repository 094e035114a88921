#include "models/bayes/bayes_state.hpp"

#include <algorithm>
#include <utility>

#include <tusk/model.hpp>

#include "model/model_tensors.hpp"
#include "model/safetensors.hpp"
#include "models/bayes/bayes.hpp"
#include "models/bayes/bayes_predictor.hpp"
#include "models/dot_predictor.hpp"

namespace tusk {
namespace {

constexpr const char* kUserDraws = "bayes_user_draws";
constexpr const char* kItemDraws = "bayes_item_draws";
constexpr const char* kSpread = "bayes_spread";
constexpr const char* kAlpha = "bayes_noise_precision";
constexpr const char* kUserMean = "bayes_user_mean";
constexpr const char* kItemMean = "bayes_item_mean";
constexpr const char* kPrecision = "bayes_user_precision";
constexpr const char* kLinks = "bayes_user_links";

// [rows, columns] by the number of columns.
void write_rows(SafetensorsWriter& writer, const char* name, const std::vector<float>& values,
                std::size_t columns) {
  check_finite(values, name);
  writer.add<float>(name, values, {values.size() / columns, columns});
}

}  // namespace

BayesState::BayesState(MfState base, BayesDraws draws, std::vector<float> ratings)
    : ModelState(std::move(base)), draws_(std::move(draws)), ratings_(std::move(ratings)) {}

const AlgorithmInfo& BayesState::algorithm() const { return bayes_algorithm().info(); }

void BayesState::save(SafetensorsWriter& writer) const {
  if (!ratings_.empty()) write_ratings(writer, ratings_);
  if (draws_.count == 0) return;
  const auto count = static_cast<std::size_t>(draws_.count);
  writer.add<float>(kSpread, {&draws_.spread, 1}, {1});
  write_rows(writer, kUserDraws, draws_.user, draws_.row_size());
  write_rows(writer, kItemDraws, draws_.item, draws_.row_size());
  writer.add(kAlpha, draws_.alpha);
  write_rows(writer, kUserMean, draws_.user_mean, count);
  write_rows(writer, kItemMean, draws_.item_mean, count);
  if (!draws_.prior_precision.empty()) {
    write_rows(writer, kPrecision, draws_.prior_precision, count);
  }
  if (!draws_.prior_links.empty())
    write_rows(writer, kLinks, draws_.prior_links, draws_.row_size());
  write_time_biases(writer, "user", draws_.user_times);
  write_time_biases(writer, "item", draws_.item_times);
}

std::unique_ptr<const Predictor> BayesState::open(Backend& backend, const Model& model) const {
  if (draws_.count == 0) return std::make_unique<DotPredictor>(backend, model);
  return std::make_unique<BayesPredictor>(backend, model, *this);
}

std::shared_ptr<const ModelState> load_bayes(const SafetensorsReader& reader, MfState base,
                                             const SeenItems& seen) {
  check_format(base.factors > 0 && base.biased,
               "it does not have the tensors of its kind of model");
  BayesDraws draws;
  if (reader.has(kUserDraws)) {
    draws.users = base.users;
    draws.items = base.items;
    draws.width = base.factors + 1;
    draws.mean = base.mean;
    draws.alpha = reader.read<float>(kAlpha);
    check_format(!draws.alpha.empty() && draws.alpha.size() <= kMostDraws &&
                     std::ranges::all_of(draws.alpha, [](float a) { return a > 0 && a < 1e30f; }),
                 "tensor bayes_noise_precision is not some numbers above 0");
    draws.count = static_cast<int>(draws.alpha.size());
    draws.spread = read_rows(reader, kSpread, 1, 0, 1).front();
    check_format(draws.spread > 0, "tensor bayes_spread is not above 0");
    const auto count = draws.alpha.size();
    draws.user = read_rows(reader, kUserDraws, base.users + 1, draws.row_size(), 2);
    draws.item = read_rows(reader, kItemDraws, base.items + 1, draws.row_size(), 2);
    draws.user_mean = read_rows(reader, kUserMean, draws.width, count, 2);
    draws.item_mean = read_rows(reader, kItemMean, draws.width, count, 2);
    draws.prior_precision = read_rows(reader, kPrecision, draws.width * draws.width, count, 2);
    if (reader.has(kLinks)) {
      draws.prior_links = read_rows(reader, kLinks, base.items + 1, draws.row_size(), 2);
    }
    draws.user_times = read_time_biases(reader, "user", base.users + 1, count);
    draws.item_times = read_time_biases(reader, "item", base.items + 1, count);
    check_format(draws.user_times.empty() == draws.item_times.empty(),
                 "it has time biases of users or items alone");
  }
  auto ratings = read_ratings(reader, seen.item.size());
  return std::make_shared<BayesState>(std::move(base), std::move(draws), std::move(ratings));
}

}  // namespace tusk
