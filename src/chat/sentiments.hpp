// What somebody thinks of titles: "loved Alien, hated Cats", "Speed was boring", "Memento 5/5".
#pragma once

#include <vector>

#include <tusk/chat_request.hpp>

#include "chat/title_finder.hpp"
#include "chat/utterance.hpp"

namespace tusk::chat {

struct Opinions {
  std::vector<TitleStars> ratings;
  std::vector<std::string> liked_genres;     // "I love horror"
  std::vector<std::string> disliked_genres;  // "I hate musicals"
};

// Uses the words.
Opinions take_opinions(Utterance& text, const TitleFinder& titles, const GenreWords& genres);

}  // namespace tusk::chat
