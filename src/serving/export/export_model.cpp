#include <algorithm>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/export.hpp>
#include <tusk/json.hpp>
#include <tusk/parameters.hpp>
#include <tusk/text_grid.hpp>

#include "serving/export/neighbour_writer.hpp"
#include "serving/export/npy.hpp"
#include "support/names.hpp"
#include "support/output_folder.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

std::string json_row(const Json& json) { return json_line(json) + '\n'; }

Json json_of(const IdMap& ids, Index index) { return json_id(ids, ids.id(index)); }

// A model, or a part of one, as a model of its own.
struct Part {
  std::string name;    // empty: the model itself
  std::string prefix;  // of its files
  std::shared_ptr<const Model> model;
  std::map<std::string, std::string> metadata;
};

std::vector<Part> parts_of(const Model& model) {
  std::vector<Part> parts;
  for (ModelPart& part : model.learned().parts()) {
    parts.push_back({part.name, part.name + '_',
                     std::make_shared<Model>(part.state, model.shared_seen(), model.scale()),
                     std::move(part.metadata)});
  }
  if (parts.empty()) parts.push_back({"", "", {std::shared_ptr<const Model>(), &model}, {}});
  return parts;
}

// The biases and factors of users or items.
struct Side {
  std::string name;  // "user"
  std::string bias_name;
  const IdMap& ids;
  std::span<const float> bias;
  std::span<const float> factors;  // [ids, columns]
  std::size_t columns = 0;

  std::span<const float> row(Index index) const {
    return factors.subspan(static_cast<std::size_t>(index) * columns, columns);
  }
};

class Exporter {
 public:
  Exporter(Device& device, const Model& model, const std::filesystem::path& folder,
           const ExportOptions& options, const Observer& observer)
      : device_(device),
        model_(model),
        parts_(parts_of(model)),
        options_(options),
        observer_(observer),
        folder_(folder, options.overwrite) {}

  std::vector<std::filesystem::path> run() {
    add("meta.json").write(meta().dump(2) + '\n');
    if (options_.format == ExportFormat::npy) {
      write_npy(add("user_ids.npy"), model_.users);
      write_npy(add("item_ids.npy"), model_.items);
    }
    for (const Part& part : parts_) {
      const MfState& state = part.model->state();
      const auto columns = static_cast<std::size_t>(state.factors);
      write_side(part.prefix,
                 {"user", "bu", model_.users, state.user_bias, state.user_factors, columns});
      write_side(part.prefix,
                 {"item", "bi", model_.items, state.item_bias, state.item_factors, columns});
    }
    write_items();
    for (const Part& part : parts_) write_neighbours(part);
    return folder_.commit();
  }

 private:
  OutputFolder::File& add(const std::string& name) {
    observer_.check_stop();
    return folder_.add(name);
  }
  // By the format's extension.
  OutputFolder::File& table(const std::string& name) {
    return add(name + (options_.format == ExportFormat::json ? ".jsonl" : ".csv"));
  }

  static Json numbers_of(const Model& model) {
    return {{"model", model.algorithm().name},
            {"factors", model.state().factors},
            {"mean", json_number(model.state().mean)}};
  }

  Json meta() const {
    Json meta = numbers_of(model_);
    meta["users"] = model_.users.size();
    meta["items"] = model_.items.size();
    meta["scale"] = {json_number(model_.scale().low), json_number(model_.scale().high)};
    meta["metadata"] = model_.metadata;
    for (const Part& part : parts_) {
      if (part.name.empty()) continue;
      Json& own = meta["parts"][part.name] = numbers_of(*part.model);
      own["metadata"] = part.metadata;
    }
    return meta;
  }

  void write_side(const std::string& prefix, const Side& side) {
    if (side.bias.empty() && side.factors.empty()) return;
    if (options_.format == ExportFormat::npy) {
      if (!side.bias.empty()) write_npy(add(prefix + side.name + "_bias.npy"), side.bias);
      if (!side.factors.empty()) {
        write_npy(add(prefix + side.name + "_factors.npy"), side.factors, side.columns);
      }
      return;
    }
    OutputFolder::File& file = table(prefix + side.name + "_factors");
    const bool csv = options_.format == ExportFormat::csv;
    if (csv) {
      std::string header = side.name + "Id";
      if (!side.bias.empty()) header += ',' + side.bias_name;
      for (std::size_t f = 0; f < side.columns; ++f) header += fmt::format(",f{}", f);
      file.write(header + '\n');
    }
    for (Index i = 0; i < side.ids.size(); ++i) {
      if (i % 4096 == 0) observer_.check_stop();
      file.write(csv ? csv_row(side, i) : json_row(side_json(side, i)));
    }
  }

  static std::string csv_row(const Side& side, Index i) {
    std::string line = csv_field(side.ids.id(i));
    const auto add = [&](float value) { fmt::format_to(std::back_inserter(line), ",{}", value); };
    if (!side.bias.empty()) add(side.bias[static_cast<std::size_t>(i)]);
    if (side.columns > 0) std::ranges::for_each(side.row(i), add);
    return line + '\n';
  }

  static Json side_json(const Side& side, Index i) {
    Json json = {{side.name, json_of(side.ids, i)}};
    if (!side.bias.empty()) json["bias"] = json_number(side.bias[static_cast<std::size_t>(i)]);
    if (side.columns > 0) {
      for (const float factor : side.row(i)) json["factors"].push_back(json_number(factor));
    }
    return json;
  }

  std::string text_field(std::string_view text) const {
    return csv_field(cell(printable(text), options_.raw_cells ? Cells::raw : Cells::safe));
  }

  void write_items() {
    const bool csv = options_.format != ExportFormat::json;
    OutputFolder::File& file = table("items");
    if (csv) file.write("itemId,ratings,title,genres,year\n");
    const std::vector<std::int64_t> ratings = model_.ratings_of_items();
    const Catalogue& catalogue = model_.catalogue;
    for (Index item = 0; item < model_.items.size(); ++item) {
      const auto i = static_cast<std::size_t>(item);
      const int year = item_year(catalogue, item);
      if (csv) {
        file.write(fmt::format("{},{},{},{},{}\n", csv_field(model_.items.id(item)), ratings[i],
                               text_field(catalogue.title[i]), text_field(catalogue.genres[i]),
                               year == 0 ? "" : std::to_string(year)));
      } else {
        Json json = {{"item", json_of(model_.items, item)},
                     {"ratings", ratings[i]},
                     {"title", std::string(catalogue.title[i])},
                     {"genres", std::string(catalogue.genres[i])}};
        if (year != 0) json["year"] = year;
        file.write(json_row(json));
      }
    }
  }

  void write_neighbours(const Part& part) {
    if (options_.neighbours == 0) return;
    const auto predictor = part.model->open(device_);
    const Index items = model_.items.size();
    const int k = std::min(options_.neighbours, std::max(1, items - 1));
    // Items with training ratings; only these have neighbours.
    std::vector<Index> known;
    for (Index item = 0; item < items; ++item) {
      if (model_.knows_item(item)) known.push_back(item);
    }
    if (known.empty() || !predictor->nearest_items(std::span(known).first(1), 1)) return;
    observer_.check_stop();
    const auto width = static_cast<std::size_t>(k);
    NeighbourWriter writer(folder_, part.prefix, model_, width, options_.format);
    constexpr Index kMostItems = 512;
    constexpr Index kMostNeighbours = 1 << 22;  // at a time, so that their memory is bounded
    const Index batch = std::clamp(kMostNeighbours / k, 1, kMostItems);
    auto next = known.begin();
    for (Index first = 0; first < items; first += batch) {
      observer_.check_stop();
      const Index end = std::min(items, first + batch);
      const auto last = std::lower_bound(next, known.end(), end);
      writer.write(neighbours_of(*predictor, first, end, {next, last}, k));
      next = last;
    }
  }

  // Of the items from `first` to `end`, of which those `known` have neighbours.
  static NeighbourRows neighbours_of(const Predictor& predictor, Index first, Index end,
                                     std::span<const Index> known, int k) {
    const auto width = static_cast<std::size_t>(k);
    const std::size_t size = static_cast<std::size_t>(end - first) * width;
    NeighbourRows rows = {first, width, std::vector<Index>(size, kNone), std::vector<float>(size)};
    if (known.empty()) return rows;
    const TopK nearest = predictor.nearest_items(known, k).value();
    const auto found = static_cast<std::size_t>(nearest.k);
    for (std::size_t n = 0; n < known.size(); ++n) {
      const std::size_t row = static_cast<std::size_t>(known[n] - first) * width;
      for (std::size_t rank = 0; rank < std::min(width, found); ++rank) {
        rows.neighbour[row + rank] = nearest.index[n * found + rank];
        rows.similarity[row + rank] = nearest.score[n * found + rank];
      }
    }
    return rows;
  }

  Device& device_;
  const Model& model_;
  const std::vector<Part> parts_;
  const ExportOptions& options_;
  const Observer& observer_;
  OutputFolder folder_;
};

}  // namespace

ExportFormat parse_export_format(std::string_view text) {
  return parse_name<ExportFormat, 3>({"csv", "npy", "json"}, text, "a format of files");
}

std::vector<std::filesystem::path> export_model(Device& device, const Model& model,
                                                const std::filesystem::path& folder,
                                                const ExportOptions& options,
                                                const Observer& observer) {
  if (options.neighbours < 0) {
    throw ParameterError("neighbours", fmt::format("{}", options.neighbours), "0 or more");
  }
  return Exporter(device, model, folder, options, observer).run();
}

}  // namespace tusk
