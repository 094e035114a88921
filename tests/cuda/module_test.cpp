// Finding the CUDA module, and what is said where it or a GPU cannot be had.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <tusk/device.hpp>

#include "cuda/cuda_driver.hpp"
#include "cuda/cuda_module.hpp"
#include "support/module_interface.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

namespace fs = std::filesystem;

LoadedCudaModule load(const std::vector<std::string>& places) { return load_cuda_module(places); }

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

TEST(CudaModule, OfThisBuildIsTaken) {
  const auto loaded = load({"/nowhere/libtusk_cuda.so", TUSK_FAKE_MODULE_GOOD});
  ASSERT_NE(loaded.module, nullptr) << loaded.problem;
  EXPECT_EQ(loaded.module->cuda_version, 12345);
  EXPECT_EQ(loaded.file, TUSK_FAKE_MODULE_GOOD);
  EXPECT_EQ(loaded.problem, "");
}

TEST(CudaModule, OfAnotherBuildIsRefusedBeforeAnythingOfItIsUsed) {
  const auto loaded = load({TUSK_FAKE_MODULE_OTHER});
  EXPECT_EQ(loaded.module, nullptr);
  EXPECT_TRUE(mentions(loaded.problem, "another build")) << loaded.problem;
  EXPECT_TRUE(mentions(loaded.problem, "0.0.0-other")) << loaded.problem;
  EXPECT_TRUE(mentions(loaded.problem, TUSK_FAKE_MODULE_OTHER)) << loaded.problem;
}

TEST(CudaModule, ThatSaysNothingIsRefused) {
  const auto loaded = load({TUSK_FAKE_MODULE_SILENT});
  EXPECT_EQ(loaded.module, nullptr);
  EXPECT_TRUE(mentions(loaded.problem, "it says nothing")) << loaded.problem;
}

TEST(CudaModule, WithoutItsFunctionIsRefused) {
  const auto loaded = load({TUSK_FAKE_MODULE_EMPTY});
  EXPECT_EQ(loaded.module, nullptr);
  EXPECT_TRUE(mentions(loaded.problem, "lacks tusk_cuda_module")) << loaded.problem;
}

TEST(CudaModule, ThatIsNoLibraryIsRefusedWithItsName) {
  const test::TempFolder folder;
  const std::string file = folder.path() / "libtusk_cuda.so";
  std::ofstream(file) << "no library";
  const auto loaded = load({file, TUSK_FAKE_MODULE_GOOD});
  EXPECT_EQ(loaded.module, nullptr) << "the first that exists decides";
  EXPECT_TRUE(mentions(loaded.problem, "cannot be loaded")) << loaded.problem;
  EXPECT_TRUE(mentions(loaded.problem, file)) << loaded.problem;
}

TEST(CudaModule, ThatIsNotThereIsSaidToBeMissing) {
  const auto loaded = load({"/nowhere/libtusk_cuda.so", "/nowhere/else.so"});
  EXPECT_EQ(loaded.file, "");
  EXPECT_TRUE(mentions(loaded.problem, "there is no CUDA module")) << loaded.problem;
  EXPECT_TRUE(mentions(loaded.problem, "/nowhere/libtusk_cuda.so")) << loaded.problem;
}

// A program in a folder of its own. Modules of another build are refused with their names, which
// shows where one was found.
class CudaModuleOfProgram : public testing::Test {
 protected:
  CudaModuleOfProgram() {
    fs::create_directories(folder_.path() / "bin");
    fs::copy_file(test::tusk_program(), program_);
  }

  // Where `tusk doctor` finds the module, run in `current` with this LD_LIBRARY_PATH; empty for
  // nowhere.
  std::string found(const fs::path& current, const fs::path& library_path = {}) {
    const fs::path report = folder_.path() / "report.json";
    const std::string command =
        fmt::format("cd '{}' && LD_LIBRARY_PATH='{}' '{}' doctor --json > '{}' 2>&1",
                    current.string(), library_path.string(), program_.string(), report.string());
    EXPECT_EQ(std::system(command.c_str()), 0);
    std::ifstream in(report);
    const auto module = nlohmann::json::parse(in).at("cuda_module");
    return module.is_null() ? "" : module.get<std::string>();
  }

  // Puts a module there.
  fs::path put(const std::string& folder) {
    const fs::path file = folder_.path() / folder / kCudaModuleFile;
    fs::create_directories(file.parent_path());
    fs::copy_file(TUSK_FAKE_MODULE_OTHER, file);
    return file;
  }

  const test::TempFolder folder_;
  const fs::path program_ = folder_.path() / "bin" / "tusk";
};

TEST_F(CudaModuleOfProgram, IsNotTakenFromTheCurrentFolderOrTheLibraryPath) {
  const fs::path elsewhere = put("elsewhere").parent_path();
  EXPECT_EQ(found(elsewhere), "");
  EXPECT_EQ(found("/", elsewhere), "");
  EXPECT_EQ(found(elsewhere, "."), "");
  EXPECT_EQ(load({"./libtusk_cuda.so", "libtusk_cuda.so"}).file, "");
}

TEST_F(CudaModuleOfProgram, IsTakenFromTheLibraryFolderAndBeforeFromBesideTheProgram) {
  const std::string installed =
      put((fs::path("bin") / kLibraryFolderFromPrograms).lexically_normal().string());
  EXPECT_EQ(found("/"), installed);
  const std::string beside = put("bin");
  EXPECT_EQ(found("/"), beside);
}

TEST(CudaModule, IsFoundByThisProgramIfItWasBuilt) {
  EXPECT_EQ(cuda_module().module != nullptr, TUSK_HAS_CUDA_MODULE) << cuda_module().problem;
}

constexpr CudaModule kModule{13000, nullptr, nullptr};

// A machine with all that is needed, from which the tests take something away.
struct Machine {
  LoadedCudaModule loaded{"libtusk_cuda.so", &kModule, ""};
  CudaDriver driver{true, 13010, "", {{"GPU A", "9.0", 1}, {"GPU B", "8.0", 1}}};

  std::string refusal(int device = 0) const { return cuda_refusal(loaded, driver, device); }
};

TEST(CudaRefusal, IsEmptyWhereNothingIsMissing) {
  EXPECT_EQ(Machine().refusal(), "");
  EXPECT_EQ(Machine().refusal(1), "");
}

TEST(CudaRefusal, NamesWhatIsMissing) {
  Machine no_module;
  no_module.loaded = {"", nullptr, "there is no CUDA module"};
  EXPECT_EQ(no_module.refusal(), "there is no CUDA module");

  Machine no_driver;
  no_driver.driver = {};
  EXPECT_TRUE(mentions(no_driver.refusal(), "no NVIDIA driver"));

  Machine old_driver;
  old_driver.driver.version = 12080;
  EXPECT_TRUE(mentions(old_driver.refusal(), "too old: it knows CUDA 12.8, and CUDA 13.0"));

  Machine broken;
  broken.driver.problem = "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH";
  broken.driver.gpus.clear();
  EXPECT_TRUE(mentions(broken.refusal(), "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"));

  Machine no_gpu;
  no_gpu.driver.gpus.clear();
  EXPECT_TRUE(mentions(no_gpu.refusal(), "shows no GPU"));

  EXPECT_TRUE(mentions(Machine().refusal(2), "no GPU number 2: this machine has cuda:0 to cuda:1"));
}

TEST(CudaStatus, AgreesWithItself) {
  const CudaStatus status = probe_cuda();
  EXPECT_EQ(status.usable, status.reason.empty());
  EXPECT_FALSE(probe_cuda(1000).usable);
}

}  // namespace
}  // namespace tusk
