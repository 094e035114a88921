#!/usr/bin/env bash
# Everything that wants a GPU, on a machine that has one: builds, runs the GPU's tests, also under
# compute-sanitizer, times training, tuning and top-K search, and prints one report. Needs nvcc, CMake and
# the packages that cmake/debian-packages.txt lists; PyTorch is timed beside Tusk where it is
# installed. Meant to be done in 8 minutes: what would begin later than $TUSK_GPU_MINUTES (7) after
# the start is skipped, and said to be.
set -uo pipefail
cd "$(dirname "$0")/.."

minutes=${TUSK_GPU_MINUTES:-7}
build=build/gpu
data=${TUSK_GPU_DATA:-data}
log=$build/log
failed=0

note() { printf '%s\n' "$*" >&2; }
left() { echo $((minutes * 60 - SECONDS)); }
# NAME COMMAND...: runs it, be it an exported function, its output in a file, and puts a line into the report.
check() {
  local name=$1 begin=$SECONDS result
  shift
  if [ "$(left)" -le 0 ]; then
    echo "| $name | skipped: no time left | |" >>$log/report
    return
  fi
  note "$name ..."
  timeout "$(left)" bash -c '"$@"' check "$@" >"$log/$name.txt" 2>&1
  result=$?
  if [ $result = 0 ]; then
    echo "| $name | passed | $((SECONDS - begin)) s |" >>$log/report
  else
    failed=1
    echo "| $name | FAILED with $result, see $log/$name.txt | $((SECONDS - begin)) s |" >>$log/report
    tail -n 25 "$log/$name.txt" >&2
  fi
}

command -v nvcc >/dev/null || [ -x /usr/local/cuda/bin/nvcc ] || { note "nvcc is not here"; exit 1; }
export PATH=$PATH:/usr/local/cuda/bin
mkdir -p $log "$data"
printf '| check | result | time |\n|---|---|---|\n' >$log/report

# Code for the GPU that is here only: it compiles faster.
architecture=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | head -n 1 |
  tr -d . || true)
configure() {
  cmake -S . -B $build -DCMAKE_BUILD_TYPE=Release -DTUSK_CUDA=ON -DTUSK_BUILD_TESTS=ON \
    -DTUSK_BUILD_GPU_BENCH=ON ${architecture:+-DCMAKE_CUDA_ARCHITECTURES=$architecture} &&
    cmake --build $build -j "$(nproc)" --target tusk_cli tusk_cuda tusk_parity_tests tusk_cuda_tests \
      tusk_copy_bandwidth tusk_gpu_training tusk_gpu_topk tusk_gpu_neighbours tusk_gpu_grid
}
export build data architecture
export -f configure
check build configure
[ $failed = 0 ] || { cat $log/report; exit 1; }
if ! $build/tusk doctor --json | grep -q '"cuda_usable":true'; then
  $build/tusk doctor
  note "there is no GPU that can be used; nothing was measured"
  exit 5
fi

twins=()
make_twin() {
  [ -f "$data/twin-$1/ratings.csv" ] || $build/tusk data synth --like "$1" --out "$data/twin-$1"
}
export -f make_twin
# A twin that was made before the time was up joins those that are timed.
add_twin() {
  check "twin-$1" make_twin "$1"
  [ -f "$data/twin-$1/ratings.csv" ] && twins+=("$data/twin-$1")
}

# Tests of large data train and search for long, which a sanitizer makes endless.
gpu_tests() {
  "${@:2}" $build/tusk_parity_tests --gtest_brief=1 --gtest_filter="*cuda*:Strata.*Gpu*$1" &&
    "${@:2}" $build/tusk_cuda_tests --gtest_brief=1 --gtest_filter='CudaGpu.*'
}
export -f gpu_tests
check tests gpu_tests ':CudaAccuracy.*:*CudaSimilar*'

check topk $build/tusk_gpu_topk
if python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then
  check topk-torch python3 bench/gpu/topk_torch.py
else
  echo "| topk-torch | skipped: no PyTorch for this GPU | |" >>$log/report
fi

# Data of the size that is tuned: the real one if it is here.
small=$data/ml-latest-small
if [ ! -f "$small/ratings.csv" ]; then
  add_twin ml-100k
  small=$data/twin-ml-100k
fi
check grid $build/tusk_gpu_grid "$small"
twins=()

add_twin ml-1m
add_twin ml-10m
add_twin ml-25m
copy=$($build/bench/gpu/tusk_copy_bandwidth)
check training $build/tusk_gpu_training training "$copy" "${twins[@]}"
check kernels $build/tusk_gpu_training kernels "$copy" "${twins[@]}"
# Epochs of iALS, and EASE of all items of ml-1m; of ml-25m it takes 28 GB of the machine's memory.
dense() {
  local twin factors solver
  for twin in "$@"; do
    for solver in cg cholesky; do
      for factors in 64 128 256; do
        echo "ials, $twin, $factors factors, $solver"
        $build/tusk train "$twin" --device cuda --model ials --factors $factors --solver $solver \
          --epochs 3 --out $build/dense.safetensors || return
      done
    done
    echo "ease, $twin"
    time $build/tusk train "$twin" --device cuda --model ease --out $build/dense.safetensors || return
  done
}
export -f dense
check dense dense "${twins[@]}"
# Sweeps of Gibbs sampling without links; the mark is 512 of ml-10m with 128 factors in 60 s.
sampling() {
  local twin factors
  for twin in "$@"; do
    for factors in 8 32 128 256; do
      echo "bayes, $twin, $factors factors, 32 sweeps"
      time $build/tusk train "$twin" --device cuda --model bayes --factors $factors --link none --sweeps 32 --burn-in 16 \
        --draws 0 --out $build/sampling.safetensors || return
    done
    case $twin in *ml-10m) ;; *) continue ;; esac
    echo "bayes, $twin, 128 factors, 512 sweeps"
    time $build/tusk train "$twin" --device cuda --model bayes --factors 128 --link none --sweeps 512 --burn-in 256 \
      --draws 0 --out $build/sampling.safetensors || return
  done
}
export -f sampling
sampled_twins=()
for twin in "${twins[@]}"; do
  case $twin in *ml-1m | *ml-10m) sampled_twins+=("$twin") ;; esac
done
[ ${#sampled_twins[@]} = 0 ] || check sampling sampling "${sampled_twins[@]}"
neighbour_twins=()
for twin in "${twins[@]}"; do
  case $twin in *ml-1m | *ml-25m) neighbour_twins+=("$twin") ;; esac
done
[ ${#neighbour_twins[@]} = 0 ] || check neighbours $build/tusk_gpu_neighbours "${neighbour_twins[@]}"
twins=()
add_twin netflix
[ ${#twins[@]} = 0 ] || check kernels-netflix $build/tusk_gpu_training kernels "$copy" "${twins[@]}"

if command -v compute-sanitizer >/dev/null; then
  # Memory that tests let run out is no error of the program.
  memcheck() { gpu_tests '' compute-sanitizer --tool memcheck --report-api-errors no --error-exitcode 9; }
  # Looks at every access to shared memory, for minutes with larger tests.
  racecheck() {
    compute-sanitizer --tool racecheck --error-exitcode 9 $build/tusk_parity_tests --gtest_brief=1 \
      --gtest_filter='*TrainsOddShapes/cuda_det*:*GivesTheSameBits*/cuda_det*:*SimilarSession*FindsTheNearest*/cuda_cosine:*TopKSession*.UsersWho*/cuda:*TopKSession*.TiesAre*/cuda:*TopKSession*.TakesManyFactors/cuda'
  }
  export -f memcheck racecheck
  check memcheck memcheck
  check racecheck racecheck
else
  echo "| memcheck, racecheck | skipped: no compute-sanitizer | |" >>$log/report
fi

{
  $build/tusk doctor | grep -E '^(build|CUDA|GPU|CPU )'
  echo "copy bandwidth $copy GB/s, read plus written"
  echo
  cat $log/report
  for table in grid topk topk-torch neighbours dense sampling training kernels kernels-netflix; do
    [ -f $log/$table.txt ] && echo && cat $log/$table.txt
  done
} | tee $log/gpu.md
exit $failed
