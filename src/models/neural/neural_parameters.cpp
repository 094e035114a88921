#include <algorithm>

#include <fmt/format.h>

#include "models/adam_parameters.hpp"
#include "models/epoch_parameters.hpp"
#include "models/neural/neural.hpp"
#include "models/parameter_table.hpp"
#include "support/names.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

constexpr std::size_t kMostLayers = 8;
constexpr int kMostOutputs = 4096;  // of a layer

// "128,64"; "128-64", so that a search can list several.
std::vector<int> parse_hidden(const std::string& text) {
  if (text == "none") return {};
  std::string numbers = text;
  std::replace(numbers.begin(), numbers.end(), '-', ',');
  std::vector<int> layers;
  for (const std::string_view number : split_text(numbers, ",")) {
    const auto outputs = parse_int(number);
    if (!outputs || *outputs < 1 || *outputs > kMostOutputs || layers.size() == kMostLayers) {
      throw ParameterError("hidden", text,
                           fmt::format("none, or up to {} numbers from 1 to {} as in 128,64",
                                       kMostLayers, kMostOutputs));
    }
    layers.push_back(*outputs);
  }
  return layers;
}

std::string idle_without_layers(const std::any& options) {
  const bool layers = std::any_cast<const NeuralOptions&>(options).hidden != "none";
  return layers ? "" : "has no effect with {hidden} none";
}

}  // namespace

std::vector<Parameter> neural_parameters() {
  ParameterTable<NeuralOptions> table("Neural network");
  const auto searched = [](Parameter& parameter, const char* range) {
    parameter.search = [range](float, const std::any&) { return std::string(range); };
  };
  Parameter& factors = table.add("factors", TUSK_OPTION(factors), from_to(1, kMostFactors),
                                 "length of the embeddings of users and items");
  searched(factors, "16..128:log");
  factors.aliases = {"n-factors", "embedding-size"};
  Parameter& hidden =
      table.add_text("hidden", TUSK_OPTION(hidden),
                     "outputs of each hidden layer, as in 128,64 (in a search 128-64), or none");
  hidden.searchable = true;
  table.add("biased", TUSK_OPTION(biased), {}, "no user and item biases").off = "no-bias";
  table
      .add("products", TUSK_OPTION(products), {},
           "the last layer does not see the products of the numbers of user and item; without "
           "hidden layers these are all it sees")
      .off = "no-products";
  table.choose("output", TUSK_OPTION(output),
               std::vector{NetworkOutput::linear, NetworkOutput::sigmoid},
               "how the output becomes a rating: linear (as it is) or sigmoid (squashed to the "
               "scale)");
  Parameter& dropout =
      table.add("dropout", TUSK_OPTION(dropout), {.low = 0, .high = 0.99},
                "share of the embeddings' numbers that the first hidden layer is not shown");
  searched(dropout, "0..0.6");
  dropout.idle = idle_without_layers;
  Parameter& hidden_dropout =
      table.add("hidden-dropout", TUSK_OPTION(hidden_dropout), {.low = 0, .high = 0.99},
                "share of the outputs of hidden layers that are left out");
  searched(hidden_dropout, "0..0.5");
  hidden_dropout.idle = idle_without_layers;
  add_optimizer(table, {Optimizer::adam, Optimizer::adamw},
                "adam (weight decay as a part of the gradient) or adamw (apart from it)");
  Parameter& learning_rate = table.add("learning-rate", TUSK_OPTION(learning_rate), above(0),
                                       "of every step of the optimizer");
  searched(learning_rate, "0.0003..0.01:log");
  learning_rate.aliases = {"lr"};
  add_adam(table, nullptr);
  add_epochs(table);
  table.add("init-std", TUSK_OPTION(init_std), above(0),
            "standard deviation of the initial embeddings");
  table.choose("item-features", TUSK_OPTION(item_features),
               std::vector{ItemFeatures::none, ItemFeatures::genres, ItemFeatures::content},
               "what is known of items is added to their embeddings: none, genres, or content "
               "(also words of titles, tags and descriptions, and years)");
  table.add_text("embeddings", TUSK_OPTION(embeddings),
                 "a .safetensors file with `embeddings` [items, d] and their `ids`, which takes "
                 "the place of {item-features}");
  add_schedule(table);
  add_early_stopping(table);
  return table.take();
}

NeuralParams neural_params(const NeuralOptions& options, std::uint64_t seed) {
  NeuralParams params;
  params.factors = options.factors;
  params.hidden = parse_hidden(options.hidden);
  params.biased = options.biased;
  params.products = options.products;
  params.squashed = options.output == NetworkOutput::sigmoid;
  params.dropout = options.dropout;
  params.hidden_dropout = options.hidden_dropout;
  params.learning_rate = options.learning_rate;
  params.weight_decay = options.weight_decay;
  params.decoupled = options.optimizer == Optimizer::adamw;
  params.batch_size = options.batch_size;
  params.init_std = options.init_std;
  params.seed = seed;
  return params;
}

std::string_view to_string(NetworkOutput output) {
  return name_of<NetworkOutput, 2>({"linear", "sigmoid"}, output);
}

std::string_view to_string(ItemFeatures features) {
  return name_of<ItemFeatures, 3>({"none", "genres", "content"}, features);
}

}  // namespace tusk
