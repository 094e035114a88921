// A language model behind an HTTP interface like that of OpenAI: llama.cpp's server, Ollama, vLLM
// or a hosted one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <tusk/chat_assistant.hpp>

namespace tusk {

struct LlmOptions {
  std::string url;                  // "http://127.0.0.1:8080", with or without "/v1" at the end
  std::string model;                // its name at the server
  std::string embedding_model;      // empty: `model` itself
  std::string key;                  // sent as a bearer token and nowhere else; empty: none is
  double timeout = 30;              // seconds for a whole answer
  double connect_timeout = 5;       // seconds, of these
  double retry_after = 30;          // seconds without a call after one that could not connect
  std::function<bool()> stop = {};  // asked 20 times a second; true ends a call by Interrupted
};

// Whether texts and key would go over a network without encryption: by http, to another machine.
// Throws UsageError for what is no URL of a server.
bool sends_in_the_clear(std::string_view url);

// Calls no server before it is used. Its functions throw Error, which says why in words that
// contain neither the key nor the answer; for `retry_after` seconds after a failure to connect
// they throw the same at once. Throws UsageError for options that cannot work.
std::shared_ptr<const ChatAssistant> open_llm(const LlmOptions& options);

}  // namespace tusk
