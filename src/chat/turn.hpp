// One turn of a conversation.
#pragma once

#include <string>
#include <vector>

#include <tusk/chat.hpp>
#include <tusk/title_index.hpp>

#include "chat/chat_lists.hpp"
#include "chat/clarifier.hpp"

namespace tusk::chat {

// What a turn is taken with.
struct ChatParts {
  const Model& model;
  const std::vector<std::string>& genres;
  const TitleIndex& titles;
  const ChatLists& lists;
  const Clarifier& clarifier;
};

// As Chat::answer() does.
ChatReply take_turn(const ChatParts& parts, ChatState& state, const ChatRequest& request);

}  // namespace tusk::chat
