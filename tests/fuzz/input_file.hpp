// Bytes as a file that a reader opens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace tusk::test {

// What a fuzzer calls. A tusk::Error is an answer; anything else that is thrown ends the program.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// A file of this process's own, in memory where the machine has /dev/shm, with the bytes in it.
// The folder holds nothing but files made by this function.
std::filesystem::path input_file(const std::string& name, const std::uint8_t* data,
                                 std::size_t size);

}  // namespace tusk::test
