#pragma once
#include <optional>
#include <vector>

#include "backend/json_api.hpp"

namespace shotwire::backend::dashscope {

// The task object of Model Studio.

// What it says of itself. An unknown word is rendering; no word is an Error (provider).
Result<JobState> state_of(const json& reply, const JsonApi& api);

// A number counts from 1970, in milliseconds. Text bears no zone: it is read as UTC and as UTC+8, the earlier first. Empty: no time.
std::vector<core::Wall> readings_of(const json& time);

// When a lost task was created, by the clock of the provider.
struct Window {
    core::Wall from, to;
    bool sure = false;  // the provider told its time
    // `at`: when the request left by our clock. The answer's Date tells how wrong that is; where it has none the window is wide.
    static Window around(core::Wall at, core::Wall now, const http::Response& response);
    bool holds(const json& time, std::chrono::seconds more = {}) const;  // also where there is none; with so much more at both ends
};

// Whether a row of the list is of the order's model.
bool same_model(const json& row, const Order& order);
// Whether the task is that order, whenever it was made. A task tells its prompt when it has succeeded: none where it cannot be said yet.
std::optional<bool> matches(const json& reply, const Order& order);

}  // namespace shotwire::backend::dashscope
