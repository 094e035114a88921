// Tusk's side of a comparison: trains on a split with given settings, and prints a JSON object with
// the time since training began and the validation error after each epoch. Ratings are read before
// the clock starts, as they are for the peers.
#include <cmath>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <tusk/tusk.hpp>

#include "backend/backend.hpp"
#include "models/mf/mf.hpp"
#include "peer.hpp"

namespace {

using peer::Clock;
using peer::seconds_since;
using peer::write_column;

// The two parts of the split as raw columns of int32, int32 and float32, for the peers.
void write_parts(const tusk::Dataset& data, const tusk::Partition& split,
                 const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  for (const bool test : {false, true}) {
    std::vector<std::int32_t> user;
    std::vector<std::int32_t> item;
    std::vector<float> rating;
    data.ratings().each([&](tusk::Index u, std::size_t at) {
      if (split.test.test(split.label[at]) != test) return;
      user.push_back(u);
      item.push_back(data.item[at]);
      rating.push_back(data.rating[at]);
    });
    const std::string part = test ? "test" : "train";
    write_column(folder / (part + ".user"), user);
    write_column(folder / (part + ".item"), item);
    write_column(folder / (part + ".rating"), rating);
  }
}

// All ratings and the fold that each is in.
void write_folds(const tusk::Dataset& data, const tusk::Partition& folds,
                 const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  std::vector<std::int32_t> user;
  std::vector<std::int32_t> fold(folds.label.begin(), folds.label.end());
  data.ratings().each([&](tusk::Index u, std::size_t) { user.push_back(u); });
  write_column(folder / "all.user", user);
  write_column(folder / "all.item", data.item);
  write_column(folder / "all.rating", data.rating);
  write_column(folder / "all.fold", fold);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Tusk's side of a comparison");
  std::string path;
  std::string split_text = "random:0.1";
  std::string parts;
  tusk::DeviceOptions backend_options{"cpu", 0};
  tusk::MfOptions options;
  int epochs = 10;
  double decay = 0;
  app.add_option("DATA", path)->required();
  app.add_option("--split", split_text);
  app.add_option("--write-parts", parts, "write the split into this folder and end");
  std::string folds;
  app.add_option("--folds", folds, "with --write-parts: folds, not the two parts of a split");
  app.add_option("--threads", backend_options.threads);
  app.add_option("--factors", options.factors);
  app.add_option("--epochs", epochs);
  app.add_option("--learning-rate", options.user_learning_rate);
  app.add_option("--bias-learning-rate", options.bias_learning_rate);
  app.add_option("--regularization", options.user_regularization);
  app.add_option("--bias-regularization", options.bias_regularization);
  app.add_option("--init-std", options.init_std);
  app.add_option("--decay", decay, "learning rate over (1 + decay (epoch - 1))");
  bool no_bias = false;
  app.add_flag("--no-bias", no_bias);
  CLI11_PARSE(app, argc, argv);
  try {
    const tusk::Dataset data = tusk::read_dataset(path);
    if (!folds.empty()) {
      write_folds(data, tusk::make_folds(data, tusk::parse_folds(folds), 1), parts);
      return 0;
    }
    const tusk::Partition split = tusk::make_split(data, tusk::parse_split(split_text), 1);
    if (!parts.empty()) {
      write_parts(data, split, parts);
      return 0;
    }
    options.item_learning_rate = options.user_learning_rate;
    options.item_regularization = options.user_regularization;
    options.biased = !no_bias;
    const auto backend = tusk::make_backend(backend_options);

    const auto start = Clock::now();
    double sum = 0;
    double squares = 0;
    double count = 0;
    for (std::size_t at = 0; at < data.rating.size(); ++at) {
      if (split.test.test(split.label[at])) continue;
      sum += data.rating[at];
      squares += static_cast<double>(data.rating[at]) * data.rating[at];
      ++count;
    }
    const auto mean = static_cast<float>(sum / count);
    const auto spread =
        static_cast<float>(std::sqrt(squares / count - (sum / count) * (sum / count)));
    const auto session =
        backend->open_mf({data.ratings(),
                          split.label,
                          data.scale,
                          {{tusk::mf_params(options, spread), split.train(), split.test, mean}}});
    nlohmann::json json = {{"setup_seconds", seconds_since(start)}};
    double training = 0;
    for (int epoch = 1; epoch <= epochs; ++epoch) {
      const auto epoch_start = Clock::now();
      const float rate = static_cast<float>(1 / (1 + decay * (epoch - 1)));
      const auto error = session->run_epoch({&rate, 1}).front();
      training += seconds_since(epoch_start);
      const auto validation = session->validate().front();
      json["epochs"].push_back(
          {{"seconds", seconds_since(start)},
           {"train_rmse", std::sqrt(error.sum / static_cast<double>(error.count))},
           {"rmse", validation.rmse()}});
    }
    json["fit_seconds"] = json["setup_seconds"].get<double>() + training;
    json["updates_per_second"] = count * epochs / training;
    std::cout << json << "\n";
  } catch (const tusk::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
