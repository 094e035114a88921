#include <iostream>

#include <tusk/tusk.hpp>

int main(int, char** argv) {
  const tusk::Dataset data = tusk::read_dataset(argv[1]);
  const tusk::Partition split = tusk::make_split(data, tusk::parse_split("random:0.1"), 1);
  const auto device = tusk::open_device();

  tusk::MfOptions options;
  options.factors = 64;
  const tusk::Model model = tusk::train(*device, data, options, split);

  const auto test = tusk::select_ratings(data, split.label, split.test);
  std::cout << "test RMSE " << tusk::evaluate(*device, model, test).all.rmse() << "\n";

  tusk::Recommender recommender(*device, model);
  for (const auto& row : recommender.recommend("196", 10)) {
    std::cout << row.rating << "  " << model.catalogue.title[row.item] << "\n";
  }
  tusk::save_model(model, argv[2]);
}
