// What the files compiled once for each instruction set define, in the namespace that TUSK_ISA
// names. What differs between instruction sets stands in isa_policy.hpp. They call no inline
// function of a library: the linker could take their copy of it for a processor that cannot run it.
#pragma once

#include "cpu/kernels.hpp"

namespace tusk::TUSK_ISA {

// As the members of CpuKernels.
double sgd(const SgdModel& model, const SgdRates& rates, const RunOrder& order, const Index* item,
           const float* rating);
ErrorSums validation_errors(const SgdModel& model, RatingScale scale, const Index* user,
                            const Index* item, const float* rating, std::size_t count);
std::size_t score_panel(const PanelRow& bias, const PanelRow* items, const GroupRow* users,
                        int factors, int groups, const float* threshold, Passing* passing);
void draw_vectors(const GibbsRows& rows);
void dense(const DenseProduct& product);
void rectify(float* values, int rows, int outputs, const float* bias);
void rectify_gradient(std::size_t count, const float* outputs, float by, float* gradient);
void drop(const DroppedRows& rows);
void score_bytes(const ByteRow* items, const float* user, int factors, std::size_t panels,
                 float* scores);

extern const SimilarityKernel kSimilarityKernels[];
extern const AlsKernel kAlsKernel;
extern const CpuKernels kKernels;

}  // namespace tusk::TUSK_ISA
