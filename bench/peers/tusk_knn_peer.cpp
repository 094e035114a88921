// Tusk's side of a comparison of neighbour models: trains on a split and predicts its test part,
// with the parameters that Surprise has by default, and prints a JSON object with the time of each.
// Ratings are read before the clock starts, as they are for the peer.
#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <tusk/tusk.hpp>

#include "peer.hpp"

int main(int argc, char** argv) {
  CLI::App app("Tusk's side of a comparison of neighbour models");
  std::string path;
  std::string split_text = "official:1";
  std::string model_text = "user-knn";
  std::string similarity = "cosine-corated";
  std::string centring = "mean";
  std::string predictions_path;
  tusk::DeviceOptions device_options{"cpu", 0};
  app.add_option("DATA", path)->required();
  app.add_option("--split", split_text);
  app.add_option("--threads", device_options.threads);
  app.add_option("--model", model_text);
  app.add_option("--similarity", similarity);
  app.add_option("--centring", centring);
  app.add_option("--predictions", predictions_path, "write them into this file, as float32");
  CLI11_PARSE(app, argc, argv);
  try {
    tusk::KnnParams params;
    params.similarity = tusk::default_similarity(tusk::parse_similarity_metric(similarity));
    params.centring = tusk::parse_centring(centring);
    const tusk::TrainOptions options = model_text == tusk::UserKnnOptions::kModel
                                           ? tusk::TrainOptions(tusk::UserKnnOptions(params))
                                           : tusk::TrainOptions(tusk::ItemKnnOptions(params));

    const tusk::Dataset data = tusk::read_dataset(path);
    const tusk::Partition split = tusk::make_split(data, tusk::parse_split(split_text), 1);
    std::vector<tusk::Index> user;
    std::vector<tusk::Index> item;
    data.ratings().each([&](tusk::Index u, std::size_t at) {
      if (!split.test.test(split.label[at])) return;
      user.push_back(u);
      item.push_back(data.item[at]);
    });
    const auto device = tusk::open_device(device_options);

    const auto start = peer::Clock::now();
    const tusk::Model model = tusk::train(*device, data, options, split);
    const double fit_seconds = peer::seconds_since(start);
    const auto predictions = tusk::predict(*device, model, user, item);
    const double seconds = peer::seconds_since(start);

    if (!predictions_path.empty()) {
      std::vector<float> rating;
      for (const tusk::Prediction& prediction : predictions) rating.push_back(prediction.rating);
      peer::write_column(predictions_path, rating);
    }
    std::cout << nlohmann::json{{"fit_seconds", fit_seconds}, {"seconds", seconds}} << "\n";
  } catch (const tusk::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
