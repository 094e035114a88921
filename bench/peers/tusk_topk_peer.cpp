// Tusk's side of a comparison of top-K search: finds the best unseen items of all users by the
// factors and ratings in a folder, and prints a JSON object with the time that took. All are read
// before the clock starts, as they are for the peer.
#include <filesystem>
#include <iostream>
#include <numeric>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <tusk/tusk.hpp>

#include "backend/backend.hpp"
#include "peer.hpp"

int main(int argc, char** argv) {
  CLI::App app("Tusk's side of a comparison of top-K search");
  std::filesystem::path folder;
  tusk::DeviceOptions backend_options{"cpu", 0};
  tusk::MfState state;
  state.factors = 64;
  state.biased = false;
  int k = 10;
  app.add_option("FOLDER", folder, "with user.factors, item.factors, train.user and train.item")
      ->required();
  app.add_option("--factors", state.factors);
  app.add_option("--threads", backend_options.threads);
  app.add_option("-k", k);
  CLI11_PARSE(app, argc, argv);
  try {
    state.user_factors = peer::read_column<float>(folder / "user.factors");
    state.item_factors = peer::read_column<float>(folder / "item.factors");
    const auto factors = static_cast<std::size_t>(state.factors);
    state.users = static_cast<tusk::Index>(state.user_factors.size() / factors);
    state.items = static_cast<tusk::Index>(state.item_factors.size() / factors);
    tusk::SeenItems seen;
    seen.items = state.items;
    seen.item = peer::read_column<tusk::Index>(folder / "train.item");
    seen.offset.resize(static_cast<std::size_t>(state.users) + 1);
    for (const auto user : peer::read_column<tusk::Index>(folder / "train.user")) {
      ++seen.offset[static_cast<std::size_t>(user) + 1];
    }
    std::partial_sum(seen.offset.begin(), seen.offset.end(), seen.offset.begin());
    std::vector<tusk::Index> users(static_cast<std::size_t>(state.users));
    std::vector<tusk::Index> items(static_cast<std::size_t>(state.items));
    std::iota(users.begin(), users.end(), 0);
    std::iota(items.begin(), items.end(), 0);
    const auto backend = tusk::make_backend(backend_options);

    const auto start = peer::Clock::now();
    const tusk::TopK top = backend->open_dot(state, items, seen.view())->query(users, k);
    const double seconds = peer::seconds_since(start);

    peer::write_column(folder / "top.index", top.index);
    peer::write_column(folder / "top.score", top.score);
    std::cout << nlohmann::json{{"seconds", seconds}} << "\n";
  } catch (const tusk::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
