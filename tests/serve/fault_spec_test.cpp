#include <catch2/catch.hpp>
#include <string>

#include "serve/fault.hpp"

using namespace shotwire;

TEST_CASE("a fault is read from its words") {
    const auto fault = serve::parse_fault("content:truncate=1000:x2:p0.5:skip3");
    REQUIRE(fault);
    CHECK(fault->endpoint == "content");
    CHECK(fault->kind == "truncate");
    CHECK(fault->value == "1000");
    CHECK(fault->count == 2);
    CHECK(fault->probability == 0.5);
    CHECK(fault->skip == 3);
    CHECK(serve::parse_fault("any:503"));
    CHECK(serve::parse_fault("content:length=-100"));
    CHECK(serve::parse_fault("create:moderation=job"));
}

TEST_CASE("a wrong fault is refused, naming the part that is wrong") {
    const auto refusal = [](const std::string& spec) {
        const auto fault = serve::parse_fault(spec);
        REQUIRE_FALSE(fault);
        CHECK(fault.error().kind == ErrorKind::usage);
        return fault.error().message;
    };
    CHECK(refusal("429").find("ENDPOINT:KIND") != std::string::npos);
    CHECK(refusal("creat:429").find("\"creat\"") != std::string::npos);
    CHECK(refusal("create:explode").find("\"explode\"") != std::string::npos);
    CHECK(refusal("create:418").find("\"418\"") != std::string::npos);
    CHECK(refusal("create:5xx").find("\"5xx\"") != std::string::npos);
    CHECK(refusal("create:429=soon").find("\"soon\"") != std::string::npos);
    CHECK(refusal("create:reset-before=1").find("no value") != std::string::npos);
    CHECK(refusal("create:429:x0").find("\"x0\"") != std::string::npos);
    CHECK(refusal("create:429:p2").find("\"p2\"") != std::string::npos);
    CHECK(refusal("create:429:often").find("\"often\"") != std::string::npos);
    CHECK(refusal("list:stuck").find("create or remix") != std::string::npos);
    CHECK(refusal("create:moderation=late").find("\"late\"") != std::string::npos);
    CHECK(refusal("content:expired=200").find("400") != std::string::npos);
    CHECK(refusal("content:truncate=-1").find("from 0 to") != std::string::npos);
}

TEST_CASE("a fault's number has a range, which its refusal and its help name") {
    const auto [spec, range] = GENERATE(table<std::string, std::string>({{"create:429=-1", "from 0 to 86400"},
                                                                         {"create:503=1e9", "from 0 to 86400"},
                                                                         {"create:delay=nan", "from 0 to 86400"},
                                                                         {"create:delay=inf", "from 0 to 86400"},
                                                                         {"create:slow=0", "whole number from 1 to 1000000000"},
                                                                         {"create:slow=0.5", "whole number from 1 to 1000000000"},
                                                                         {"content:truncate=2e9", "whole number from 0 to 1000000000"},
                                                                         {"list:length=0", "from -1000000000 to 1000000000 except 0"},
                                                                         {"list:length=-1e10", "from -1000000000 to 1000000000 except 0"},
                                                                         {"content:expired=600", "from 400 to 599"},
                                                                         {"content:expired=404.5", "from 400 to 599"},
                                                                         {"retrieve:huge=1e99", "from 100 to 200000000"},
                                                                         {"retrieve:huge=", "from 100 to 200000000"}}));
    CAPTURE(spec);
    const auto fault = serve::parse_fault(spec);
    REQUIRE_FALSE(fault);
    CHECK(fault.error().kind == ErrorKind::usage);
    CHECK(fault.error().message.find(range) != std::string::npos);
    std::string help;
    for (const auto& kind : serve::fault_kinds()) help += kind.help;
    for (const std::string limits : {"0 to 86400", "1 to 1000000000", "0 to 1000000000", "-1000000000 to 1000000000 without 0", "400 to 599", "100 to 200000000"})
        CHECK(help.find(limits) != std::string::npos);
    for (const auto* edge : {"create:429=0", "any:delay=86400", "any:slow=1", "any:truncate=0", "any:length=-1000000000", "any:expired=599", "any:huge=2e8"})
        CHECK(serve::parse_fault(edge));
}

TEST_CASE("a fault plays as often, as late and where it was told") {
    serve::FaultPlan plan({*serve::parse_fault("create:429:x2:skip1"), *serve::parse_fault("any:500:x1")});
    CHECK(plan.draw("create")->kind == "500");  // the first create is skipped by the 429
    CHECK(plan.draw("create")->kind == "429");
    CHECK_FALSE(plan.draw("list"));
    CHECK(plan.draw("create")->kind == "429");
    CHECK_FALSE(plan.draw("create"));
}

TEST_CASE("a fault with a probability plays about that often") {
    serve::FaultPlan plan({*serve::parse_fault("list:500:p0.3")});
    int played = 0;
    for (int i = 0; i < 10'000; ++i) played += plan.draw("list").has_value();
    CHECK(played > 2500);
    CHECK(played < 3500);
}

TEST_CASE("every kind of fault has a line of help") {
    CHECK(serve::fault_kinds().size() == 14);
    for (const auto& kind : serve::fault_kinds()) CHECK(std::string(kind.help).size() > 10);
}
