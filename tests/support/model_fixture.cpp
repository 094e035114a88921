#include "tests/support/model_fixture.hpp"

#include "models/knn/knn_parameters.hpp"
#include "models/knn/knn_state.hpp"

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
  Model model(make_dot_state("mf", state), seen, {1, 5});
  TextTable users;
  for (const char* id : {"a", "b", "c"}) users.push_back(id);
  model.users = IdMap(std::move(users));
  model.items = IdMap(std::vector<std::int64_t>{10, 20, 30, 40});
  for (const char* title : {"Ten", "Twenty, the \"film\"", "Caf\xc3\xa9 Thirty", ""}) {
    model.catalogue.title.push_back(title);
  }
  for (const char* genres : {"Drama", "", "Comedy|War", ""})
    model.catalogue.genres.push_back(genres);
  model.rating_sample = {{0, 1, 4}, {1, 2, 2.5f}};
  model.metadata = {{"split", "none"}, {"seed", "1"}};
  return model;
}

Model small_knn_model(NeighbourPolicy policy) {
  const Model base = small_model();
  MfState state = base.state();
  state.factors = 0;
  state.user_factors.clear();
  state.item_factors.clear();
  KnnState knn;
  knn.params.similarity = {SimilarityMetric::pearson_baseline, 2.5f, 1};
  knn.params.centring = Centring::baseline;
  knn.params.neighbours = 2;
  knn.params.policy = policy;
  knn.params.weight_shrinkage = 0.75f;
  knn.rating = {4, 5, 2};
  if (policy == NeighbourPolicy::table) {
    knn.table = {4, 2, {1, 2, 0, kNone, 0, kNone, kNone, kNone}, {0.9f, 0.5f, 0.9f, 0, 0.5f}};
    knn.table.similarity.resize(8, 0);
  }
  Model model(
      std::make_shared<KnnModelState>(find_algorithm("item-knn"), KnnRows::items, state, knn),
      base.seen(), {1, 5});
  model.users = base.users;
  model.items = base.items;
  model.catalogue = base.catalogue;
  model.metadata = base.metadata;
  model.metadata.merge(to_metadata(knn.params));
  return model;
}

}  // namespace tusk::test
