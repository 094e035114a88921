// What a language model is asked.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <tusk/chat_assistant.hpp>
#include <tusk/json.hpp>

namespace tusk::llm {

// Bodies of requests for chat completions. Titles, genres, descriptions and what the person says
// are in JSON texts of the user's message, and the system's says that they are data.
Json reading_request(const std::string& model, std::string_view text, const ChatContext& context);
Json question_request(const std::string& model, std::span<const ChatDescription> items);

}  // namespace tusk::llm
