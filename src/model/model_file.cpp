#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/model_file.hpp>

#include "model/knn_metadata.hpp"
#include "model/safetensors.hpp"
#include "model/write_model.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

constexpr std::string_view kFormat = "tusk-model";

void check(bool good, const std::string& message) {
  if (!good) throw FormatError(message);
}

// Values beyond which a prediction could overflow, with 4096 factors too.
void check_finite(const std::vector<float>& values, const std::string& name) {
  check(std::all_of(values.begin(), values.end(),
                    [](float v) { return std::abs(v) <= kLargestRating; }),
        fmt::format("tensor {} has a value that is not finite, or beyond {:g}", name,
                    kLargestRating));
}

// Offsets into something of `size` parts: from 0, never falling, to size.
void check_offsets(const std::vector<std::int64_t>& offset, std::size_t size,
                   const std::string& name) {
  check(!offset.empty() && offset.front() == 0 &&
            offset.back() == static_cast<std::int64_t>(size) &&
            std::is_sorted(offset.begin(), offset.end()),
        fmt::format("tensor {} does not hold offsets", name));
}

// Model::rating_sample as tensors.
struct SampleColumns {
  std::vector<Index> user;
  std::vector<Index> item;
  std::vector<float> rating;
};

// The names of a model's tensors stand in these functions alone: each reads what its twin writes.

void write_texts(SafetensorsWriter& writer, const std::string& name, const TextTable& texts) {
  writer.add(name, texts.bytes());
  writer.add(name + "_offsets", texts.offset());
}

TextTable read_texts(const SafetensorsReader& reader, const std::string& name) {
  auto bytes = reader.read<char>(name);
  auto offset = reader.read<std::int64_t>(name + "_offsets");
  check_offsets(offset, bytes.size(), name + "_offsets");
  TextTable texts(std::move(bytes), std::move(offset));
  for (std::size_t t = 0; t < texts.size(); ++t) {
    check(is_utf8(texts[t]), fmt::format("tensor {} is not UTF-8", name));
  }
  return texts;
}

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

SeenItems read_seen(const SafetensorsReader& reader, Index users, Index items) {
  SeenItems seen;
  seen.items = items;
  seen.offset = reader.read<std::int64_t>("seen_offsets");
  seen.item = reader.read<Index>("seen_items");
  check_offsets(seen.offset, seen.item.size(), "seen_offsets");
  check(seen.offset.size() == static_cast<std::size_t>(users) + 1,
        "tensor seen_offsets does not fit the number of users");
  for (Index user = 0; user < users; ++user) {
    const auto row = seen.view().row(user);
    const bool rising =
        std::adjacent_find(row.begin(), row.end(), std::greater_equal<>()) == row.end();
    check(rising && (row.empty() || (row.front() >= 0 && row.back() < items)),
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
  check(
      columns.user.size() == columns.rating.size() && columns.item.size() == columns.rating.size(),
      "the tensors of sampled ratings do not fit each other");
  check_finite(columns.rating, "sample_ratings");
  const auto in_range = [](const std::vector<Index>& index, Index count) {
    return std::all_of(index.begin(), index.end(), [=](Index i) { return 0 <= i && i < count; });
  };
  check(in_range(columns.user, users) && in_range(columns.item, items),
        "the tensors of sampled ratings do not hold numbers of users and items");
  std::vector<SampledRating> sample;
  for (std::size_t s = 0; s < columns.rating.size(); ++s) {
    sample.push_back({columns.user[s], columns.item[s], columns.rating[s]});
  }
  return sample;
}

std::vector<float> read_rows(const SafetensorsReader& reader, const std::string& name, Index rows,
                             std::uint64_t columns, std::size_t dimensions) {
  auto values = reader.read<float>(name, dimensions);
  TensorShape shape = {static_cast<std::uint64_t>(rows)};
  if (dimensions == 2) shape.push_back(columns);
  check(reader.shape(name) == shape, fmt::format("tensor {} has a shape that does not fit", name));
  check_finite(values, name);
  return values;
}

MfState read_state(const SafetensorsReader& reader, Index users, Index items) {
  MfState state;
  state.users = users;
  state.items = items;
  state.mean = read_rows(reader, "mean", 1, 0, 1).front();
  state.biased = reader.has("user_bias");
  if (state.biased) {
    state.user_bias = read_rows(reader, "user_bias", users, 0, 1);
    state.item_bias = read_rows(reader, "item_bias", items, 0, 1);
  }
  if (reader.has("user_factors")) {
    const TensorShape& shape = reader.shape("user_factors");
    check(shape.size() == 2 && 1 <= shape[1] && shape[1] <= 4096,
          "tensor user_factors does not have 1 to 4096 factors");
    state.factors = static_cast<int>(shape[1]);
    state.user_factors = read_rows(reader, "user_factors", users, shape[1], 2);
    state.item_factors = read_rows(reader, "item_factors", items, shape[1], 2);
  }
  return state;
}

void write_knn(SafetensorsWriter& writer, const KnnState& knn) {
  for (auto& [key, value] : to_metadata(knn.params)) writer.metadata[key] = value;
  check_finite(knn.rating, "seen_ratings");
  writer.add("seen_ratings", knn.rating);
  if (knn.params.policy != NeighbourPolicy::table) return;
  const TensorShape shape = {static_cast<std::uint64_t>(knn.table.rows),
                             static_cast<std::uint64_t>(knn.table.k)};
  check_finite(knn.table.similarity, "similarities");
  writer.add<Index>("neighbours", knn.table.neighbour, shape);
  writer.add<float>("similarities", knn.table.similarity, shape);
}

NeighbourTable read_table(const SafetensorsReader& reader, Index rows) {
  NeighbourTable table;
  table.rows = rows;
  table.neighbour = reader.read<Index>("neighbours", 2);
  const TensorShape& shape = reader.shape("neighbours");
  check(
      shape[0] == static_cast<std::uint64_t>(rows) && 1 <= shape[1] && shape[1] <= kMostNeighbours,
      "tensor neighbours has a shape that does not fit");
  table.k = static_cast<int>(shape[1]);
  table.similarity = read_rows(reader, "similarities", rows, shape[1], 2);
  const auto k = static_cast<std::size_t>(table.k);
  for (std::size_t n = 0; n < table.neighbour.size(); ++n) {
    const Index neighbour = table.neighbour[n];
    const float similarity = table.similarity[n];
    const auto row = static_cast<Index>(n / k);
    const bool first = n % k == 0;
    const bool ends = neighbour == kNone && similarity == 0;
    const bool counts = 0 <= neighbour && neighbour < rows && neighbour != row && similarity > 0 &&
                        (first || table.neighbour[n - 1] != kNone);
    check(ends || counts, "tensor neighbours does not hold numbers of other rows");
    check(first || similarity <= table.similarity[n - 1],
          "tensor similarities does not fall within a row");
  }
  return table;
}

KnnState read_knn(const SafetensorsReader& reader, ModelKind kind, const MfState& state,
                  const SeenItems& seen) {
  KnnState knn;
  knn.params = knn_params_from(reader.metadata());
  knn.rating = reader.read<float>("seen_ratings");
  check(knn.rating.size() == seen.item.size(),
        "tensor seen_ratings does not fit the number of ratings");
  check_finite(knn.rating, "seen_ratings");
  if (knn.params.policy == NeighbourPolicy::table) {
    knn.table = read_table(reader, kind == ModelKind::user_knn ? state.users : state.items);
  }
  return knn;
}

ModelKind read_kind(const std::map<std::string, std::string>& metadata) {
  const auto value = [&](const std::string& key) {
    const auto found = metadata.find(key);
    return found == metadata.end() ? std::string() : found->second;
  };
  check(value("format") == kFormat, "it is a safetensors file, but not a model that Tusk wrote");
  const std::string version = value("format_version");
  const auto number = parse_int(version);
  check(number && 1 <= *number && *number <= kModelFileVersion,
        fmt::format("it has format version {}, and this Tusk reads 1 to {}", in_quotes(version),
                    kModelFileVersion));
  try {
    return parse_model_kind(value("model"));
  } catch (const UsageError& error) {
    throw FormatError(error.what());
  }
}

bool is_complete(ModelKind kind, const MfState& state, const std::optional<KnnState>& knn) {
  switch (kind) {
    case ModelKind::mean:
      return !state.biased && state.factors == 0;
    case ModelKind::bias:
      return state.biased && state.factors == 0;
    case ModelKind::popular:
      return state.biased && state.factors == 0 &&
             std::all_of(state.user_bias.begin(), state.user_bias.end(),
                         [](float bias) { return bias == 0; });
    case ModelKind::mf:
      return state.factors > 0;
    case ModelKind::user_knn:
    case ModelKind::item_knn:
      return state.biased == needs_baseline(knn->params) && state.factors == 0;
  }
  return false;
}

// Files of the first version have no checksum.
void check_checksum(const SafetensorsReader& reader) {
  const bool needs_one = reader.metadata().at("format_version") != "1";
  check(reader.has_checksum() || !needs_one, "it has no checksum");
  check(!reader.has_checksum() || reader.checksum_matches(),
        "its checksum does not match its content: it was damaged or changed after it was written");
}

Model read_model(const SafetensorsReader& reader, Checksum checksum) {
  const ModelKind kind = read_kind(reader.metadata());
  if (checksum == Checksum::verify) check_checksum(reader);
  IdMap users = read_ids(reader, "user_ids");
  IdMap items = read_ids(reader, "item_ids");
  MfState state = read_state(reader, users.size(), items.size());
  SeenItems seen = read_seen(reader, users.size(), items.size());
  std::optional<KnnState> knn;
  if (is_knn(kind)) knn = read_knn(reader, kind, state, seen);
  check(is_complete(kind, state, knn), "it does not have the tensors of its kind of model");
  const auto scale = read_rows(reader, "scale", 2, 0, 1);
  check(scale[0] <= scale[1], "tensor scale is upside down");
  Model model(kind, std::move(state), std::move(seen), {scale[0], scale[1]}, std::move(knn));
  model.catalogue = {read_texts(reader, "titles"), read_texts(reader, "genres")};
  const auto item_count = static_cast<std::size_t>(items.size());
  check(model.catalogue.title.size() == item_count && model.catalogue.genres.size() == item_count,
        "its titles or genres do not fit the number of items");
  model.rating_sample = read_sample(reader, users.size(), items.size());
  model.users = std::move(users);
  model.items = std::move(items);
  model.metadata = reader.metadata();
  for (const char* own : {"format", "format_version", "model", "checksum"}) {
    model.metadata.erase(own);
  }
  return model;
}

}  // namespace

void write_model(const Model& model, AtomicFile& file) {
  const MfState& state = model.state();
  SafetensorsWriter writer;
  writer.metadata = model.metadata;
  writer.metadata["format"] = kFormat;
  writer.metadata["format_version"] = std::to_string(kModelFileVersion);
  writer.metadata["model"] = to_string(model.kind());
  const std::vector<float> mean = {state.mean};
  const std::vector<float> scale = {model.scale().low, model.scale().high};
  writer.add("mean", mean);
  writer.add("scale", scale);
  if (state.factors > 0) {
    const auto factors = static_cast<std::uint64_t>(state.factors);
    writer.add<float>("user_factors", state.user_factors,
                      {static_cast<std::uint64_t>(state.users), factors});
    writer.add<float>("item_factors", state.item_factors,
                      {static_cast<std::uint64_t>(state.items), factors});
  }
  if (state.biased) {
    writer.add("user_bias", state.user_bias);
    writer.add("item_bias", state.item_bias);
  }
  write_ids(writer, "user_ids", model.users);
  write_ids(writer, "item_ids", model.items);
  write_texts(writer, "titles", model.catalogue.title);
  write_texts(writer, "genres", model.catalogue.genres);
  writer.add("seen_offsets", model.seen().offset);
  writer.add("seen_items", model.seen().item);
  SampleColumns sample;
  for (const SampledRating& rating : model.rating_sample) {
    sample.user.push_back(rating.user);
    sample.item.push_back(rating.item);
    sample.rating.push_back(rating.rating);
  }
  if (!model.rating_sample.empty()) write_sample(writer, sample);
  if (model.knn()) write_knn(writer, *model.knn());
  for (const auto* values : {&state.user_factors, &state.item_factors, &state.user_bias,
                             &state.item_bias, &mean, &scale}) {
    check_finite(*values, "to be saved");
  }
  writer.write(file);
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
