// Using a trained model.
#include "binding.hpp"
#include "interrupts.hpp"
#include "lists.hpp"
#include "open_model.hpp"
#include "predictions.hpp"

namespace tusk::python {
namespace {

using Csr = std::shared_ptr<const SparseMatrixOf>;

// Users who were not trained. Keeps the model alive through Python.
class FoldedUsers {
 public:
  FoldedUsers(OpenModel& model, Csr ratings) : model_(model), ratings_(std::move(ratings)) {
    folded_ = model_.predictor()->fold_in(ratings_->view());
  }

  OpenModel& model() const { return model_; }
  CsrView ratings() const { return ratings_->view(); }
  const Predictor& predictor() const { return *folded_; }

 private:
  OpenModel& model_;
  Csr ratings_;
  std::unique_ptr<const Predictor> folded_;
};

template <class T>
nb::object typed_view(const TensorView& tensor, nb::handle owner) {
  const std::span values(reinterpret_cast<const T*>(tensor.bytes.data()),
                         tensor.bytes.size() / sizeof(T));
  return view<T>(values, owner, {tensor.shape.begin(), tensor.shape.end()});
}

nb::object tensor(nb::handle self, const std::string& name) {
  for (const TensorView& tensor : tensors(nb::cast<OpenModel&>(self).model())) {
    if (tensor.name != name) continue;
    if (tensor.dtype == "F32") return typed_view<float>(tensor, self);
    if (tensor.dtype == "I64") return typed_view<std::int64_t>(tensor, self);
    if (tensor.dtype == "I32") return typed_view<std::int32_t>(tensor, self);
    if (tensor.dtype == "U8") return typed_view<std::uint8_t>(tensor, self);
  }
  throw nb::key_error(name.c_str());
}

// Those that are arrays in Python, too; texts are lists there.
std::vector<std::string> tensor_names(const OpenModel& model) {
  std::vector<std::string> names;
  std::string texts;  // whose offsets follow
  for (const TensorView& tensor : tensors(model.model())) {
    if (tensor.dtype == "U8") texts = tensor.name;
    if (tensor.dtype != "U8" && tensor.name != texts + "_offsets") names.push_back(tensor.name);
  }
  return names;
}

nb::object find(const IdMap& map, nb::handle ids) {
  const Ids wanted(ids);
  return array_of(unlocked([&] { return wanted.find_in(map); }));
}

nb::tuple predict(OpenModel& model, const Column<Index>& users, const Column<Index>& items,
                  const Times& times) {
  check_predicts_ratings(model.model());
  const auto predictor = unlocked([&] { return model.predictor(); });
  return predictions_of(*predictor, pairs_of(users, items, times));
}

nb::object deviations(OpenModel& model, const Column<Index>& users, const Column<Index>& items,
                      const Times& times) {
  const auto predictor = unlocked([&] { return model.predictor(); });
  return deviations_of(*predictor, pairs_of(users, items, times));
}

nb::tuple rank(OpenModel& model, const Column<Index>& users, const Column<Index>& items) {
  const RankBy by = used_rank_by(order_of(model.model()).by, model.model());
  const auto predictor = unlocked([&] { return model.predictor(); });
  return ranks_of(*predictor, by, pairs_of(users, items));
}

// Lists of a model by the options, which `make` takes of its recommender.
template <class Make>
nb::tuple lists_of(OpenModel& model, int k, const nb::dict& given, const Make& make) {
  const RecommendOptions options = recommend_options(model.model(), given);
  const auto key = nb::cast<std::string>(nb::repr(given));
  const std::vector<std::vector<Recommendation>> lists =
      unlocked([&] { return make(*model.recommender(key, options)); });
  return arrays_of(lists, k, options.reasons > 0);
}

using RecommendationLists = std::vector<std::vector<Recommendation>>;

nb::tuple recommend(OpenModel& model, const Column<Index>& users, int k, const nb::dict& given) {
  return lists_of(model, k, given,
                  [&](const Recommender& from) { return from.recommend(span_of(users), k); });
}

nb::tuple recommend_for_text(OpenModel& model, const std::string& text, int k,
                             const nb::dict& given) {
  return lists_of(model, k, given, [&](const Recommender& from) {
    return RecommendationLists{from.recommend_for_text(text, k)};
  });
}

nb::tuple popular(OpenModel& model, int k, const nb::dict& given) {
  return lists_of(model, k, given,
                  [&](const Recommender& from) { return RecommendationLists{from.popular(k)}; });
}

nb::tuple similar(OpenModel& model, Index item, int k, std::optional<std::int64_t> min_ratings,
                  const std::optional<std::string>& genre, std::optional<float> content,
                  std::optional<float> support) {
  std::vector<SimilarItem> found;
  {
    const nb::gil_scoped_release released;
    SimilarOptions options = usual_similar_options(model.model());
    options.min_ratings = min_ratings.value_or(options.min_ratings);
    options.genre = genre.value_or(options.genre);
    options.content = content.value_or(options.content);
    options.support = support.value_or(options.support);
    found = model.similar()->find(item, k, options);
  }
  std::vector<Index> items;
  std::vector<float> similarities;
  for (const SimilarItem& one : found) {
    items.push_back(one.item);
    similarities.push_back(one.similarity);
  }
  return nb::make_tuple(array_of(std::move(items)), array_of(std::move(similarities)));
}

std::vector<std::pair<Index, std::string>> find_titles(OpenModel& model, const std::string& text,
                                                       std::size_t most) {
  const nb::gil_scoped_release released;
  std::vector<std::pair<Index, std::string>> found;
  for (const TitleHit& hit : model.titles()->find(text, most)) {
    found.emplace_back(hit.item, to_string(hit.match));
  }
  return found;
}

FoldedUsers* fold_in(OpenModel& model, const Column<std::int64_t>& offsets,
                     const Column<Index>& items, const Column<float>& ratings) {
  const nb::gil_scoped_release released;
  auto rows = std::make_shared<SparseMatrixOf>();
  rows->offset.assign(offsets.data(), offsets.data() + offsets.size());
  rows->column.assign(items.data(), items.data() + items.size());
  rows->value.assign(ratings.data(), ratings.data() + ratings.size());
  rows->columns = model.model().items.size();
  return new FoldedUsers(model, std::move(rows));
}

nb::tuple predict_folded(FoldedUsers& users, const Column<Index>& rows,
                         const Column<Index>& items) {
  check_predicts_ratings(users.model().model());
  return predictions_of(users.predictor(), pairs_of(rows, items));
}

nb::tuple recommend_folded(FoldedUsers& users, int k, const nb::dict& given) {
  return lists_of(users.model(), k, given,
                  [&](const Recommender& from) { return from.recommend_new(users.ratings(), k); });
}

// What each of the user's ratings adds to the scores of items: triples by item.
nb::list contributions(FoldedUsers& users, Index row, const Column<Index>& items) {
  std::vector<std::vector<Contribution>> all;
  {
    const nb::gil_scoped_release released;
    all = users.predictor().contributions(row, span_of(items));
  }
  nb::list by_item;
  for (const auto& reasons : all) {
    nb::list of_item;
    for (const Contribution& r : reasons) of_item.append(nb::make_tuple(r.item, r.rating, r.part));
    by_item.append(of_item);
  }
  return by_item;
}

nb::object folded_factors(nb::handle self) {
  const auto& users = nb::cast<const FoldedUsers&>(self);
  const auto vectors = users.predictor().user_vectors();
  if (!vectors || vectors->factors.empty()) return nb::none();
  const auto rows = static_cast<std::size_t>(vectors->users);
  return view<float>(vectors->factors, self, {rows, vectors->factors.size() / rows});
}

std::string evaluate(OpenModel& model, const Dataset& data,
                     const std::optional<Column<std::int64_t>>& rows, const std::string& part,
                     std::optional<int> k, std::optional<float> relevance,
                     const std::string& candidates, std::uint64_t seed) {
  Interrupts interrupts;
  const Observer observer = interrupts.observer(nb::none(), nb::none());
  return without_gil(interrupts, [&] {
    RatingList list = match_ratings(model.model(), data, parse_part(part));
    if (rows) {
      std::vector<bool> wanted(data.rating.size());
      for (const std::int64_t row : span_of(*rows)) wanted.at(static_cast<std::size_t>(row)) = true;
      RatingList kept;
      for (std::size_t r = 0; r < list.size(); ++r) {
        if (!wanted[static_cast<std::size_t>(list.row[r])]) continue;
        kept.user.push_back(list.user[r]);
        kept.item.push_back(list.item[r]);
        kept.rating.push_back(list.rating[r]);
        kept.row.push_back(list.row[r]);
        if (!list.time.empty()) kept.time.push_back(list.time[r]);
      }
      list = std::move(kept);
    }
    Json json = Json::object();
    add_metrics(json, evaluate(model.device(), model.model(), list));
    if (k) {
      RankingOptions options;
      options.k = *k;
      options.relevance = relevance;
      options.candidates = parse_candidates(candidates);
      options.order = order_of(model.model());
      options.seed = seed;
      json["ranking"] =
          ranking_json(evaluate_ranking(model.device(), model.model(), list, options, observer));
    }
    return json_line(json);
  });
}

OpenModel* load(const std::string& path, const std::string& device, int threads) {
  const nb::gil_scoped_release released;
  return new OpenModel(load_model(path), device_options(device, threads));
}

nb::dict metadata(const OpenModel& model) {
  nb::dict all;
  for (const auto& [key, value] : model.model().metadata) all[key.c_str()] = value;
  return all;
}

// The options that the model was trained with, those that have a value.
nb::dict options(const OpenModel& model) {
  nb::dict all;
  const auto trained = model.model().options();
  if (!trained) return all;
  for (const Parameter& parameter : trained->algorithm().parameters) {
    const auto value = trained->get(parameter.name);
    std::string name = parameter.name;
    for (char& c : name) c = c == '-' ? '_' : c;
    if (value) all[name.c_str()] = std::visit([](const auto& v) { return nb::cast(v); }, *value);
  }
  all["seed"] = trained->seed;
  return all;
}

}  // namespace

void bind_model(nb::module_& module) {
  nb::class_<OpenModel>(module, "Model")
      .def_static("load", &load, nb::arg("path"), nb::arg("device"), nb::arg("threads"))
      .def("save",
           [](const OpenModel& model, const std::string& path) {
             const nb::gil_scoped_release released;
             save_model(model.model(), path);
           })
      .def_prop_ro("name", [](const OpenModel& m) { return m.model().algorithm().name; })
      .def_prop_ro("metadata", &metadata)
      .def_prop_ro("options", &options)
      .def_prop_ro("predicts_ratings",
                   [](const OpenModel& m) { return predicts_ratings(m.model()); })
      .def_prop_ro("scale",
                   [](const OpenModel& m) {
                     return nb::make_tuple(m.model().scale().low, m.model().scale().high);
                   })
      .def_prop_ro(
          "user_ids",
          [](nb::handle self) { return ids_of(nb::cast<OpenModel&>(self).model().users, self); })
      .def_prop_ro(
          "item_ids",
          [](nb::handle self) { return ids_of(nb::cast<OpenModel&>(self).model().items, self); })
      .def_prop_ro("titles", [](const OpenModel& m) { return texts_of(m.model().catalogue.title); })
      .def_prop_ro("genres",
                   [](const OpenModel& m) { return texts_of(m.model().catalogue.genres); })
      .def("ratings_of_items",
           [](const OpenModel& m) { return array_of(m.model().ratings_of_items()); })
      .def("known_users", [](const OpenModel& m) { return array_of(known_users(m.model())); })
      .def("find_users",
           [](const OpenModel& m, nb::handle ids) { return find(m.model().users, ids); })
      .def("find_items",
           [](const OpenModel& m, nb::handle ids) { return find(m.model().items, ids); })
      .def("tensor", &tensor)
      .def("tensor_names", &tensor_names)
      .def("predict", &predict, nb::arg("users"), nb::arg("items"), nb::arg("times").none())
      .def("deviations", &deviations, nb::arg("users"), nb::arg("items"), nb::arg("times").none())
      .def("rank", &rank)
      .def("recommend", &recommend)
      .def("recommend_for_text", &recommend_for_text)
      .def("popular", &popular)
      .def("similar", &similar, nb::arg("item"), nb::arg("k"), nb::arg("min_ratings").none(),
           nb::arg("genre").none(), nb::arg("content").none(), nb::arg("support").none())
      .def("find_titles",
           [](OpenModel& model, const std::string& text, std::size_t most) {
             nb::list all;
             for (const auto& [item, match] : find_titles(model, text, most)) {
               all.append(nb::make_tuple(item, match));
             }
             return all;
           })
      .def("fold_in", &fold_in, nb::keep_alive<0, 1>(), nb::rv_policy::take_ownership)
      .def("evaluate", &evaluate, nb::arg("data"), nb::arg("rows").none(), nb::arg("part"),
           nb::arg("k").none(), nb::arg("relevance").none(), nb::arg("candidates"),
           nb::arg("seed"));
  nb::class_<FoldedUsers>(module, "FoldedUsers")
      .def("predict", &predict_folded)
      .def("deviations",
           [](const FoldedUsers& users, const Column<Index>& rows, const Column<Index>& items) {
             return deviations_of(users.predictor(), pairs_of(rows, items));
           })
      .def("recommend", &recommend_folded)
      .def("contributions", &contributions)
      .def_prop_ro("factors", &folded_factors);
  std::vector<std::string> evidence;
  for (int kind = 0; kind < kEvidenceKinds; ++kind) {
    evidence.emplace_back(to_string(static_cast<Evidence>(kind)));
  }
  module.attr("EVIDENCE") = nb::cast(evidence);
}

}  // namespace tusk::python
