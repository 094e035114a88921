// The question that helps somebody choose.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <tusk/chat_assistant.hpp>

namespace tusk::chat {

// One short question about what divides the items: two genres or a year, whichever tells more pairs
// of items apart; else one genre, two words of titles, or which of the titles it is to be.
std::string question_about(std::span<const ChatDescription> items);

// The first question of a text by somebody who is not trusted, as one line of at most 200
// characters without any that are hidden; nothing if there is no such question, or a link in it.
std::optional<std::string> clean_question(std::string_view text);

}  // namespace tusk::chat
