#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/model_file.hpp>
#include <tusk/tensors.hpp>

#include "model/model_tensors.hpp"
#include "model/safetensors.hpp"
#include "models/algorithm.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

constexpr std::string_view kFormat = "tusk-model";

// Model::rating_sample as tensors.
struct SampleColumns {
  std::vector<Index> user;
  std::vector<Index> item;
  std::vector<float> rating;
};

// Only these functions know the names of a model's tensors: each read_ function reads what its
// write_ function wrote.

void write_ids(SafetensorsWriter& writer, const std::string& name, const IdMap& ids) {
  if (ids.numeric()) {
    writer.add(name, ids.numbers());
  } else {
    write_texts(writer, name, ids.texts());
  }
}

IdMap read_ids(const SafetensorsReader& reader, const std::string& name) {
  try {
    if (reader.has(name + "_offsets")) return IdMap(read_texts(reader, name));
    return IdMap(reader.read<std::int64_t>(name));
  } catch (const InputError& error) {
    throw FormatError(error.what());
  }
}

// What is known of no item at all is not written, and files of earlier versions have none of it.
void write_catalogue(SafetensorsWriter& writer, const Catalogue& catalogue) {
  write_texts(writer, "titles", catalogue.title);
  write_texts(writer, "genres", catalogue.genres);
  if (catalogue.text.size() > 0) write_texts(writer, "texts", catalogue.text);
  if (catalogue.keywords.size() > 0) write_texts(writer, "keywords", catalogue.keywords);
  if (!catalogue.year.empty()) writer.add("years", catalogue.year);
  if (!catalogue.votes.empty()) writer.add("votes", catalogue.votes);
  if (!catalogue.imdb.empty()) writer.add("imdb_ids", catalogue.imdb);
  if (!catalogue.tmdb.empty()) writer.add("tmdb_ids", catalogue.tmdb);
}

Catalogue read_catalogue(const SafetensorsReader& reader, Index items) {
  Catalogue catalogue = {read_texts(reader, "titles"), read_texts(reader, "genres")};
  if (reader.has("texts")) catalogue.text = read_texts(reader, "texts");
  if (reader.has("keywords")) catalogue.keywords = read_texts(reader, "keywords");
  if (reader.has("years")) catalogue.year = reader.read<std::int32_t>("years");
  if (reader.has("votes")) catalogue.votes = reader.read<std::int64_t>("votes");
  if (reader.has("imdb_ids")) catalogue.imdb = reader.read<std::int64_t>("imdb_ids");
  if (reader.has("tmdb_ids")) catalogue.tmdb = reader.read<std::int64_t>("tmdb_ids");
  const auto count = static_cast<std::size_t>(items);
  const auto fits = [&](std::size_t size) { return size == 0 || size == count; };
  check_format(catalogue.title.size() == count && catalogue.genres.size() == count,
               "its titles or genres do not fit the number of items");
  check_format(fits(catalogue.text.size()) && fits(catalogue.keywords.size()) &&
                   fits(catalogue.year.size()) && fits(catalogue.votes.size()) &&
                   fits(catalogue.imdb.size()) && fits(catalogue.tmdb.size()),
               "its catalogue does not fit the number of items");
  return catalogue;
}

SeenItems read_seen(const SafetensorsReader& reader, Index users, Index items) {
  SeenItems seen;
  seen.items = items;
  seen.offset = reader.read<std::int64_t>("seen_offsets");
  seen.item = reader.read<Index>("seen_items");
  check_offsets(seen.offset, seen.item.size(), "seen_offsets");
  check_format(seen.offset.size() == static_cast<std::size_t>(users) + 1,
               "tensor seen_offsets does not fit the number of users");
  for (Index user = 0; user < users; ++user) {
    const auto row = seen.view().row(user);
    const bool rising =
        std::adjacent_find(row.begin(), row.end(), std::greater_equal<>()) == row.end();
    check_format(rising && (row.empty() || (row.front() >= 0 && row.back() < items)),
                 "tensor seen_items does not hold rising item numbers");
  }
  return seen;
}

void write_sample(SafetensorsWriter& writer, const SampleColumns& sample) {
  writer.add("sample_users", sample.user);
  writer.add("sample_items", sample.item);
  check_finite(sample.rating, "sample_ratings");
  writer.add("sample_ratings", sample.rating);
}

std::vector<SampledRating> read_sample(const SafetensorsReader& reader, Index users, Index items) {
  if (!reader.has("sample_users")) return {};  // files of earlier versions
  const SampleColumns columns = {reader.read<Index>("sample_users"),
                                 reader.read<Index>("sample_items"),
                                 reader.read<float>("sample_ratings")};
  check_format(
      columns.user.size() == columns.rating.size() && columns.item.size() == columns.rating.size(),
      "the tensors of sampled ratings do not fit each other");
  check_finite(columns.rating, "sample_ratings");
  const auto in_range = [](const std::vector<Index>& index, Index count) {
    return std::all_of(index.begin(), index.end(), [=](Index i) { return 0 <= i && i < count; });
  };
  check_format(in_range(columns.user, users) && in_range(columns.item, items),
               "the tensors of sampled ratings do not hold numbers of users and items");
  std::vector<SampledRating> sample;
  for (std::size_t s = 0; s < columns.rating.size(); ++s) {
    sample.push_back({columns.user[s], columns.item[s], columns.rating[s]});
  }
  return sample;
}

void write_popularity(SafetensorsWriter& writer, const Popularity& popularity) {
  check_finite(popularity.rating, "popular_rating");
  check_finite(popularity.trend, "popular_trend");
  if (!popularity.rating.empty()) writer.add("popular_rating", popularity.rating);
  if (!popularity.trend.empty()) writer.add("popular_trend", popularity.trend);
}

Popularity read_popularity(const SafetensorsReader& reader, Index items) {
  Popularity popularity;
  if (reader.has("popular_rating")) {
    popularity.rating = read_rows(reader, "popular_rating", items, 0, 1);
  }
  if (reader.has("popular_trend")) {
    popularity.trend = read_rows(reader, "popular_trend", items, 0, 1);
  }
  return popularity;
}

// Tensors that a model does not keep as they are written.
struct Rearranged {
  explicit Rearranged(const Model& model) : scale{model.scale().low, model.scale().high} {
    for (const SampledRating& rating : model.rating_sample) {
      sample.user.push_back(rating.user);
      sample.item.push_back(rating.item);
      sample.rating.push_back(rating.rating);
    }
  }

  std::vector<float> scale;
  SampleColumns sample;
};

void write_tensors(SafetensorsWriter& writer, const Model& model, const Rearranged& rearranged) {
  const MfState& state = model.state();
  write_mean(writer, state);
  check_finite(rearranged.scale, "scale");
  writer.add("scale", rearranged.scale);
  write_vectors(writer, state);
  write_ids(writer, "user_ids", model.users);
  write_ids(writer, "item_ids", model.items);
  write_catalogue(writer, model.catalogue);
  writer.add("seen_offsets", model.seen().offset);
  writer.add("seen_items", model.seen().item);
  if (!model.rating_sample.empty()) write_sample(writer, rearranged.sample);
  write_popularity(writer, model.popularity);
  model.learned().save(writer);
}

const Algorithm& read_algorithm(const std::map<std::string, std::string>& metadata) {
  const auto value = [&](const std::string& key) {
    const auto found = metadata.find(key);
    return found == metadata.end() ? std::string() : found->second;
  };
  check_format(value("format") == kFormat,
               "it is a safetensors file, but not a model that Tusk wrote");
  const std::string version = value("format_version");
  const auto number = parse_int(version);
  check_format(number && 1 <= *number && *number <= kModelFileVersion,
               fmt::format("it has format version {}, and this Tusk reads 1 to {}",
                           in_quotes(version), kModelFileVersion));
  try {
    return find_implementation(value("model"));
  } catch (const UsageError& error) {
    throw FormatError(error.what());
  }
}

// Files of the first version have no checksum.
void check_checksum(const SafetensorsReader& reader) {
  const bool needs_one = reader.metadata().at("format_version") != "1";
  check_format(reader.has_checksum() || !needs_one, "it has no checksum");
  check_format(
      !reader.has_checksum() || reader.checksum_matches(),
      "its checksum does not match its content: it was damaged or changed after it was written");
}

Model read_model(const SafetensorsReader& reader, Checksum checksum) {
  const Algorithm& algorithm = read_algorithm(reader.metadata());
  if (checksum == Checksum::verify) check_checksum(reader);
  IdMap users = read_ids(reader, "user_ids");
  IdMap items = read_ids(reader, "item_ids");
  MfState base = read_state(reader, users.size(), items.size());
  SeenItems seen = read_seen(reader, users.size(), items.size());
  auto learned = algorithm.load(reader, std::move(base), seen);
  const auto scale = read_rows(reader, "scale", 2, 0, 1);
  check_format(scale[0] <= scale[1], "tensor scale is upside down");
  Model model(std::move(learned), std::move(seen), {scale[0], scale[1]});
  model.catalogue = read_catalogue(reader, items.size());
  model.rating_sample = read_sample(reader, users.size(), items.size());
  model.popularity = read_popularity(reader, items.size());
  model.users = std::move(users);
  model.items = std::move(items);
  model.metadata = reader.metadata();
  for (const char* own : {"format", "format_version", "model", "checksum"}) {
    model.metadata.erase(own);
  }
  try {
    model.options();
  } catch (const ParameterError& error) {
    throw FormatError(fmt::format("its metadata is bad: {}", error.what()));
  }
  return model;
}

}  // namespace

void write_model(const Model& model, AtomicFile& file) {
  SafetensorsWriter writer;
  writer.metadata = model.metadata;
  writer.metadata["format"] = kFormat;
  writer.metadata["format_version"] = std::to_string(kModelFileVersion);
  writer.metadata["model"] = model.algorithm().name;
  const Rearranged rearranged(model);
  write_tensors(writer, model, rearranged);
  writer.write(file);
}

std::vector<TensorView> tensors(const Model& model) {
  const Rearranged rearranged(model);
  SafetensorsWriter writer;
  write_tensors(writer, model, rearranged);
  std::vector<TensorView> views = writer.views();
  std::erase_if(views, [](const TensorView& view) {
    return view.name == "scale" || view.name.starts_with("sample_");
  });
  return views;
}

void save_model(const Model& model, const std::filesystem::path& path) {
  AtomicFile file(path);
  write_model(model, file);
  file.commit();
}

bool is_model_file(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return false;
  try {
    const SafetensorsReader reader(path);
    const auto format = reader.metadata().find("format");
    return format != reader.metadata().end() && format->second == kFormat;
  } catch (const FormatError&) {
    return false;
  }
}

Model load_model(const std::filesystem::path& path, Checksum checksum) {
  try {
    const SafetensorsReader reader(path);
    try {
      Model model = read_model(reader, checksum);
      reader.check_unchanged();
      return model;
    } catch (const FormatError&) {
      reader.check_unchanged();  // what was found may be no fault of the file's
      throw;
    }
  } catch (const FormatError& error) {
    throw FormatError(
        fmt::format("{} is not a usable model file: {}", path.string(), error.what()));
  } catch (const InputError& error) {  // from reading the file, which it names
    throw FormatError(error.what());
  }
}

}  // namespace tusk
