#include "strata_trainer.hpp"

#include <utility>

#include "backend/block_order.hpp"
#include "backend/stripes.hpp"
#include "strata_launch.hpp"

namespace tusk {
StrataTrainer::StrataTrainer(StrataRatings ratings, Precision precision, cudaStream_t stream)
    : host_(std::move(ratings)),
      precision_(precision),
      stream_(stream),
      first_(host_.first, stream),
      rating_(host_.rating, stream),
      label_(host_.label, stream),
      first_user_row_(host_.first_user_row, stream),
      first_item_row_(host_.first_item_row, stream),
      user_row_(host_.user_row, stream),
      item_row_(host_.item_row, stream),
      stripe_order_(2 * static_cast<std::size_t>(host_.stripes), stream) {
  const std::vector<Index> users = ids_of_rows(host_.user_row);
  const std::vector<Index> items = ids_of_rows(host_.item_row);
  user_of_row_ = DeviceBuffer<Index>(users, stream);
  item_of_row_ = DeviceBuffer<Index>(items, stream);
  TUSK_CUDA_TRY(cudaStreamSynchronize(stream));
  host_.first = {};
  host_.rating = {};
  host_.label = {};
  host_.user_row = {};
  host_.item_row = {};
}

void StrataTrainer::start_epoch(std::span<DeviceModel* const> models, std::span<const float> rate,
                                std::uint64_t epoch) {
  const auto stripes = static_cast<std::size_t>(host_.stripes);
  uploading_.clear();
  uploading_.reserve(models.size());
  for (std::size_t m = 0; m < models.size(); ++m) {
    const MfFit& fit = models[m]->fit();
    const BlockOrder order = draw_block_order(fit.params.seed, epoch, host_.stripes);
    std::vector<int>& stripe_order = uploading_.emplace_back(order.user_stripe);
    stripe_order.insert(stripe_order.end(), order.item_stripe.begin(), order.item_stripe.end());
    stripe_order_.upload(stripe_order, stream_);

    StrataArguments arguments;
    arguments.rows = models[m]->rows();
    arguments.rates = sgd_rates(fit.params, rate[m]);
    arguments.train = label_mask(fit.train);
    arguments.first = first_.data();
    arguments.rating = rating_.data();
    arguments.label = label_.data();
    arguments.first_user_row = first_user_row_.data();
    arguments.first_item_row = first_item_row_.data();
    arguments.user_stripe = stripe_order_.data();
    arguments.item_stripe = stripe_order_.data() + stripes;
    arguments.stripes = host_.stripes;
    arguments.seed = fit.params.seed;
    arguments.epoch = epoch;
    arguments.error = models[m]->errors();
    for (const int round : order.round) {
      arguments.round = round;
      launch_strata(precision_, arguments, stream_);
    }
  }
}

}  // namespace tusk
