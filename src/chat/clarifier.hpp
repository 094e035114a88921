// Helping somebody choose: one question about a few items, and the items by its answer.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/chat.hpp>
#include <tusk/chat_assistant.hpp>
#include <tusk/title_index.hpp>

#include "chat/answer_match.hpp"
#include "chat/genre_words.hpp"

namespace tusk::chat {

// Any number of threads may use it at a time.
class Clarifier {
 public:
  // Model and index are borrowed. The assistant may be null.
  Clarifier(const Model& model, const TitleIndex& titles,
            std::shared_ptr<const ChatAssistant> assistant)
      : model_(model),
        titles_(titles),
        genres_(model.catalogue),
        assistant_(std::move(assistant)),
        match_(model) {}

  // Reads a text by the assistant into `read`, which has what the router reads. That stays where
  // there is no assistant, where it fails or understands nothing, and in place of titles and
  // ratings of titles that the text does not name. Sets read.notice if the assistant fails.
  void read(std::string_view text, const ChatContext& context, ChatReply& read) const;

  // A question about two or more items. Sets reply.notice if the assistant fails.
  std::string question(std::span<const Index> items, ChatReply& reply) const;

  // Takes a text for the answer to a question, if it is one: a title of one of its items, what is
  // not understood, or a list by genres, years and tone that some of the items have, and nothing
  // else. `reply` has what is read; it becomes the items by how they match, which become the
  // state's list. Returns false for what is no answer; reply.notice may be set even then.
  bool answer(ChatState& state, const ChatClarification& asked, std::string_view text,
              ChatReply& reply) const;

 private:
  ChatDescription description_of(Index item) const;
  std::vector<ChatDescription> descriptions_of(std::span<const Index> items) const;
  bool is_answer(const ChatClarification& asked, std::string_view text,
                 const ChatReply& read) const;
  std::optional<std::vector<float>> cosines_of(std::string_view text, std::span<const Index> items,
                                               ChatReply& reply) const;
  bool names_one(std::string_view text, std::span<const Index> items) const;
  void keep_named(ChatRequest& read, std::string_view text, const ChatContext& context,
                  const ChatRequest& routed) const;

  const Model& model_;
  const TitleIndex& titles_;
  GenreWords genres_;
  std::shared_ptr<const ChatAssistant> assistant_;
  AnswerMatch match_;
};

}  // namespace tusk::chat
