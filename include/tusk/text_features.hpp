// Texts as vectors of the words in them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/types.hpp>

namespace tusk {

// The languages that words can be reduced to their stems in, by the algorithms of Snowball.
enum class Stemming {
  none,
  danish,
  dutch,
  english,
  finnish,
  french,
  german,
  hungarian,
  italian,
  norwegian,
  portuguese,
  romanian,
  russian,
  spanish,
  swedish,
};
inline constexpr int kStemmings = 15;
std::string_view to_string(Stemming stemming);  // "none", "danish", ...

// What counts as a word.
struct WordOptions {
  // Leave out the English words that say nothing of a text: scikit-learn's list "english".
  bool stop_words = false;
  Stemming stemming = Stemming::none;  // after stop words are left out
};

// The words of a text in UTF-8: runs of two or more letters, digits and underscores, in lower case,
// as scikit-learn's CountVectorizer finds them by default.
std::vector<std::string> words_of(std::string_view text, const WordOptions& options = {});

// Weights of terms by term frequency and inverse document frequency, as scikit-learn's
// TfidfVectorizer defines them: of n documents, df of which have a term, its idf is
//   ln((1 + n) / (1 + df)) + 1
// and the vector of a document is that of its counts times idf, divided by its length.
class Tfidf {
 public:
  using Terms = std::vector<std::string>;
  struct Entry {
    Index term = 0;
    double weight = 0;
  };

  Tfidf() = default;
  // Learns the terms of documents, which are sorted by their bytes.
  explicit Tfidf(const std::vector<Terms>& documents);
  // What was learned before: sorted terms, and an idf for each.
  Tfidf(Terms terms, std::vector<float> idf);

  const Terms& terms() const { return terms_; }
  const std::vector<float>& idf() const { return idf_; }

  // Of a document, by rising term; terms that were not learned are left out. Without any it is
  // empty, else its length is 1.
  std::vector<Entry> vector_of(const Terms& document) const;
  // The same, not divided by its length.
  std::vector<Entry> weights_of(const Terms& document) const;

 private:
  Terms terms_;
  std::vector<float> idf_;
};

}  // namespace tusk
