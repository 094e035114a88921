// The sentences of a conversation.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <tusk/chat.hpp>
#include <tusk/model.hpp>

#include "chat/chat_lists.hpp"

namespace tusk::chat {

// Above a list: "5 titles like Heat (1995) (Comedy; 1990 to 1999):", with `end` behind it.
std::string list_heading(const Model& model, const ChatState& state, const MadeList& made,
                         bool continued, char end);
// "Noted: Alien (1979) 5; Cats (2019) 1.", and which items the model knows no ratings of.
std::string ratings_noted(const Model& model,
                          std::span<const std::pair<Index, std::optional<float>>> ratings);
std::string conditions_text(const ChatState& state);
std::string help_text(bool knows_person);
std::string not_understood_text();
// "I cannot look for "by Tarantino": ..."
std::string unsupported_text(std::span<const std::string> said);
// Where another number of titles is asked for than a list can have; else nothing.
std::string count_limit_text(int asked);
std::string explanation_text(const Model& model, std::span<const ChatItem> explained);
// "There is no title "Xyz" here; did you mean A or B?"
std::string unknown_title_text(const std::string& title, std::vector<std::string> near);
std::string unknown_genre_text(const std::string& genre, const std::vector<std::string>& known);

}  // namespace tusk::chat
