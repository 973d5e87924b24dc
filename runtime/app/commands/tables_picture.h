// SPDX-License-Identifier: Apache-2.0
// Tables that reload, as `status` and `tables` print them. Main thread; no failure.
#pragma once

#include <boost/json/array.hpp>

namespace smarthl7::app {

/// Nothing if there are none.
void print_tables(const boost::json::array& tables);

}  // namespace smarthl7::app
