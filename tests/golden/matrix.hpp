#pragma once
#include <map>
#include <string>
#include <vector>

#include "catalog/plan.hpp"
#include "core/json.hpp"
#include "support/fake_provider.hpp"

namespace shotwire::test {

// The requests of one row on one route, for every combination of ratio, pictures and option that the row allows.
class Matrix {
public:
    Matrix(const catalog::Catalog& catalog, const catalog::Route& route, const catalog::Model& model, FakeProvider& provider);

    std::string text() const;  // as tests/golden/matrix/ROUTE/MODEL.json has it
    // What the contract of the backend says against a request, a sentence each with the name of its case.
    const std::vector<std::string>& faults() const { return faults_; }
    std::size_t cases() const { return cases_; }

private:
    struct Case {
        std::string pictures;  // "text", "first frame"
        std::string ratio;     // "16:9"; empty: the row has none
        std::string option;    // "seed"; empty: none
    };
    struct Family {
        json first;                                     // the first case in full
        std::vector<std::pair<std::string, json>> changes;   // of one ratio or one option: what differs from it
        std::vector<std::pair<std::string, json>> together;  // of a ratio and an option, where it is not both changes
    };
    json run(const Case& wanted);
    Result<catalog::Plan> plan(const Case& wanted) const;
    std::vector<Image> images_of(const std::string& pictures, const std::string& ratio) const;
    bool follows(const std::vector<Image>& images) const;  // one sets the ratio
    void check(const std::string& name, const Order& order);
    Family family(const std::string& pictures);

    std::vector<std::string> pictures() const;
    std::vector<std::string> ratios() const;
    std::vector<std::string> options() const;  // for every ratio and kind of pictures
    std::vector<std::string> extras() const;   // for the first ratio and words alone

    const catalog::Catalog& catalog_;
    const catalog::Route& route_;
    const catalog::Model& model_;
    FakeProvider& provider_;
    std::vector<std::pair<std::string, Family>> families_;
    std::vector<std::string> faults_;
    std::size_t cases_ = 0;
};

// What `after` changes of `before`, as a JSON merge patch; {"instead": after} where a patch cannot say it.
json change_of(const json& before, const json& after);
json changed(const json& before, const json& change);

}  // namespace shotwire::test
