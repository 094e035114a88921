// The model file that a command reads.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include <tusk/model_file.hpp>

namespace tusk::cli {

class ModelOption {
 public:
  void declare(CLI::App& app) {
    app.add_option("MODEL", path_, "model file")->required();
    app.add_flag(
        "--no-verify", no_verify_,
        "do not verify the model file's checksum, which reads a very large file once more");
  }

  const std::string& path() const { return path_; }

  // Throws FormatError as load_model() does.
  Model load() const { return load_model(path_, no_verify_ ? Checksum::ignore : Checksum::verify); }

 private:
  std::string path_;
  bool no_verify_ = false;
};

}  // namespace tusk::cli
