// What is taken of the answers of a language model's server, which may be anything.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/json.hpp>

namespace tusk::llm {

// The text that a chat completion has, whether it is sent at once or as server-sent events. Throws
// Error for all else.
std::string content_of_completion(std::string_view body);

// The JSON that the text is, perhaps within a code fence or behind <think>...</think>. Throws Error
// for any other text.
Json json_of_content(std::string_view content);

// The vectors of so many texts: of one length, finite and not 0. Throws Error for all else.
std::vector<std::vector<float>> vectors_of_embeddings(std::string_view body, std::size_t count);

}  // namespace tusk::llm
