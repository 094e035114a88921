#include "tests/support/chat_phrases.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/support/paths.hpp"

namespace tusk::test {
namespace {

std::ifstream open_chat_data(const std::string& name) {
  const auto path = source_folder() / "tests/data/chat" / name;
  std::ifstream file(path);
  if (!file) throw std::runtime_error("no " + path.string());
  return file;
}

}  // namespace

Films read_films() {
  Films films;
  std::ifstream file = open_chat_data("titles.tsv");
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string title;
    std::string genres;
    std::int64_t ratings = 0;
    std::getline(fields, title, '\t');
    std::getline(fields, genres, '\t');
    fields >> ratings;
    films.catalogue.title.push_back(title);
    films.catalogue.genres.push_back(genres);
    films.ratings.push_back(ratings);
  }
  return films;
}

std::vector<Phrase> read_phrases(const std::string& name) {
  std::vector<Phrase> phrases;
  std::ifstream file = open_chat_data(name + ".jsonl");
  for (std::string line; std::getline(file, line);) {
    Phrase phrase;
    phrase.request = nlohmann::ordered_json::parse(line);
    phrase.text = phrase.request["text"];
    if (phrase.request.contains("list")) phrase.list = phrase.request["list"];
    phrase.request.erase("text");
    phrase.request.erase("list");
    phrases.push_back(std::move(phrase));
  }
  return phrases;
}

}  // namespace tusk::test
