#include "report/documents.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/text.hpp"

namespace shotwire::report {

json price_document(const Price& price) {
    json document{{"usd", nullptr}, {"upper_bound", price.upper_bound}, {"as_of", nullptr}};
    if (price.amount) document["usd"] = double(price.amount->micros) / 1e6;
    if (!price.as_of.empty()) document["as_of"] = price.as_of;
    return document;
}

std::string print_price(const Price& price) {
    if (!price.amount) return "unknown";
    if (price.amount->micros == 0) return "free";
    return fmt::format("{}USD {}", price.upper_bound ? "at most " : "", to_string(*price.amount));
}

std::string kind_word(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::usage: return "usage";
        case ErrorKind::auth: return "auth";
        case ErrorKind::rejected: return "rejected";
        case ErrorKind::rate_limited: return "rate_limited";
        case ErrorKind::network: return "network";
        case ErrorKind::provider: return "provider";
        case ErrorKind::pending: return "pending";
        case ErrorKind::local: return "local";
        case ErrorKind::budget: return "budget";
        case ErrorKind::unknown: return "unknown";
        case ErrorKind::mismatch: return "mismatch";
        case ErrorKind::quality: return "quality";
        case ErrorKind::partial: return "partial";
        case ErrorKind::bug: return "bug";
        case ErrorKind::cancelled: return "cancelled";
    }
    return "bug";
}

json error_document(const Error& error) {
    json document{{"schema", "shotwire.error/1"}, {"exit", int(error.kind)}, {"kind", kind_word(error.kind)}};
    document["messages"] = core::split(error.message, '\n');
    if (error.retry_after) document["retry_after_seconds"] = double(error.retry_after->count()) / 1000;
    return document;
}

std::string job_line(const job::Row& row, const std::optional<Error>& error, const std::string& clip, const std::string& batch_row) {
    core::ObjectWriter out;
    out.text("schema", "shotwire.clip/1");
    if (!batch_row.empty()) out.text("row", batch_row);
    out.text("id", row.id.text).text("state", to_string(row.stage));
    if (clip.empty()) out.written("clip", "null");
    else out.text("clip", clip);
    out.number("exit", code_of(error));
    out.written("error", error ? std::move(core::ObjectWriter().text("kind", kind_word(error->kind)).text("message", error->message)).take() : "null");
    out.value("counted_usd", double(job::cost_of(row).micros) / 1e6);  // as `spend` does: with earlier sendings whose outcome stayed open
    job::write_clip(out, row);
    return std::move(out).take();
}

json job_document(const job::Row& row, const std::optional<Error>& error) { return core::json_of(job_line(row, error, row.clip)); }

int code_of(const std::optional<Error>& error) {
    if (!error) return 0;
    return int(error->kind == ErrorKind::cancelled && error->lasting ? ErrorKind::provider : error->kind);
}

int exit_code(const std::vector<int>& codes) {
    for (const auto kind : {ErrorKind::bug, ErrorKind::cancelled, ErrorKind::local})
        if (std::find(codes.begin(), codes.end(), int(kind)) != codes.end()) return int(kind);
    const bool alike = std::all_of(codes.begin(), codes.end(), [&](int code) { return code == codes.front(); });
    return codes.empty() ? 0 : alike ? codes.front() : int(ErrorKind::partial);
}

}  // namespace shotwire::report
