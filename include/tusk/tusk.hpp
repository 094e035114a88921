// All of the public interface.
#pragma once

#include <tusk/backend.hpp>
#include <tusk/data_match.hpp>
#include <tusk/dataset.hpp>
#include <tusk/devices.hpp>
#include <tusk/error.hpp>
#include <tusk/evaluate.hpp>
#include <tusk/folds.hpp>
#include <tusk/knn.hpp>
#include <tusk/list_order.hpp>
#include <tusk/metric.hpp>
#include <tusk/model.hpp>
#include <tusk/model_file.hpp>
#include <tusk/paired.hpp>
#include <tusk/predict.hpp>
#include <tusk/ranking.hpp>
#include <tusk/recommend.hpp>
#include <tusk/search.hpp>
#include <tusk/self_test.hpp>
#include <tusk/similar.hpp>
#include <tusk/split.hpp>
#include <tusk/synthetic.hpp>
#include <tusk/train.hpp>
#include <tusk/types.hpp>
#include <tusk/version.hpp>
