// Everyday words for genres: "scary", "rom-com", "westerns".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tusk/dataset.hpp>

#include "chat/utterance.hpp"

namespace tusk::chat {

struct GenreMatch {
  std::size_t words = 0;                             // 0: no genre is named there
  const std::vector<std::string>* genres = nullptr;  // all of which are meant
  bool adjective = false;                            // "funny", not "comedy"
  bool own_name = false;                             // the catalogue's, not an everyday word
};

class GenreWords {
 public:
  // Genres are named as the catalogue names them; those that it does not have as MovieLens does.
  explicit GenreWords(const Catalogue& catalogue);

  // The longest name of genres that begins at a word.
  GenreMatch match(const Utterance& text, std::size_t at) const;

 private:
  struct Phrase {
    std::string words;
    std::vector<std::string> genres;
    bool adjective = false;
    bool own_name = false;
  };
  void add(Phrase phrase);

  std::unordered_map<std::string, std::vector<Phrase>> by_first_word_;
};

// The genres that make a list lighter or darker, by the catalogue's names.
std::vector<std::string> light_genres(const Catalogue& catalogue);
std::vector<std::string> dark_genres(const Catalogue& catalogue);

// Whether an item's genres, "Action|Comedy", have this one, or any of these. Case does not count.
bool has_genre(std::string_view genres, std::string_view wanted);
bool has_any(std::string_view genres, const std::vector<std::string>& wanted);

}  // namespace tusk::chat
