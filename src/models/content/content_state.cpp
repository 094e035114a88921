#include "models/content/content_state.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/model.hpp>
#include <tusk/train_options.hpp>

#include "model/model_tensors.hpp"
#include "model/safetensors.hpp"
#include "models/content/content.hpp"
#include "models/content/content_parameters.hpp"
#include "models/content/content_predictor.hpp"
#include "models/content/embeddings.hpp"
#include "models/metadata_options.hpp"

namespace tusk {
namespace {

SparseMatrixOf read_vectors(const SafetensorsReader& reader, Index items) {
  SparseMatrixOf vectors;
  vectors.offset = reader.read<std::int64_t>("content_offsets");
  vectors.column = reader.read<Index>("content_columns");
  vectors.value = reader.read<float>("content_values");
  const auto width = reader.read<Index>("content_width");
  check_format(width.size() == 1 && width[0] >= 0, "tensor content_width is not one number");
  vectors.columns = width[0];
  check_offsets(vectors.offset, vectors.column.size(), "content_offsets");
  check_format(vectors.offset.size() == static_cast<std::size_t>(items) + 1 &&
                   vectors.value.size() == vectors.column.size(),
               "the tensors of content do not fit the number of items");
  check_finite(vectors.value, "content_values");
  for (Index item = 0; item < items; ++item) {
    const auto row = vectors.view().row(item);
    const bool rising =
        std::adjacent_find(row.begin(), row.end(), std::greater_equal<>()) == row.end();
    check_format(rising && (row.empty() || (row.front() >= 0 && row.back() < vectors.columns)),
                 "tensor content_columns does not hold rising numbers of columns");
  }
  return vectors;
}

FeatureSpace read_space(const SafetensorsReader& reader, const ContentOptions& options,
                        Index columns) {
  const TextTable terms = read_texts(reader, "content_terms");
  const auto idf = reader.read<float>("content_idf");
  // That of a term of all of two billion items is 1, of a term of one of them 22.
  constexpr float kMostIdf = 100;
  const auto is_idf = [](float weight) { return 1 <= weight && weight <= kMostIdf; };
  check_format(std::all_of(idf.begin(), idf.end(), is_idf),
               "tensor content_idf does not hold weights of terms");
  const auto field_columns = reader.read<std::int64_t>("content_fields");
  // Without terms the columns are those of embeddings.
  const bool fits = terms.size() == 0 ? columns <= kMostEmbeddingColumns
                                      : terms.size() == static_cast<std::size_t>(columns);
  check_format(field_columns.size() == kFields && idf.size() == terms.size() && fits,
               "the tensors of terms do not fit each other");
  std::array<Tfidf, kFields> fields;
  std::size_t at = 0;
  for (std::size_t f = 0; f < kFields; ++f) {
    check_format(
        field_columns[f] >= 0 && field_columns[f] <= static_cast<std::int64_t>(terms.size() - at),
        "tensor content_fields does not hold numbers of terms");
    Tfidf::Terms own;
    std::vector<float> weights;
    for (std::int64_t t = 0; t < field_columns[f]; ++t, ++at) {
      check_format(own.empty() || own.back() < terms[at], "tensor content_terms is not sorted");
      own.emplace_back(terms[at]);
      weights.push_back(idf[at]);
    }
    fields[f] = Tfidf(std::move(own), std::move(weights));
  }
  check_format(at == terms.size(), "tensor content_fields does not hold numbers of terms");
  return {field_weights(options), word_options(options), std::move(fields)};
}

// Of words no weight is negative; embeddings have a value in every column, or in none.
void check_vectors(const CsrView& vectors, bool are_embeddings) {
  constexpr double kRounding = 1e-3;
  for (Index item = 0; item < vectors.rows(); ++item) {
    const auto begin = static_cast<std::size_t>(vectors.offset[static_cast<std::size_t>(item)]);
    const auto values = vectors.value.subspan(begin, vectors.row(item).size());
    double squares = 0;
    for (const float value : values) {
      squares += static_cast<double>(value) * static_cast<double>(value);
      check_format(are_embeddings || value >= 0, "tensor content_values has negative weights");
    }
    const bool has_length = values.empty() || std::abs(std::sqrt(squares) - 1) < kRounding;
    check_format(has_length, "tensor content_values does not hold vectors of length 1");
    const bool is_whole = values.empty() || std::ssize(values) == vectors.columns;
    check_format(!are_embeddings || is_whole, "tensor content_columns does not fit embeddings");
  }
}

}  // namespace

ContentState::ContentState(MfState base, std::vector<float> ratings, SparseMatrixOf vectors,
                           FeatureSpace space, const ContentOptions& options)
    : ModelState(std::move(base)),
      ratings_(std::move(ratings)),
      vectors_(std::move(vectors)),
      space_(std::move(space)),
      options_(options) {
  for (const Tfidf& field : space_.fields()) {
    field_columns_.push_back(std::ssize(field.terms()));
    for (const std::string& term : field.terms()) terms_.push_back(term);
    idf_.insert(idf_.end(), field.idf().begin(), field.idf().end());
  }
  width_ = {vectors_.columns};
}

const AlgorithmInfo& ContentState::algorithm() const { return content_algorithm().info(); }

void ContentState::save(SafetensorsWriter& writer) const {
  write_ratings(writer, ratings_);
  writer.add("content_offsets", vectors_.offset);
  writer.add("content_columns", vectors_.column);
  writer.add("content_values", vectors_.value);
  writer.add("content_width", width_);
  write_texts(writer, "content_terms", terms_);
  writer.add("content_idf", idf_);
  writer.add("content_fields", field_columns_);
}

std::unique_ptr<const Predictor> ContentState::open(Backend& backend, const Model& model) const {
  return std::make_unique<ContentPredictor>(backend, model, *this);
}

std::shared_ptr<const ModelState> load_content(const SafetensorsReader& reader, MfState base,
                                               const SeenItems& seen) {
  check_format(base.biased && base.factors == 0,
               "it does not have the tensors of its kind of model");
  const auto options =
      options_from_metadata(content_algorithm().info(), reader.metadata()).as<ContentOptions>();
  SparseMatrixOf vectors = read_vectors(reader, base.items);
  FeatureSpace space = read_space(reader, options, vectors.columns);
  check_vectors(vectors.view(), space.columns() == 0);
  auto ratings = read_ratings(reader, seen.item.size());
  return std::make_shared<ContentState>(std::move(base), std::move(ratings), std::move(vectors),
                                        std::move(space), options);
}

}  // namespace tusk
