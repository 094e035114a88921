#include "llm/http_post.hpp"

#include <exception>
#include <memory>
#include <optional>

#include <curl/curl.h>
#include <fmt/format.h>

#include "support/text.hpp"

namespace tusk::llm {
namespace {

constexpr int kPollMilliseconds = 50;
constexpr long kDone = 200;

void start_curl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw Error("libcurl does not start");
}

std::optional<std::string> part_of(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  curl_url_get(url, which, &text, 0);
  const std::unique_ptr<char, decltype(&curl_free)> owner(text, &curl_free);
  return text == nullptr ? std::nullopt : std::optional<std::string>(text);
}

bool is_loopback(const std::string& name) {
  const std::string host = lower_case(name);
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") &&
          host.find_first_not_of("0123456789.") == std::string_view::npos);
}

// What a transfer has received so far.
struct Received {
  const HttpLimits& limits;
  std::string body;
  std::size_t header_bytes = 0;
  bool too_large = false;
  bool no_memory = false;
};

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* into) {
  Received& received = *static_cast<Received*>(into);
  received.too_large = size * count > received.limits.body_bytes - received.body.size();
  if (received.too_large) return 0;
  try {  // because curl is C, through which nothing can be thrown
    received.body.append(bytes, size * count);
  } catch (const std::exception&) {
    received.no_memory = true;
    return 0;
  }
  return size * count;
}

std::size_t take_header(char*, std::size_t size, std::size_t count, void* into) {
  Received& received = *static_cast<Received*>(into);
  received.header_bytes += size * count;
  received.too_large = received.header_bytes > received.limits.header_bytes;
  return received.too_large ? 0 : size * count;
}

// What curl keeps for one transfer.
class Transfer {
 public:
  Transfer()
      : easy_(curl_easy_init(), &curl_easy_cleanup),
        multi_(curl_multi_init(), &curl_multi_cleanup) {
    if (!easy_ || !multi_ || curl_multi_add_handle(multi_.get(), easy_.get()) != CURLM_OK) {
      throw Error("libcurl has no memory");
    }
  }
  ~Transfer() { curl_multi_remove_handle(multi_.get(), easy_.get()); }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  template <class Value>
  void set(CURLoption option, Value value) {
    if (curl_easy_setopt(easy_.get(), option, value) != CURLE_OK) {
      throw Error("libcurl lacks an option");
    }
  }

  void add_header(const std::string& line) {
    curl_slist* const longer = curl_slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) throw Error("libcurl has no memory");
    static_cast<void>(headers_.release());
    headers_.reset(longer);
  }

  CURLcode run(const std::function<bool()>& stop) {
    set(CURLOPT_HTTPHEADER, headers_.get());
    for (int running = 1; running > 0;) {
      if (curl_multi_perform(multi_.get(), &running) != CURLM_OK) return CURLE_FAILED_INIT;
      if (stop && stop()) throw Interrupted();
      if (running > 0 &&
          curl_multi_poll(multi_.get(), nullptr, 0, kPollMilliseconds, nullptr) != CURLM_OK) {
        return CURLE_FAILED_INIT;
      }
    }
    int left = 0;
    const CURLMsg* const message = curl_multi_info_read(multi_.get(), &left);
    return message == nullptr ? CURLE_FAILED_INIT : message->data.result;
  }

  // Whether there was a connection, by TLS where it is encrypted.
  bool connected() const {
    curl_off_t microseconds = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_PRETRANSFER_TIME_T, &microseconds);
    return microseconds > 0;
  }

  long status() const {
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

 private:
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers_{nullptr,
                                                                       &curl_slist_free_all};
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy_;
  std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi_;
};

[[noreturn]] void fail(CURLcode code, bool connected, const Received& received) {
  if (received.too_large) throw Error("its answer is too large");
  if (received.no_memory) throw Error("there is no memory for its answer");
  std::string reason = lower_case(curl_easy_strerror(code));
  if (code == CURLE_OPERATION_TIMEDOUT) {
    const std::chrono::duration<double> limit =
        connected ? received.limits.total : received.limits.connect;
    reason = fmt::format("no {} within {}", connected ? "answer" : "connection",
                         duration_text(limit.count()));
  }
  if (connected) throw Error(reason);
  throw ConnectError(reason);
}

std::string reason_of(long status) {
  std::string reason = fmt::format("it answers with status {}", status);
  constexpr long kRedirect = 3;
  constexpr long kHundred = 100;
  if (status / kHundred == kRedirect) return reason + ", and redirects are not followed";
  if (status == 401 || status == 403) return reason + ": is the key right?";
  if (status == 404) return reason + ": are URL and model right?";
  return reason;
}

}  // namespace

HttpUrl parse_http_url(std::string_view text) {
  // What these are in may be a password or a key, whatever else is wrong.
  if (text.find('@') != std::string_view::npos) {
    throw UsageError("the URL has a user or a password; a key is given in another way");
  }
  const bool secret = text.find_first_of("?#") != std::string_view::npos;
  const auto refuse = [&](std::string_view expected) {
    throw UsageError(fmt::format("{} is {}", secret ? "the URL" : in_quotes(text), expected));
  };
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), &curl_url_cleanup);
  const std::string whole(text);
  if (!url || curl_url_set(url.get(), CURLUPART_URL, whole.c_str(), 0) != CURLUE_OK ||
      text.find('\0') != std::string_view::npos) {
    refuse("no URL; it must be one such as http://127.0.0.1:8080");
  }
  const auto scheme = part_of(url.get(), CURLUPART_SCHEME);
  const auto host = part_of(url.get(), CURLUPART_HOST);
  if (scheme != "http" && scheme != "https") refuse("no URL by http or https");
  if (part_of(url.get(), CURLUPART_QUERY) || part_of(url.get(), CURLUPART_FRAGMENT)) {
    refuse("a URL with a query or a fragment, which must not be there");
  }
  const auto whole_url = part_of(url.get(), CURLUPART_URL);
  if (!host || !whole_url) throw Error("libcurl has no memory");
  HttpUrl parsed;
  parsed.text = *whole_url;
  while (parsed.text.ends_with('/')) parsed.text.pop_back();
  parsed.encrypted = scheme == "https";
  parsed.loopback = is_loopback(*host);
  return parsed;
}

std::string post_json(const HttpUrl& server, std::string_view path, const std::string& body,
                      const std::string& key, const HttpLimits& limits) {
  start_curl();
  Received received{limits, {}};
  Transfer transfer;
  const std::string url = server.text + std::string(path);
  transfer.set(CURLOPT_URL, url.c_str());
  transfer.set(CURLOPT_NOSIGNAL, 1L);
  transfer.set(CURLOPT_FOLLOWLOCATION, 0L);
#if LIBCURL_VERSION_NUM >= 0x075700
  transfer.set(CURLOPT_QUICK_EXIT, 1L);  // does not wait for a name that is being looked up
#endif
  if (!server.encrypted || server.loopback) transfer.set(CURLOPT_NOPROXY, "*");
  transfer.set(CURLOPT_POST, 1L);
  transfer.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  transfer.set(CURLOPT_POSTFIELDS, body.data());
  transfer.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
  transfer.set(CURLOPT_TIMEOUT_MS, static_cast<long>(limits.total.count()));
  transfer.set(CURLOPT_WRITEFUNCTION, &take_body);
  transfer.set(CURLOPT_WRITEDATA, &received);
  transfer.set(CURLOPT_HEADERFUNCTION, &take_header);
  transfer.set(CURLOPT_HEADERDATA, &received);
  transfer.add_header("Content-Type: application/json");
  transfer.add_header("Expect:");  // no waiting for a "100 Continue"
  if (!key.empty()) transfer.add_header("Authorization: Bearer " + key);
  const CURLcode code = transfer.run(limits.stop);
  if (code != CURLE_OK) fail(code, transfer.connected(), received);
  if (transfer.status() != kDone) throw Error(reason_of(transfer.status()));
  return std::move(received.body);
}

}  // namespace tusk::llm
