// Tables of many values that are all written before they are read.
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

#include "support/huge_pages.hpp"

namespace tusk {

// Like a vector of fixed size in large pages whose values are not set, so that the threads that
// write them also share the work of getting their memory.
template <class T>
class LargeArray {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  LargeArray() = default;
  LargeArray(LargeArray&& other) noexcept
      : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}
  LargeArray& operator=(LargeArray&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }
  explicit LargeArray(std::size_t size)
      : data_(static_cast<T*>(::operator new(size * sizeof(T)))), size_(size) {
    advise_huge_pages(data_.get(), size * sizeof(T));
  }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](std::size_t at) { return data_.get()[at]; }
  const T& operator[](std::size_t at) const { return data_.get()[at]; }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }

 private:
  struct Delete {
    void operator()(T* data) const { ::operator delete(data); }
  };

  std::unique_ptr<T, Delete> data_;
  std::size_t size_ = 0;
};

}  // namespace tusk
