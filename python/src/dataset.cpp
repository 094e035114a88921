// Ratings in memory and from files.
#include <limits>

#include <nanobind/stl/tuple.h>

#include "binding.hpp"
#include "interrupts.hpp"

namespace tusk::python {
namespace {

template <class T>
std::optional<T> option(const nb::dict& options, const char* name) {
  if (!options.contains(name)) return std::nullopt;
  const nb::object value = options[name];
  if (value.is_none()) return std::nullopt;
  return nb::cast<T>(value);
}

ReadOptions read_options(const nb::dict& given) {
  ReadOptions options;
  options.delimiter = option<std::string>(given, "delimiter").value_or("");
  options.columns = option<std::vector<std::string>>(given, "columns").value_or(options.columns);
  options.header = option<bool>(given, "header");
  if (const auto text = option<std::string>(given, "on_bad"))
    options.on_bad = parse_bad_rows(*text);
  if (const auto text = option<std::string>(given, "on_duplicate")) {
    options.on_duplicate = parse_duplicates(*text);
  }
  if (const auto text = option<std::string>(given, "scale")) options.scale = parse_scale(*text);
  options.implicit = option<bool>(given, "implicit").value_or(false);
  options.encoding = option<std::string>(given, "encoding").value_or("");
  options.titles = option<std::string>(given, "titles").value_or("");
  options.title_columns =
      option<std::vector<std::string>>(given, "title_columns").value_or(options.title_columns);
  options.threads = option<int>(given, "threads").value_or(0);
  return options;
}

Dataset from_arrays(nb::handle users, nb::handle items, const Column<float>& ratings,
                    const std::optional<Column<std::int64_t>>& times, const nb::dict& given) {
  const Ids user_ids(users);
  const Ids item_ids(items);
  const ReadOptions options = read_options(given);
  const auto timestamps = times ? span_of(*times) : std::span<const std::int64_t>();
  const nb::gil_scoped_release released;
  return Dataset::from_arrays(user_ids.column(), item_ids.column(), span_of(ratings), timestamps,
                              options);
}

Dataset read(const std::string& path, const nb::dict& given) {
  const ReadOptions options = read_options(given);
  Interrupts interrupts;
  const Observer observer = interrupts.observer(nb::none(), nb::none());
  return without_gil(interrupts, [&] { return read_dataset(path, options, observer); });
}

// Texts by item, of those that are named by ids.
void set_texts(Dataset& data, nb::handle ids, const std::vector<std::string>& texts,
               TextTable Catalogue::*table) {
  const std::vector<Index> items = Ids(ids).find_in(data.items);
  if (items.size() != texts.size()) throw UsageError("there must be one text for each item");
  std::vector<std::string_view> by_item(static_cast<std::size_t>(data.items.size()));
  for (std::size_t t = 0; t < texts.size(); ++t) {
    if (items[t] != kNone) by_item[static_cast<std::size_t>(items[t])] = texts[t];
  }
  TextTable filled;
  for (const std::string_view text : by_item) filled.push_back(text);
  data.catalogue.*table = std::move(filled);
}

// The rows, in the order of the data, whose label is in the set.
nb::object rows_of(const Partition& partition, const LabelSet& part) {
  std::vector<std::int64_t> rows;
  for (std::size_t row = 0; row < partition.label.size(); ++row) {
    if (part[partition.label[row]]) rows.push_back(static_cast<std::int64_t>(row));
  }
  return array_of(std::move(rows));
}

// A division as it is pickled: labels, and sets of labels as texts of 0 and 1.
using PartitionState =
    std::tuple<nb::bytes, int, std::vector<std::string>, std::string, std::string, std::string>;

PartitionState state_of(const Partition& partition) {
  std::vector<std::string> folds;
  for (const LabelSet& fold : partition.held_out) folds.push_back(fold.to_string());
  static_assert(sizeof(Label) == 1);
  return {nb::bytes(partition.label.data(), partition.label.size()),
          partition.labels,
          std::move(folds),
          partition.test.to_string(),
          partition.fold_in.to_string(),
          partition.description};
}

void set_state(Partition& partition, const PartitionState& state) {
  const auto& [label, labels, folds, test, fold_in, description] = state;
  new (&partition) Partition();
  const auto* const first = static_cast<const Label*>(label.data());
  partition.label.assign(first, first + label.size());
  partition.labels = labels;
  for (const std::string& fold : folds) partition.held_out.emplace_back(fold);
  partition.test = LabelSet(test);
  partition.fold_in = LabelSet(fold_in);
  partition.description = description;
}

const LabelSet& held_out(const Partition& partition, std::size_t fold) {
  if (fold >= partition.fold_count()) throw nb::index_error("there is no such fold");
  return partition.held_out[fold];
}

nb::list remarks(const Dataset& data) {
  nb::list all;
  for (const Remark& remark : remarks_on(data)) {
    const std::string text = remark.text + (remark.remedy.empty() ? "" : ": " + remark.remedy);
    all.append(nb::make_tuple(remark.warning, with_option_names(text, plain_name)));
  }
  return all;
}

nb::object user_rows(const Dataset& data) {
  std::vector<Index> user(data.rating.size());
  data.ratings().each([&](Index row, std::size_t place) { user[place] = row; });
  return array_of(std::move(user));
}

void bind_partition(nb::module_& module) {
  nb::class_<Partition>(module, "Partition")
      .def_static("of_rows",
                  [](std::size_t ratings, const Column<std::int64_t>& rows) {
                    Partition partition;
                    partition.label.assign(ratings, 1);
                    for (const std::int64_t row : span_of(rows)) {
                      if (row < 0 || static_cast<std::size_t>(row) >= ratings) {
                        throw nb::index_error("there is no such rating");
                      }
                      partition.label[static_cast<std::size_t>(row)] = 0;
                    }
                    partition.labels = 2;
                    partition.test = only(1);
                    partition.description = "rows";
                    return partition;
                  })
      .def("__getstate__", &state_of)
      .def("__setstate__", &set_state)
      .def_ro("description", &Partition::description)
      .def_prop_ro("fold_count", &Partition::fold_count)
      .def("train_rows", [](const Partition& p) { return rows_of(p, p.train()); })
      .def("test_rows", [](const Partition& p) { return rows_of(p, p.test); })
      .def("fold_in_rows", [](const Partition& p) { return rows_of(p, p.fold_in); })
      .def("train_rows_of",
           [](const Partition& p, std::size_t fold) {
             held_out(p, fold);
             return rows_of(p, p.train(fold));
           })
      .def("test_rows_of",
           [](const Partition& p, std::size_t fold) { return rows_of(p, held_out(p, fold)); });
}

}  // namespace

void bind_dataset(nb::module_& module) {
  bind_partition(module);
  nb::class_<Dataset>(module, "Dataset")
      .def_static("from_arrays", &from_arrays, nb::arg("users"), nb::arg("items"),
                  nb::arg("ratings"), nb::arg("timestamps").none(), nb::arg("options"))
      .def_static("read", &read, nb::arg("path"), nb::arg("options"))
      .def("set_titles",
           [](Dataset& data, nb::handle ids, const std::vector<std::string>& texts) {
             set_texts(data, ids, texts, &Catalogue::title);
           })
      .def("set_genres",
           [](Dataset& data, nb::handle ids, const std::vector<std::string>& texts) {
             set_texts(data, ids, texts, &Catalogue::genres);
           })
      .def_prop_ro(
          "user_ids",
          [](nb::handle self) { return ids_of(nb::cast<const Dataset&>(self).users, self); })
      .def_prop_ro(
          "item_ids",
          [](nb::handle self) { return ids_of(nb::cast<const Dataset&>(self).items, self); })
      .def("user_rows", &user_rows)
      .def_prop_ro("offsets",
                   [](nb::handle self) {
                     return view<std::int64_t>(nb::cast<const Dataset&>(self).offset, self);
                   })
      .def_prop_ro(
          "items",
          [](nb::handle self) { return view<Index>(nb::cast<const Dataset&>(self).item, self); })
      .def_prop_ro(
          "ratings",
          [](nb::handle self) { return view<float>(nb::cast<const Dataset&>(self).rating, self); })
      .def_prop_ro("timestamps",
                   [](nb::handle self) -> nb::object {
                     const auto& data = nb::cast<const Dataset&>(self);
                     if (data.timestamp.empty()) return nb::none();
                     return view<std::int64_t>(data.timestamp, self);
                   })
      .def_prop_ro("scale",
                   [](const Dataset& d) { return nb::make_tuple(d.scale.low, d.scale.high); })
      .def_prop_ro("implicit", [](const Dataset& d) { return d.report.implicit; })
      .def_prop_ro("source", [](const Dataset& d) { return d.source.string(); })
      .def_prop_ro("titles", [](const Dataset& d) { return texts_of(d.catalogue.title); })
      .def_prop_ro("genres", [](const Dataset& d) { return texts_of(d.catalogue.genres); })
      .def("hash", [](const Dataset& d) { return dataset_hash(d); })
      .def("stats", [](const Dataset& d) { return from_json(to_json(d, describe(d))); })
      .def("remarks", &remarks)
      .def("split", [](const Dataset& d, const std::string& spec,
                       std::uint64_t seed) { return make_split(d, parse_split(spec), seed); })
      .def(
          "folds",
          [](const Dataset& d, const std::string& spec, std::optional<double> test_fraction,
             std::uint64_t seed) {
            FoldsSpec folds = parse_folds(spec);
            folds.test_fraction = test_fraction;
            return make_folds(d, folds, seed);
          },
          nb::arg("spec"), nb::arg("test_fraction").none(), nb::arg("seed"));
  module.attr("NO_TIME") = kNoTime;
  module.def("write_synthetic",
             [](const std::string& like, std::uint64_t seed, const std::string& folder) {
               Interrupts interrupts;
               const Observer observer = interrupts.observer(nb::none(), nb::none());
               return without_gil(interrupts, [&] {
                 return write_synthetic(synthetic_spec(like), seed, folder, 0, observer).floor_rmse;
               });
             });
}

}  // namespace tusk::python
