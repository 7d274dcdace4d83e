#include "batch/csv.hpp"

#include <csv.h>

#include <exception>
#include <new>

namespace shotwire::batch {
namespace {

struct State {
    const std::function<void(const std::vector<std::string>&, std::size_t)>& on_row;
    std::vector<std::string> cells = {};
    std::size_t line = 1, begins = 1;
    bool ended = false;  // a row did, in this line
    std::exception_ptr thrown = {};
};

// Nothing may be thrown through C.
template <class Call>
void guarded(State& state, Call call) noexcept {
    if (state.thrown) return;
    try {
        call();
    } catch (...) {
        state.thrown = std::current_exception();
    }
}

void cell(void* text, std::size_t size, void* to) noexcept {
    auto& state = *static_cast<State*>(to);
    guarded(state, [&] { state.cells.emplace_back(static_cast<const char*>(text), size); });
}

void end_of_row(int, void* to) noexcept {
    auto& state = *static_cast<State*>(to);
    guarded(state, [&] {
        state.on_row(state.cells, state.begins);
        state.cells.clear();
        state.begins = state.line + 1;
        state.ended = true;
    });
}

}  // namespace

std::optional<CsvFault> read_csv(std::string_view text, const std::function<void(const std::vector<std::string>&, std::size_t)>& on_row) {
    csv_parser parser;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0) throw std::bad_alloc();
    State state{on_row};
    std::optional<CsvFault> fault;
    const auto failed = [&] {
        const auto code = csv_error(&parser);
        const std::string why = code == CSV_EPARSE ? "a quote is open, or text stands behind the one that closes it; a quote within a cell is written twice" : csv_strerror(code);
        fault = CsvFault{state.begins, "the row that begins here is no CSV: " + why};
    };
    // Line by line: libcsv does not tell where it is, and a row's first cell may be open over lines, also over empty ones.
    bool open = false;
    while (!text.empty() && !fault) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end == text.npos ? text.size() : end + 1);
        state.ended = false;
        if (csv_parse(&parser, line.data(), line.size(), cell, end_of_row, &state) != line.size()) failed();
        const bool blank = line.find_first_not_of(" \t\r\n") == line.npos;
        if (state.ended || (blank && !open)) state.begins = state.line + 1;
        open = !state.ended && (open || !blank);
        text.remove_prefix(line.size());
        ++state.line;
    }
    if (!fault && csv_fini(&parser, cell, end_of_row, &state) != 0) failed();
    csv_free(&parser);
    if (state.thrown) std::rethrow_exception(state.thrown);
    return fault;
}

}  // namespace shotwire::batch
