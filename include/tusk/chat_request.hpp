// What somebody asks for in a conversation: the contract between what reads a text and what answers
// it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/json.hpp>

namespace tusk {

enum class ChatIntent {
  recommend_genre,  // a list for this person, of some genres or of any
  similar_to,       // a list like some titles; without titles, like those talked about last
  popular,          // a list of what everybody likes
  rate,             // nothing but ratings
  explain,          // why a title is, or would be, recommended; without titles, the last list
  more,             // the last list continued
  filter,           // the last list again, under other conditions
  clarify,          // a question that helps to choose among a few
  help,
  unknown,
};
std::string_view to_string(ChatIntent intent);  // "recommend_genre", ...

// How a list should differ from the last one, or from the titles it is to be like.
enum class ChatTone { lighter, darker, newer, older };
std::string_view to_string(ChatTone tone);

inline constexpr float kMostStars = 5;
// The longest list of a conversation, and the longest that can be asked for: a longer list is cut,
// and the reply says so.
inline constexpr int kMostChatItems = 100;
inline constexpr int kMostAskedItems = 1000000;
inline constexpr std::size_t kMostChatTexts = 20;  // titles, genres or ratings in one list

struct TitleStars {
  std::string title;
  float stars = 0;  // 0 to 5; loved is 5, liked 4, all right 3, disliked 2, hated 1
};

// Titles and genres are texts, which need not be known.
struct ChatRequest {
  ChatIntent intent = ChatIntent::unknown;
  std::vector<std::string> genres;
  bool all_genres = false;  // items must have all of `genres`, not just one of them
  std::vector<std::string> excluded_genres;
  std::vector<std::string> titles;           // for similar_to and explain
  std::vector<std::string> excluded_titles;  // not to be listed: known, or not wanted
  std::vector<TitleStars> ratings;           // with any intent
  std::optional<int> k;                      // how many items, 0 to kMostAskedItems
  std::optional<int> from_year;              // both included
  std::optional<int> to_year;
  std::optional<ChatTone> tone;
  bool reset = false;                    // forget earlier conditions
  std::vector<std::string> unsupported;  // what no other field can say: "by Tarantino"
};

// {"intent": "similar_to", "title": ["Heat (1995)"], "k": 3}: fields that say something, in the
// order of the schema.
Json to_json(const ChatRequest& request);

// The reverse; a field that is missing or null says nothing. Throws InputError, which names the
// field, for anything that the schema does not allow.
ChatRequest parse_chat_request(const Json& json);

// The JSON schema (draft 2020-12) of a request. Every field is required and may be null where it
// says nothing, as constrained decoding of language models wants it.
Json chat_request_schema();

}  // namespace tusk
