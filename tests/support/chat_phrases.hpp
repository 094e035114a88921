// The films and phrases in tests/data/chat.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <tusk/dataset.hpp>

namespace tusk::test {

struct Films {
  Catalogue catalogue;
  std::vector<std::int64_t> ratings;  // how many each has
};
Films read_films();

// What somebody says, and the request that it is.
struct Phrase {
  std::string text;
  std::vector<std::string> list;   // titles of the list before it
  nlohmann::ordered_json request;  // as to_json() writes it
};
// Of tests/data/chat/NAME.jsonl.
std::vector<Phrase> read_phrases(const std::string& name);

}  // namespace tusk::test
