#include "tests/support/model_fixture.hpp"

namespace tusk::test {

Model small_model() {
  MfState state;
  state.users = 3;
  state.items = 4;
  state.factors = 2;
  state.mean = 3;
  state.user_factors = {1, 0.5f, 2, 1, 0, 0};
  state.item_factors = {0.25f, 0.5f, 1.5f, 0.5f, -2, -0.5f, 0, 0};
  state.user_bias = {0.5f, 0.25f, 0};
  state.item_bias = {-0.25f, 0.75f, -0.5f, 0};
  SeenItems seen;
  seen.offset = {0, 2, 3, 3};
  seen.item = {0, 1, 2};
  seen.items = 4;
  Model model(ModelKind::mf, state, seen, {1, 5});
  TextTable users;
  for (const char* id : {"a", "b", "c"}) users.push_back(id);
  model.users = IdMap(std::move(users));
  model.items = IdMap(std::vector<std::int64_t>{10, 20, 30, 40});
  for (const char* title : {"Ten", "Twenty, the \"film\"", "Caf\xc3\xa9 Thirty", ""}) {
    model.catalogue.title.push_back(title);
  }
  for (const char* genres : {"Drama", "", "Comedy|War", ""})
    model.catalogue.genres.push_back(genres);
  model.metadata = {{"split", "none"}, {"seed", "1"}};
  return model;
}

}  // namespace tusk::test
