// Words of texts and their weights. tests/interop/check_content.py compares with scikit-learn.
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/dataset.hpp>
#include <tusk/text_features.hpp>

#include "catalogue/genres.hpp"
#include "catalogue/item_features.hpp"
#include "model/row_products.hpp"

namespace tusk {
namespace {

using Words = std::vector<std::string>;

TEST(Words, AreRunsOfTwoOrMoreLettersInLowerCase) {
  EXPECT_EQ(words_of("The X-Files: I want_to believe, 2008!"),
            (Words{"the", "files", "want_to", "believe", "2008"}));
  EXPECT_EQ(words_of("Am\xc3\xa9lie \xc3\x89\xc3\x89"),
            (Words{"am\xc3\xa9lie", "\xc3\xa9\xc3\xa9"}));
  EXPECT_EQ(words_of("ab\xff"
                     "cd"),
            (Words{"ab", "cd"}))
      << "bytes that are not UTF-8 separate words";
  EXPECT_TRUE(words_of("").empty());
  EXPECT_TRUE(words_of("a b c ! ?").empty());
}

TEST(Words, LowerAsPythonDoes) {
  // A sigma at the end of a word is another letter; a dotted I is two, the second of which is no
  // part of a word.
  EXPECT_EQ(words_of("\xce\x9f\xce\x94\xce\x9f\xce\xa3"),
            Words{"\xce\xbf\xce\xb4\xce\xbf\xcf\x82"});
  EXPECT_EQ(words_of("\xce\xa3\xce\x9f"), Words{"\xcf\x83\xce\xbf"});
  EXPECT_EQ(words_of("\xc4\xb0STANBUL"), Words{"stanbul"});
  EXPECT_EQ(words_of("e\xcc\x81"
                     "ab"),
            Words{"ab"})
      << "a combining accent ends a word";
}

TEST(Words, LeaveOutStopWordsAndEndings) {
  EXPECT_EQ(words_of("The running of the bulls", {.stop_words = true}),
            (Words{"running", "bulls"}));
  EXPECT_EQ(words_of("Running dogs", {.stemming = Stemming::english}), (Words{"run", "dog"}));
  EXPECT_EQ(words_of("H\xc3\xa4user", {.stemming = Stemming::german}), Words{"haus"});
  for (int s = 0; s < kStemmings; ++s) {
    EXPECT_EQ(words_of("xyz", {.stemming = static_cast<Stemming>(s)}).size(), 1u)
        << "libstemmer has " << to_string(static_cast<Stemming>(s));
  }
}

TEST(Tfidf, WeighsRareTermsMore) {
  const Tfidf tfidf({{"a", "b"}, {"a", "a", "c"}, {}});
  EXPECT_EQ(tfidf.terms(), (Words{"a", "b", "c"}));
  const double a = std::log(4.0 / 3) + 1;
  const double b = std::log(4.0 / 2) + 1;
  EXPECT_NEAR(tfidf.idf()[0], a, 1e-6);
  EXPECT_NEAR(tfidf.idf()[1], b, 1e-6);
  const auto vector = tfidf.vector_of({"c", "a", "never", "a"});
  ASSERT_EQ(vector.size(), 2u);
  EXPECT_EQ(vector[0].term, 0);
  EXPECT_EQ(vector[1].term, 2);
  EXPECT_NEAR(vector[0].weight, 2 * a / std::hypot(2 * a, b), 1e-6);
  EXPECT_NEAR(vector[1].weight, b / std::hypot(2 * a, b), 1e-6);
  EXPECT_TRUE(tfidf.vector_of({"never"}).empty());
  EXPECT_TRUE(Tfidf().vector_of({"a"}).empty());
}

Catalogue some_films() {
  Catalogue catalogue;
  for (const char* title : {"Dark Star (1974)", "Star Wars (1977)", "Casablanca (1942)", ""}) {
    catalogue.title.push_back(title);
  }
  for (const char* genres : {"Comedy|Sci-Fi", "Action|Sci-Fi", "Drama", ""}) {
    catalogue.genres.push_back(genres);
  }
  for (const char* tags : {"space|bomb", "space|space|jedi", "nazis", ""}) {
    catalogue.tags.push_back(tags);
  }
  return catalogue;
}

double cosine(const SparseMatrixOf& vectors, Index a, Index b) {
  return products_with_row(vectors.view(), a)[static_cast<std::size_t>(b)];
}

TEST(ItemFeatures, AreVectorsOfLengthOne) {
  const Catalogue films = some_films();
  const FeatureSpace space = FeatureSpace::learn(films, {1, 0.3f, 1, 1, 0.3f}, {});
  const SparseMatrixOf vectors = space.vectors_of(films);
  for (const Index item : {0, 1, 2}) EXPECT_NEAR(cosine(vectors, item, item), 1, 1e-6);
  EXPECT_EQ(cosine(vectors, 3, 3), 0) << "nothing is known of it";
  EXPECT_GT(cosine(vectors, 0, 1), 0.3);
  EXPECT_EQ(cosine(vectors, 0, 2), 0);
}

TEST(ItemFeatures, WeighTheirFields) {
  const Catalogue films = some_films();
  const auto years = FeatureSpace::learn(films, {0, 0, 0, 0, 1}, {}).vectors_of(films);
  EXPECT_NEAR(cosine(years, 0, 1), 0.7, 1e-6) << "three years apart";
  EXPECT_EQ(cosine(years, 0, 2), 0);
  const auto genres = FeatureSpace::learn(films, {1, 0, 0, 0, 0}, {}).vectors_of(films);
  const auto both = FeatureSpace::learn(films, {3, 0, 0, 0, 1}, {}).vectors_of(films);
  EXPECT_NEAR(cosine(both, 0, 1), (3 * cosine(genres, 0, 1) + cosine(years, 0, 1)) / 4, 1e-6);
}

TEST(ItemFeatures, DescribeTexts) {
  const Catalogue films = some_films();
  const FeatureSpace space = FeatureSpace::learn(films, {1, 0.3f, 1, 1, 0.3f}, {});
  const auto columns = [&](std::string_view text) { return space.vector_of(text).size(); };
  EXPECT_EQ(columns("a sci-fi comedy"), 2u) << "two genres";
  EXPECT_EQ(columns("space"), 1u) << "a tag";
  EXPECT_EQ(columns("dark space drama"), 3u) << "a word of a title, a tag and a genre";
  EXPECT_EQ(columns("1977"), 10u) << "a year";
  EXPECT_TRUE(space.vector_of("xyzzy").empty());
  double squares = 0;
  for (const auto& entry : space.vector_of("dark space drama 1977")) {
    squares += static_cast<double>(entry.value * entry.value);
  }
  EXPECT_NEAR(squares, 1, 1e-6);
}

TEST(ItemFeatures, LeaveOutFieldsWithoutAWeight) {
  const Catalogue films = some_films();
  const FeatureSpace all = FeatureSpace::learn(films, {1, 1, 1, 1, 1}, {});
  // A space that knows terms of a field of weight 0, as a file may hold it.
  const FeatureSpace space({0, 1, 1, 1, 1}, {}, all.fields());
  EXPECT_TRUE(space.vector_of("comedy").empty());
  const SparseMatrixOf vectors = space.vectors_of(films);
  for (const float value : vectors.value) EXPECT_TRUE(value > 0 && value <= 1) << value;
}

TEST(Genres, AreTheNamesBetweenBars) {
  const auto names = [](std::string_view genres) {
    Words all;
    each_genre(genres, [&](std::string_view genre) { all.emplace_back(genre); });
    return all;
  };
  EXPECT_EQ(names("Action|Sci-Fi"), (Words{"Action", "Sci-Fi"}));
  EXPECT_EQ(names("|Action||Drama|"), (Words{"Action", "Drama"}));
  EXPECT_TRUE(names("").empty());
  EXPECT_TRUE(names("|").empty());
}

TEST(RowProducts, AreThoseOfTheRowsAskedFor) {
  const std::vector<std::int64_t> offset = {0, 2, 3, 3, 5};
  const std::vector<Index> column = {0, 2, 2, 1, 2};
  const std::vector<float> value = {1, 2, 3, 5, -1};
  const CsrView matrix{offset, column, value, 3};
  EXPECT_EQ(products_with_row(matrix, 0), (std::vector<double>{5, 6, 0, -2}));
  EXPECT_EQ(products_with_row(matrix, 0, std::vector<Index>{3, 1}), (std::vector<double>{-2, 6}));
}

}  // namespace
}  // namespace tusk
