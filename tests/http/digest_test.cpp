#include "http/digest.hpp"

#include <catch2/catch.hpp>

#include "core/hash.hpp"

using namespace shotwire;

namespace {

// "hello world"
const std::string sha256 = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9", md5 = "5eb63bbbe01eeed093cb22bb8f5acdc3";
const std::string sha256_64 = "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=", md5_64 = "XrY7u+Ae7tCTyyK7j1rNww==";

http::Digests of(std::vector<http::Header> headers, int status = 200) { return http::digests_of({.status = status, .headers = std::move(headers)}); }

}  // namespace

TEST_CASE("D4: the sums that an answer gives of the whole file are read in each of their spellings") {
    core::Md5 hash;
    hash.add("hello world");
    CHECK(hash.hex() == md5);
    CHECK(core::sha256_hex("hello world") == sha256);
    CHECK(of({{"Repr-Digest", "sha-256=:" + sha256_64 + ":"}}).sha256 == sha256);
    CHECK(of({{"repr-digest", "sha-512=:AAAA:, md5=:" + md5_64 + ":;x=1 , sha-256=:" + sha256_64 + ":"}}).sha256 == sha256);
    CHECK(of({{"repr-digest", "sha-512=:AAAA:, md5=:" + md5_64 + ":;x=1"}}).md5 == md5);
    CHECK(of({{"Content-Digest", "sha-256=:" + sha256_64 + ":"}}).sha256 == sha256);
    CHECK(of({{"Digest", "SHA-256=" + sha256_64 + ",unixsum=30637"}}).sha256 == sha256);
    CHECK(of({{"Digest", "MD5=" + md5_64}}).md5 == md5);
    CHECK(of({{"Content-MD5", md5_64}}).md5 == md5);
    CHECK(of({{"x-goog-hash", "crc32c=n03x6A=="}, {"x-goog-hash", "md5=" + md5_64}}).md5 == md5);
    CHECK(of({{"X-Goog-Hash", "crc32c=n03x6A==,md5=" + md5_64}}).md5 == md5);
}

TEST_CASE("D4: of a part that comes only the sums of the whole file count") {
    const std::vector<http::Header> all{{"Content-MD5", md5_64}, {"Content-Digest", "sha-256=:" + sha256_64 + ":"}};
    CHECK(of(all, 206).md5.empty());
    CHECK(of(all, 206).sha256.empty());
    CHECK(of({{"Repr-Digest", "sha-256=:" + sha256_64 + ":"}, {"x-goog-hash", "md5=" + md5_64}}, 206).sha256 == sha256);
    CHECK(of({{"Repr-Digest", "sha-256=:" + sha256_64 + ":"}, {"x-goog-hash", "md5=" + md5_64}}, 206).md5 == md5);
    // Kept packed, sent unpacked: the sum is of something else.
    CHECK(of({{"x-goog-hash", "md5=" + md5_64}, {"x-goog-stored-content-encoding", "gzip"}}).md5.empty());
    CHECK(of({{"x-goog-hash", "md5=" + md5_64}, {"x-goog-stored-content-encoding", "identity"}}).md5 == md5);
}

TEST_CASE("D4: a sum that is not written as it should be, or that another contradicts, says nothing") {
    const auto other = "sha-256=:" + std::string(43, 'A') + "=:";
    for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{{"Repr-Digest", "sha-256=" + sha256_64},
                                                                                        {"Repr-Digest", "sha-256=:" + sha256_64},
                                                                                        {"Repr-Digest", "SHA-256=:" + sha256_64 + ":"},
                                                                                        {"Repr-Digest", "sha-256=:" + md5_64 + ":"},
                                                                                        {"Repr-Digest", "sha-256=::"},
                                                                                        {"Repr-Digest", "sha-256=:"},
                                                                                        {"Repr-Digest", "sha-256"},
                                                                                        {"Repr-Digest", ""},
                                                                                        {"Digest", "sha-256=:" + sha256_64 + ":"},
                                                                                        {"Digest", "sha-256=" + sha256},
                                                                                        {"Content-MD5", md5},
                                                                                        {"Content-MD5", md5_64.substr(0, 22)},
                                                                                        {"Content-MD5", "*" + md5_64.substr(1)},
                                                                                        {"x-goog-hash", "crc32c=n03x6A=="},
                                                                                        {"ETag", "\"" + md5 + "\""}}) {
        CAPTURE(name, value);
        CHECK(of({{name, value}}).sha256.empty());
        CHECK(of({{name, value}}).md5.empty());
    }
    CHECK(of({{"Repr-Digest", "sha-256=:" + sha256_64 + ":"}, {"Content-Digest", other}}).sha256.empty());
    CHECK(of({{"Repr-Digest", "sha-256=:" + sha256_64 + ":"}, {"Digest", "sha-256=" + sha256_64}}).sha256 == sha256);
}
