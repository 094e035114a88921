#include "chat/genre_words.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include <tusk/recommend.hpp>

#include "catalogue/genres.hpp"
#include "support/text.hpp"
#include "support/unicode.hpp"

namespace tusk::chat {
namespace {

// What catalogues call a genre, MovieLens first; separated by bars.
constexpr std::string_view kAction = "Action";
constexpr std::string_view kAdventure = "Adventure|Action & Adventure";
constexpr std::string_view kAnimation = "Animation|Animated|Cartoon";
constexpr std::string_view kChildren =
    "Children|Children's|Family|Kids|Childrens|Children & Family";
constexpr std::string_view kComedy = "Comedy|Comedies|Humor";
constexpr std::string_view kCrime = "Crime";
constexpr std::string_view kDocumentary = "Documentary|Documentaries";
constexpr std::string_view kDrama = "Drama|Dramas";
constexpr std::string_view kFantasy = "Fantasy";
constexpr std::string_view kNoir = "Film-Noir|Film Noir|Noir";
constexpr std::string_view kHistory = "History|Historical";
constexpr std::string_view kHorror = "Horror";
constexpr std::string_view kMusical = "Musical|Music|Musicals";
constexpr std::string_view kMystery = "Mystery|Mysteries";
constexpr std::string_view kRomance = "Romance|Romantic";
constexpr std::string_view kSciFi = "Sci-Fi|Science Fiction|SciFi|Sci Fi";
constexpr std::string_view kThriller = "Thriller|Thrillers|Suspense";
constexpr std::string_view kWar = "War|War & Military";
constexpr std::string_view kWestern = "Western|Westerns";

struct Everyday {
  std::string_view words;  // separated by bars
  std::string_view genre;
  std::string_view other = {};  // that it means, too
  bool adjective = false;
};

constexpr std::array kEveryday = {
    Everyday{"action|action packed|shoot em up|car chases|explosions", kAction},
    Everyday{"adventure|adventures|swashbuckler|swashbucklers", kAdventure},
    Everyday{"adventurous", kAdventure, {}, true},
    Everyday{"animation|animations|cartoon|cartoons|anime", kAnimation},
    Everyday{"animated", kAnimation, {}, true},
    Everyday{"children|childrens|kids|kid|for kids|for children|kids movie|family movie|"
             "family film|family films|family movies|family|the whole family",
             kChildren},
    Everyday{"family friendly|kid friendly", kChildren, {}, true},
    Everyday{"comedy|comedies|comic|laugh|laughs|a good laugh|make me laugh|humor|humour|slapstick|"
             "parody|parodies|spoof|spoofs",
             kComedy},
    Everyday{"funny|funnier|hilarious|comedic|humorous|amusing|silly", kComedy, {}, true},
    Everyday{"crime|crimes|gangster|gangsters|mafia|mob|heist|heists|robbery", kCrime},
    Everyday{"documentary|documentaries|docs|docu|nonfiction|non fiction", kDocumentary},
    Everyday{"drama|dramas|tearjerker|tearjerkers|tear jerker|tear jerkers", kDrama},
    Everyday{"dramatic", kDrama, {}, true},
    Everyday{"fantasy|fantasies|fairy tale|fairy tales|magic|wizards", kFantasy},
    Everyday{"magical", kFantasy, {}, true},
    Everyday{"film noir|film noirs|noir|noirs", kNoir},
    Everyday{"history|historical", kHistory},
    Everyday{"horror|horrors|slasher|slashers|zombie|zombies|ghost story|ghost stories|gore",
             kHorror},
    Everyday{"scary|scarier|creepy|spooky|frightening|terrifying|gory", kHorror, {}, true},
    Everyday{"musical|musicals|singing|songs", kMusical},
    Everyday{"mystery|mysteries|whodunit|whodunits|whodunnit|whodunnits|detective|detectives|"
             "murder mystery|murder mysteries",
             kMystery},
    Everyday{"mysterious", kMystery, {}, true},
    Everyday{"romance|romances|love story|love stories|date movie|date movies|chick flick|"
             "chick flicks",
             kRomance},
    Everyday{"romantic", kRomance, {}, true},
    Everyday{"rom com|rom coms|romcom|romcoms|romantic comedy|romantic comedies", kRomance,
             kComedy},
    Everyday{"sci fi|scifi|science fiction|sf|space opera|space operas|space|aliens|robots|"
             "time travel",
             kSciFi},
    Everyday{"futuristic", kSciFi, {}, true},
    Everyday{"thriller|thrillers|suspense", kThriller},
    Everyday{"thrilling|suspenseful|tense|gripping", kThriller, {}, true},
    Everyday{"war|wars|world war|military", kWar},
    Everyday{"western|westerns|cowboy|cowboys|wild west", kWestern},
    Everyday{"dramedy|dramedies", kComedy, kDrama},
};

// Calls visit() for each of the texts between bars.
template <class Visit>
void each_of(std::string_view texts, const Visit& visit) {
  for (const std::string_view text : split_text(texts, "|")) visit(text);
}

// As the catalogue calls a genre that has any of these names; else the first of them.
std::string name_in(const std::vector<std::string>& catalogue, std::string_view names) {
  std::string found;
  each_of(names, [&](std::string_view name) {
    if (!found.empty()) return;
    const auto same =
        std::find_if(catalogue.begin(), catalogue.end(),
                     [&](const std::string& genre) { return folded(genre) == folded(name); });
    if (same != catalogue.end()) found = *same;
  });
  return found.empty() ? std::string(split_text(names, "|").front()) : found;
}

std::vector<std::string> names_there(const Catalogue& catalogue,
                                     std::span<const std::string_view> wanted) {
  const std::vector<std::string> all = genre_names(catalogue);
  std::vector<std::string> names;
  for (const std::string_view genre : wanted) {
    const std::string name = name_in(all, genre);
    if (std::find(all.begin(), all.end(), name) != all.end()) names.push_back(name);
  }
  return names;
}

// "Film-Noir" as "film noir".
std::string as_words(std::string_view genre) {
  const Utterance text(genre);
  std::string words;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at > 0) words += ' ';
    words += text.word(at);
  }
  return words;
}

}  // namespace

GenreWords::GenreWords(const Catalogue& catalogue) {
  const std::vector<std::string> names = genre_names(catalogue);
  for (const std::string& name : names) {
    const std::string words = as_words(name);
    if (words.empty()) continue;
    for (const char* ending : {"", "s"}) add({words + ending, {name}, false, true});
  }
  for (const Everyday& everyday : kEveryday) {
    std::vector<std::string> genres = {name_in(names, everyday.genre)};
    if (!everyday.other.empty()) genres.push_back(name_in(names, everyday.other));
    each_of(everyday.words, [&](std::string_view words) {
      add({std::string(words), genres, everyday.adjective});
    });
  }
}

void GenreWords::add(Phrase phrase) {
  std::vector<Phrase>& phrases = by_first_word_[phrase.words.substr(0, phrase.words.find(' '))];
  const bool known = std::any_of(phrases.begin(), phrases.end(),
                                 [&](const Phrase& other) { return other.words == phrase.words; });
  if (!known) phrases.push_back(std::move(phrase));
}

GenreMatch GenreWords::match(const Utterance& text, std::size_t at) const {
  GenreMatch longest;
  const auto found = by_first_word_.find(std::string(text.word(at)));
  if (found == by_first_word_.end()) return longest;
  for (const Phrase& phrase : found->second) {
    const std::string_view words = phrase.words;
    const std::size_t length = text.match(at, {&words, 1});
    if (length > longest.words) {
      longest = {length, &phrase.genres, phrase.adjective, phrase.own_name};
    }
  }
  return longest;
}

std::vector<std::string> light_genres(const Catalogue& catalogue) {
  constexpr std::array kLight = {kComedy, kRomance, kChildren, kAnimation, kMusical};
  return names_there(catalogue, kLight);
}

std::vector<std::string> dark_genres(const Catalogue& catalogue) {
  constexpr std::array kDark = {kHorror, kThriller, kCrime, kNoir, kWar};
  return names_there(catalogue, kDark);
}

bool has_genre(std::string_view genres, std::string_view wanted) {
  bool found = false;
  each_genre(genres,
             [&](std::string_view name) { found = found || folded(name) == folded(wanted); });
  return found;
}

bool has_any(std::string_view genres, const std::vector<std::string>& wanted) {
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](const std::string& genre) { return has_genre(genres, genre); });
}

}  // namespace tusk::chat
