// Helping somebody choose: one question about a few items, and the items by its answer.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/chat.hpp>
#include <tusk/chat_assistant.hpp>
#include <tusk/title_index.hpp>

#include "chat/answer_match.hpp"

namespace tusk::chat {

// Any number of threads may use it at a time.
class Clarifier {
 public:
  // Model and index are borrowed. The assistant may be null.
  Clarifier(const Model& model, const TitleIndex& titles,
            std::shared_ptr<const ChatAssistant> assistant)
      : model_(model), titles_(titles), assistant_(std::move(assistant)), match_(model) {}

  // Reads a text by the assistant. Where there is none, where it fails, and where it understands
  // nothing, by `routed`, which is what the router reads.
  ChatReply read(std::string_view text, const ChatContext& context,
                 const ChatRequest& routed) const;

  // Asks about two or more items. Into `reply` goes how the question was made.
  ChatClarification ask(std::vector<Index> items, ChatReply& reply) const;

  // Whether a text is an answer to a question that is open: a title of one of its items, or what
  // the router does not understand, or takes for a list by genres, years and tone and nothing else.
  bool is_answer(const ChatClarification& asked, std::string_view text,
                 const ChatRequest& routed) const;

  // The items by how they match the answer, which become the state's list; nothing if nothing
  // matches and the router takes the text for a request.
  std::optional<ChatReply> answer(ChatState& state, std::string_view text,
                                  const ChatRequest& routed) const;

 private:
  ChatDescription description_of(Index item) const;
  std::vector<ChatDescription> descriptions_of(std::span<const Index> items) const;
  std::vector<float> match(std::string_view text, const ChatRequest& routed,
                           std::span<const Index> items, ChatReply& reply) const;
  bool names_one(std::string_view text, std::span<const Index> items) const;

  const Model& model_;
  const TitleIndex& titles_;
  std::shared_ptr<const ChatAssistant> assistant_;
  AnswerMatch match_;
};

}  // namespace tusk::chat
