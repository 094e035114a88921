// Serving a model file until a signal ends it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <tusk/chat_assistant.hpp>
#include <tusk/list_order.hpp>
#include <tusk/model_file.hpp>

#include "server/http_options.hpp"

namespace tusk::server {

struct ServeOptions {
  std::filesystem::path model;
  Checksum checksum = Checksum::verify;
  std::function<ListOrder(const Model&)> order = order_of;  // of the model's lists
  std::filesystem::path feedback;                           // empty: none is kept
  bool watch = false;  // read the model again when its file changes
  // Opens what helps in conversations; empty, or null: nothing does. `stop` may be called until
  // serve() returns; when it is true, the assistant must throw Interrupted soon.
  std::function<std::shared_ptr<const ChatAssistant>(std::function<bool()> stop)> open_assistant =
      {};
  HttpOptions http;
  // Called when requests are answered, with the port.
  std::function<void(std::uint16_t port)> on_ready = {};
  // Take what a person should know, and what went wrong while all goes on: why an assistant failed,
  // too, each reason once. Called by any thread, one at a time.
  std::function<void(const std::string&)> on_note = {};
  std::function<void(const std::string&)> on_warning = {};
};

// Returns after SIGTERM or SIGINT, when the requests that run have their answers, or after
// Limits::stop_time; a second signal ends them. SIGHUP reads the model again: answers come from the
// old one until the new one is open, and from then on if it cannot be read. A terminal that is
// closed, whose signal that is too, ends the server. Throws FormatError for the model, and what
// HttpServer and FeedbackFile throw.
void serve(const ServeOptions& options);

}  // namespace tusk::server
