// The parameters of models that are trained by Adam in mini-batches.
#pragma once

#include <any>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tusk/models.hpp>

#include "models/parameter_table.hpp"

namespace tusk {

template <class Options>
Parameter& add_optimizer(ParameterTable<Options>& table, std::vector<Optimizer> all,
                         std::string help) {
  return table.choose("optimizer", TUSK_OPTION(optimizer), std::move(all), std::move(help));
}

// `idle` is asked as that of a Parameter; null: never.
template <class Options>
void add_adam(ParameterTable<Options>& table, std::string (*idle)(const std::any&)) {
  Parameter& weight_decay = table.add(
      "weight-decay", TUSK_OPTION(weight_decay), from(0),
      "by adam times the weight is added to its gradient, by adamw times the learning rate is the "
      "share by which it shrinks in a step; of embeddings only the rows of the batch");
  weight_decay.search = [](float, const std::any&) { return std::string("0.00003..0.003:log"); };
  Parameter& batch_size = table.add("batch-size", TUSK_OPTION(batch_size), from_to(1, 1 << 24),
                                    "how many ratings a step is computed from");
  batch_size.search = [](float, const std::any&) { return std::string("256..4096:log"); };
  if (idle != nullptr) weight_decay.idle = batch_size.idle = idle;
}

// Throws ParameterError for steps of AdamW that would change the sign of what decays.
inline void check_adamw(float learning_rate, float weight_decay) {
  if (learning_rate * weight_decay < 1) return;
  throw ParameterError(
      "weight-decay",
      fmt::format("times {} is {:g}; it must be below 1", option_name("learning-rate"),
                  static_cast<double>(learning_rate) * static_cast<double>(weight_decay)));
}

}  // namespace tusk
