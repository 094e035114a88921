#include "train/merged_ratings.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include <tusk/error.hpp>

#include "data/scale_check.hpp"

namespace tusk {
namespace {

std::vector<Index> places_in(const IdMap& all, const IdMap& ids) {
  std::vector<Index> places;
  for (Index i = 0; i < ids.size(); ++i) places.push_back(all.find(ids.id(i)).value());
  return places;
}

// A column of the catalogue under the merged ids, the data's where it knows the entry. Empty where
// both are.
TextTable merge_texts(const TextTable& model, const TextTable& data, const MergedIds& items) {
  if (model.size() == 0 && data.size() == 0) return {};
  std::vector<std::string_view> text(static_cast<std::size_t>(items.ids.size()));
  const auto put = [&](const TextTable& from, const std::vector<Index>& to) {
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (!from[i].empty()) text[static_cast<std::size_t>(to[i])] = from[i];
    }
  };
  put(model, items.of_model);
  put(data, items.of_data);
  TextTable merged;
  for (const std::string_view one : text) merged.push_back(one);
  return merged;
}

template <class Number>
std::vector<Number> merge_numbers(const std::vector<Number>& model, const std::vector<Number>& data,
                                  const MergedIds& items) {
  if (model.empty() && data.empty()) return {};
  std::vector<Number> merged(static_cast<std::size_t>(items.ids.size()), 0);
  const auto put = [&](const std::vector<Number>& from, const std::vector<Index>& to) {
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (from[i] != 0) merged[static_cast<std::size_t>(to[i])] = from[i];
    }
  };
  put(model, items.of_model);
  put(data, items.of_data);
  return merged;
}

Catalogue merge_catalogues(const Catalogue& model, const Catalogue& data, const MergedIds& items) {
  const auto texts = [&](TextTable Catalogue::*column) {
    return merge_texts(model.*column, data.*column, items);
  };
  const auto numbers = [&](auto Catalogue::*column) {
    return merge_numbers(model.*column, data.*column, items);
  };
  Catalogue merged = {
      texts(&Catalogue::title),    texts(&Catalogue::genres), texts(&Catalogue::text),
      texts(&Catalogue::keywords), numbers(&Catalogue::year), numbers(&Catalogue::votes),
      numbers(&Catalogue::imdb),   numbers(&Catalogue::tmdb), texts(&Catalogue::tags)};
  // Of these two, models and data have an entry for every item.
  const auto size = static_cast<std::size_t>(items.ids.size());
  for (TextTable* column : {&merged.title, &merged.genres}) {
    if (column->size() == 0) *column = TextTable(size);
  }
  return merged;
}

struct Entry {
  Index item;
  float rating;
};

std::vector<Entry> row_of(const CsrView& matrix, Index row, const std::vector<Index>& item_of) {
  std::vector<Entry> entries;
  const auto first = static_cast<std::size_t>(matrix.offset[static_cast<std::size_t>(row)]);
  const auto items = matrix.row(row);
  for (std::size_t k = 0; k < items.size(); ++k) {
    entries.push_back({item_of[static_cast<std::size_t>(items[k])],
                       matrix.value.empty() ? 0 : matrix.value[first + k]});
  }
  return entries;  // ascending, for the order of ids does not change
}

void append(SparseMatrixOf& matrix, const std::vector<Entry>& row, bool with_values) {
  for (const auto& [item, rating] : row) {
    matrix.column.push_back(item);
    if (with_values) matrix.value.push_back(rating);
  }
  matrix.offset.push_back(std::ssize(matrix.column));
}

std::vector<Index> inverse(const std::vector<Index>& places, Index size) {
  std::vector<Index> inverse(static_cast<std::size_t>(size), kNone);
  for (std::size_t i = 0; i < places.size(); ++i) {
    inverse[static_cast<std::size_t>(places[i])] = static_cast<Index>(i);
  }
  return inverse;
}

}  // namespace

MergedIds merge_ids(const IdMap& model, const IdMap& data) {
  MergedIds merged;
  if (model.numeric() && data.numeric()) {
    std::vector<std::int64_t> all;
    std::ranges::set_union(model.numbers(), data.numbers(), std::back_inserter(all));
    merged.ids = IdMap(std::move(all));
  } else {
    std::vector<std::string> all;
    for (const IdMap* ids : {&model, &data}) {
      for (Index i = 0; i < ids->size(); ++i) all.push_back(ids->id(i));
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    TextTable texts;
    for (const std::string& id : all) texts.push_back(id);
    merged.ids = IdMap(std::move(texts));
  }
  merged.of_model = places_in(merged.ids, model);
  merged.of_data = places_in(merged.ids, data);
  return merged;
}

MergedRatings merge_ratings(const Model& model, const Dataset& data, UpdateReport& report) {
  check_on_scale(data, model.scale(), model.of_weights());
  MergedRatings merged;
  merged.users = merge_ids(model.users, data.users);
  merged.items = merge_ids(model.items, data.items);
  merged.catalogue = merge_catalogues(model.catalogue, data.catalogue, merged.items);
  const Index users = merged.users.ids.size();
  for (SparseMatrixOf* matrix : {&merged.old, &merged.fresh, &merged.all}) {
    matrix->columns = merged.items.ids.size();
  }
  const bool keeps = !model.ratings().value.empty();
  const std::vector<Index> in_model = inverse(merged.users.of_model, users);
  const std::vector<Index> in_data = inverse(merged.users.of_data, users);
  const auto before = [](const Entry& a, const Entry& b) { return a.item < b.item; };
  for (Index user = 0; user < users; ++user) {
    const auto place = static_cast<std::size_t>(user);
    std::vector<Entry> old;
    std::vector<Entry> given;
    if (in_model[place] != kNone) {
      old = row_of(model.ratings(), in_model[place], merged.items.of_model);
    }
    if (in_data[place] != kNone) {
      given = row_of(data.ratings(), in_data[place], merged.items.of_data);
    }
    // Text ids may be in another order than the numbers that they were.
    std::sort(old.begin(), old.end(), before);
    std::sort(given.begin(), given.end(), before);
    std::vector<Entry> fresh;
    std::ranges::set_difference(given, old, std::back_inserter(fresh), before);
    std::vector<Entry> all;
    std::ranges::set_union(given, old, std::back_inserter(all), before);  // of both, the first's
    append(merged.old, old, true);
    append(merged.fresh, fresh, true);
    append(merged.all, all, keeps);
    report.repeated += std::ssize(given) - std::ssize(fresh);
    if (fresh.empty()) continue;
    ++(old.empty() ? report.new_users : report.changed_users);
  }
  report.ratings = std::ssize(merged.fresh.column);
  std::vector<bool> is_new(static_cast<std::size_t>(merged.items.ids.size()), false);
  for (const Index item : merged.fresh.column) is_new[static_cast<std::size_t>(item)] = true;
  for (const Index item : merged.old.column) is_new[static_cast<std::size_t>(item)] = false;
  report.new_items = static_cast<Index>(std::count(is_new.begin(), is_new.end(), true));
  if (report.ratings == 0 && !(keeps && report.repeated > 0)) {
    throw InputError({data.source.string(), 0, 0}, "no rating that the model was not trained on",
                     "new ratings");
  }
  return merged;
}

}  // namespace tusk
