// A conversation about what to watch, read or buy next: one model, any number of conversations.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/chat_assistant.hpp>
#include <tusk/chat_request.hpp>
#include <tusk/device.hpp>
#include <tusk/model.hpp>

namespace tusk {

class OpenModel;

// What a list rests on.
enum class ChatSource {
  none,       // there is no list
  similar,    // items that the model finds like some titles
  content,    // items that are like them by genres, words of titles and years
  user,       // the model's list for a user whom it knows
  folded_in,  // the model's list for somebody with these ratings
  popular,    // what everybody likes, by damped mean ratings
  answer,     // the answer to a clarifying question
};
std::string_view to_string(ChatSource source);  // "none", "similar", ..., "folded-in", "popular"

// Who understood a text.
enum class ChatReader { router, assistant };
std::string_view to_string(ChatReader reader);  // "router", "llm"

struct ChatItem {
  Index item = 0;
  float score = 0;              // what orders the list
  std::optional<float> rating;  // predicted, on the model's scale, where the list has such
  std::string reason;           // "because you rated Heat (1995) 5"; may be empty
  // With the answer to a clarifying question: from -1 to 1 with embeddings, or from 0 without them.
  std::optional<float> match = {};
};

// What a list answers.
struct ChatQuestion {
  ChatIntent intent = ChatIntent::recommend_genre;  // or similar_to, popular
  std::vector<Index> seeds;                         // of similar_to
  std::vector<std::string> genres;
  bool all_genres = false;
  std::optional<int> from_year;
  std::optional<int> to_year;
  std::optional<ChatTone> tone;  // lighter or darker; the others are years
};

inline constexpr int kUsualChatItems = 5;

// A question that helps to choose, which waits for its answer.
struct ChatClarification {
  std::vector<Index> items;  // two or more, by their order in the list
};
inline constexpr std::size_t kMostClarified = 5;

// All that a conversation knows. A copy is a conversation of its own.
struct ChatState {
  std::optional<Index> user;                 // of the model
  std::map<Index, float> ratings;            // given so far, on the model's scale
  std::set<Index> hidden;                    // not to be listed: said to be known, or disliked
  std::vector<std::string> excluded_genres;  // until they are asked for
  std::optional<ChatQuestion> question;
  int k = kUsualChatItems;
  std::vector<ChatItem> list;                      // the last one
  std::set<Index> shown;                           // in lists that answer the question
  std::optional<ChatClarification> clarification;  // if the last reply asked
};

struct ItemStars {
  Index item = 0;
  float stars = 0;
};

struct ChatReply {
  ChatRequest request;  // what was understood
  std::string text;     // in plain English, without the list
  ChatSource source = ChatSource::none;
  std::vector<ChatItem> items;   // the list, or what is explained
  std::vector<ItemStars> rated;  // of the request's ratings those of titles that there are
  ChatReader read_by = ChatReader::router;
  std::string notice;  // why the assistant failed; empty if it did not
};

// Any number of threads may use it at a time, each with a state of its own.
class Chat {
 public:
  // Borrows the device, which must outlive it; shares the model and what may help to read texts.
  // Throws UsageError for a model without titles.
  Chat(Device& device, std::shared_ptr<const Model> model,
       std::shared_ptr<const ChatAssistant> assistant = {});
  // Of a model that is open already: for the library's own programs.
  explicit Chat(std::shared_ptr<const OpenModel> open,
                std::shared_ptr<const ChatAssistant> assistant = {});
  ~Chat();

  // A conversation with a user whom the model knows, or with somebody new. Throws InputError for an
  // unknown user.
  ChatState begin(std::string_view user_id) const;
  ChatState begin() const { return {}; }

  // What a text asks for, after what was listed, without an assistant.
  ChatRequest parse(std::string_view text, const ChatState& state) const;

  // Answers a request, whoever made it, and notes what it says. What cannot be done is said in the
  // text. The same state and request always give the same reply.
  ChatReply answer(ChatState& state, const ChatRequest& request) const;
  // Answers a text, or takes it for the answer to the state's clarifying question. An assistant
  // reads it; where that fails it is read without, and the reply has the reason.
  ChatReply answer(ChatState& state, std::string_view text) const;

  const Model& model() const;

 private:
  class Data;
  std::unique_ptr<const Data> data_;
};

// {"text", "intent", "source", "read_by", "request", "items"} and "notice" if there is one: each
// item has "rank", "item", "title", "genres", "score", "reason", and "rating" and "match" where
// they are known.
Json to_json(const Model& model, const ChatReply& reply);

// {"user", "ratings", "hidden", "excluded_genres", "question", "k", "list", "shown",
// "clarification"}: fields that say something, items and the user by their ids, so that a state
// outlives a program.
Json to_json(const Model& model, const ChatState& state);

// The reverse, for states that anybody may have written: throws InputError, which names the field,
// for anything that no conversation about the model comes to, such as ids and genres that the model
// does not have, ratings off its scale, or more than kMostChatRatings of them.
ChatState parse_chat_state(const Model& model, const Json& json);
inline constexpr std::size_t kMostChatRatings = 10'000;

}  // namespace tusk
