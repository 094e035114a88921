#include "serving/export/neighbour_writer.hpp"

#include <span>

#include <fmt/format.h>

#include <tusk/json.hpp>
#include <tusk/text_grid.hpp>

#include "serving/export/npy.hpp"

namespace tusk {

NeighbourWriter::NeighbourWriter(OutputFolder& folder, const std::string& prefix,
                                 const Model& model, std::size_t width, ExportFormat format)
    : model_(model), format_(format) {
  if (format == ExportFormat::npy) {
    const auto items = static_cast<std::size_t>(model.items.size());
    neighbours_ = &folder.add(prefix + "neighbours.npy");
    begin_npy_integers(*neighbours_, items, width);
    similarities_ = &folder.add(prefix + "similarities.npy");
    begin_npy_floats(*similarities_, items, width);
    return;
  }
  const bool csv = format == ExportFormat::csv;
  table_ = &folder.add(prefix + (csv ? "neighbours.csv" : "neighbours.jsonl"));
  if (csv) table_->write("itemId,rank,neighbourId,similarity\n");
}

void NeighbourWriter::write(const NeighbourRows& rows) {
  if (format_ == ExportFormat::npy) {
    write_npy_values(*neighbours_, std::span(rows.neighbour));
    return write_npy_values(*similarities_, std::span(rows.similarity));
  }
  for (std::size_t n = 0; n < rows.neighbour.size(); ++n) {
    if (rows.neighbour[n] == kNone) continue;
    write_row(rows.first + static_cast<Index>(n / rows.width), n % rows.width + 1,
              rows.neighbour[n], rows.similarity[n]);
  }
}

void NeighbourWriter::write_row(Index item, std::size_t rank, Index neighbour, float similarity) {
  const IdMap& items = model_.items;
  if (format_ == ExportFormat::csv) {
    return table_->write(fmt::format("{},{},{},{}\n", csv_field(items.id(item)), rank,
                                     csv_field(items.id(neighbour)), similarity));
  }
  table_->write(json_line({{"item", json_id(items, items.id(item))},
                           {"rank", rank},
                           {"neighbour", json_id(items, items.id(neighbour))},
                           {"similarity", json_number(similarity)}}) +
                '\n');
}

}  // namespace tusk
