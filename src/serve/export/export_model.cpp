#include <tusk/export.hpp>

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/json.hpp>
#include <tusk/parameters.hpp>
#include <tusk/text_grid.hpp>

#include "serve/export/npy.hpp"
#include "support/output_folder.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

std::string json_row(const Json& json) { return json_line(json) + '\n'; }

Json json_of(const IdMap& ids, Index index) { return json_id(ids, ids.id(index)); }

// The biases and factors of users or items.
struct Side {
  std::string name;  // "user"
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
           const ExportOptions& options)
      : device_(device),
        model_(model),
        state_(model.state()),
        options_(options),
        folder_(folder, options.overwrite) {}

  std::vector<std::filesystem::path> run() {
    add("meta.json").write(meta().dump(2) + '\n');
    write_side({"user", model_.users, state_.user_bias, state_.user_factors, columns()});
    write_side({"item", model_.items, state_.item_bias, state_.item_factors, columns()});
    write_items();
    write_neighbours();
    return folder_.commit();
  }

 private:
  OutputFolder::File& add(const std::string& name) {
    check_stop();
    return folder_.add(name);
  }
  // By the format's extension.
  OutputFolder::File& table(const std::string& name) {
    return add(name + (options_.format == ExportFormat::json ? ".jsonl" : ".csv"));
  }

  void check_stop() const {
    if (options_.should_stop && options_.should_stop()) throw Interrupted();
  }

  std::size_t columns() const { return static_cast<std::size_t>(state_.factors); }

  Json meta() const {
    return {{"model", model_.algorithm().name},
            {"users", model_.users.size()},
            {"items", model_.items.size()},
            {"factors", state_.factors},
            {"mean", json_number(state_.mean)},
            {"scale", {json_number(model_.scale().low), json_number(model_.scale().high)}},
            {"metadata", model_.metadata}};
  }

  void write_side(const Side& side) {
    if (side.bias.empty() && side.factors.empty()) return;
    if (options_.format == ExportFormat::npy) {
      write_npy(add(side.name + "_ids.npy"), side.ids);
      if (!side.bias.empty()) write_npy(add(side.name + "_bias.npy"), side.bias);
      if (!side.factors.empty()) {
        write_npy(add(side.name + "_factors.npy"), side.factors, side.columns);
      }
      return;
    }
    OutputFolder::File& file = table(side.name + "_factors");
    const bool csv = options_.format == ExportFormat::csv;
    if (csv) {
      std::string header = side.name + "Id";
      if (!side.bias.empty()) header += ",bias";
      for (std::size_t f = 0; f < side.columns; ++f) header += fmt::format(",f{}", f);
      file.write(header + '\n');
    }
    for (Index i = 0; i < side.ids.size(); ++i) {
      if (i % 4096 == 0) check_stop();
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
    if (options_.format == ExportFormat::npy && state_.item_bias.empty() &&
        state_.item_factors.empty()) {
      write_npy(add("item_ids.npy"), model_.items);
    }
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

  // Items with training ratings, of which alone a model knows neighbours.
  std::vector<Index> known_items() const {
    std::vector<Index> items;
    for (Index item = 0; item < model_.items.size(); ++item) {
      if (model_.knows_item(item)) items.push_back(item);
    }
    return items;
  }

  void write_neighbours() {
    if (options_.neighbours == 0) return;
    const auto predictor = model_.open(device_);
    const std::vector<Index> items = known_items();
    const int k = std::min(options_.neighbours, std::max(1, model_.items.size() - 1));
    const auto width = static_cast<std::size_t>(k);
    const auto count = static_cast<std::size_t>(model_.items.size());
    std::vector<Index> neighbour(count * width, kNone);
    std::vector<float> similarity(count * width, 0);
    constexpr std::size_t kBatch = 512;
    for (std::size_t first = 0; first < items.size(); first += kBatch) {
      check_stop();
      const auto now = std::span(items).subspan(first, std::min(kBatch, items.size() - first));
      const std::optional<TopK> nearest = predictor->nearest_items(now, k);
      if (!nearest) return;
      const auto found = static_cast<std::size_t>(nearest->k);
      for (std::size_t n = 0; n < now.size(); ++n) {
        for (std::size_t rank = 0; rank < std::min(width, found); ++rank) {
          const std::size_t to = static_cast<std::size_t>(now[n]) * width + rank;
          neighbour[to] = nearest->index[n * found + rank];
          similarity[to] = nearest->score[n * found + rank];
        }
      }
    }
    if (options_.format == ExportFormat::npy) {
      write_npy(add("neighbours.npy"), std::span<const Index>(neighbour), width);
      write_npy(add("similarities.npy"), std::span<const float>(similarity), width);
    } else {
      write_neighbour_rows(neighbour, similarity, width);
    }
  }

  void write_neighbour_rows(const std::vector<Index>& neighbour,
                            const std::vector<float>& similarity, std::size_t width) {
    OutputFolder::File& file = table("neighbours");
    const bool csv = options_.format == ExportFormat::csv;
    if (csv) file.write("itemId,rank,neighbourId,similarity\n");
    for (std::size_t n = 0; n < neighbour.size() && width > 0; ++n) {
      if (neighbour[n] == kNone) continue;
      const auto item = static_cast<Index>(n / width);
      const std::size_t rank = n % width + 1;
      if (csv) {
        file.write(fmt::format("{},{},{},{}\n", csv_field(model_.items.id(item)), rank,
                               csv_field(model_.items.id(neighbour[n])), similarity[n]));
      } else {
        file.write(json_row({{"item", json_of(model_.items, item)},
                             {"rank", rank},
                             {"neighbour", json_of(model_.items, neighbour[n])},
                             {"similarity", json_number(similarity[n])}}));
      }
    }
  }

  Device& device_;
  const Model& model_;
  const MfState& state_;
  const ExportOptions& options_;
  OutputFolder folder_;
};

}  // namespace

ExportFormat parse_export_format(std::string_view text) {
  if (text == "csv") return ExportFormat::csv;
  if (text == "npy") return ExportFormat::npy;
  if (text == "json") return ExportFormat::json;
  throw ParameterError("format", short_text(text), "csv, npy or json");
}

std::vector<std::filesystem::path> export_model(Device& device, const Model& model,
                                                const std::filesystem::path& folder,
                                                const ExportOptions& options) {
  if (options.neighbours < 0) {
    throw ParameterError("neighbours", fmt::format("{}", options.neighbours), "0 or more");
  }
  return Exporter(device, model, folder, options).run();
}

}  // namespace tusk
