// What is asked for that no catalogue here says: people, languages, subjects, lengths.
#pragma once

#include <string>
#include <vector>

#include "chat/genre_words.hpp"
#include "chat/title_finder.hpp"
#include "chat/utterance.hpp"

namespace tusk::chat {

// "by Tarantino", "with Tom Hanks", "in French", "about dogs", "under 90 minutes", "Hitchcock"
// before "movies", as it is said. Uses the words.
std::vector<std::string> take_unsupported(Utterance& text, const TitleFinder& titles,
                                          const GenreWords& genres);

}  // namespace tusk::chat
