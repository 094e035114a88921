// What a language model may do in a conversation. A conversation works without one.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/chat_request.hpp>

namespace tusk {

// What a text is read in view of.
struct ChatContext {
  std::vector<std::string> genres;  // that the catalogue has
  std::vector<std::string> listed;  // titles of the last list, in its order
  std::string conditions;           // of the last list: "Comedy; 1990 to 1999"; may be empty
};

// What is known of an item.
struct ChatDescription {
  std::string title;
  int year = 0;  // of release; 0: not known
  std::vector<std::string> genres;
  std::string text;  // a description or keywords; may be empty
};

// Any number of threads may use it at a time. Whatever it answers is checked before it is used; its
// functions throw where it fails, and then a conversation does without it and says why.
class ChatAssistant {
 public:
  virtual ~ChatAssistant() = default;

  // What a text asks for.
  virtual ChatRequest read(std::string_view text, const ChatContext& context) const = 0;

  // One short question whose answer tells the items apart.
  virtual std::string question(std::span<const ChatDescription> items) const = 0;

  // A vector of each text, all of one length, whose cosines say how alike texts are. Nothing if it
  // has no vectors of any text.
  virtual std::optional<std::vector<std::vector<float>>> embed(
      std::span<const std::string> texts) const = 0;
};

}  // namespace tusk
