#include "models/content/content_parameters.hpp"

#include "models/bias/bias_parameters.hpp"
#include "models/parameter_table.hpp"

namespace tusk {
namespace {

constexpr float kMostWeight = 1000;

std::vector<Stemming> all_stemmings() {
  std::vector<Stemming> all;
  for (int s = 0; s < kStemmings; ++s) all.push_back(static_cast<Stemming>(s));
  return all;
}

}  // namespace

std::vector<Parameter> content_parameters() {
  ParameterTable<ContentOptions> table("Content");
  const auto weight = [&](const char* name, auto access, const char* help) {
    Parameter& added = table.add(name, access, from_to(0, kMostWeight), help);
    added.search = [](float, const std::any&) { return std::string("0.1..3:log"); };
    added.idle = [](const std::any& options) -> std::string {
      if (std::any_cast<const ContentOptions&>(options).embeddings.empty()) return "";
      return "has no effect with {embeddings}";
    };
  };
  weight("genre-weight", TUSK_OPTION(genre_weight), "weight of genres in the similarity");
  weight("title-weight", TUSK_OPTION(title_weight),
         "weight of the words of titles in the similarity");
  weight("tag-weight", TUSK_OPTION(tag_weight),
         "weight of the words of tags and keywords in the similarity, where there are any");
  weight("text-weight", TUSK_OPTION(text_weight),
         "weight of the words of descriptions in the similarity, where there are any");
  weight("year-weight", TUSK_OPTION(year_weight), "weight of near years in the similarity");
  Parameter& stop_words = table.add("stop-words", TUSK_OPTION(stop_words), {},
                                    "keep English stop words such as \"the\"");
  stop_words.off = "all-words";
  table.choose("stemming", TUSK_OPTION(stemming), all_stemmings(),
               "count words of one stem as one, by Snowball's rules for this language");
  Parameter& shrinkage =
      table.add("content-shrinkage", TUSK_OPTION(content_shrinkage), from(0),
                "L: in predicted ratings the sum over the user's items is divided by that of their "
                "similarities plus L, so that little similarity moves a prediction little");
  shrinkage.search = [](float, const std::any&) { return std::string("1..100:log"); };
  table.add_text(
      "embeddings", TUSK_OPTION(embeddings),
      "a .safetensors file with `embeddings` [items, d] and their `ids`, which takes the "
      "place of genres and words");
  add_dampings(table, TUSK_OPTION(bias));
  return table.take();
}

FieldWeights field_weights(const ContentOptions& options) {
  FieldWeights weights{};
  weights[static_cast<std::size_t>(Field::genres)] = options.genre_weight;
  weights[static_cast<std::size_t>(Field::title)] = options.title_weight;
  weights[static_cast<std::size_t>(Field::tags)] = options.tag_weight;
  weights[static_cast<std::size_t>(Field::text)] = options.text_weight;
  weights[static_cast<std::size_t>(Field::year)] = options.year_weight;
  return weights;
}

WordOptions word_options(const ContentOptions& options) {
  return {options.stop_words, options.stemming};
}

}  // namespace tusk
