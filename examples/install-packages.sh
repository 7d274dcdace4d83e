#!/usr/bin/env bash
# Installs the Debian packages that Shotwire is built from: `install-packages.sh` to build it, `install-packages.sh --tests` to test it too.
set -euo pipefail

packages=(
    g++ cmake ninja-build pkg-config
    libcurl4-openssl-dev libssl-dev libsqlite3-dev nlohmann-json3-dev rapidjson-dev libcli11-dev libspdlog-dev libfmt-dev
    libyaml-cpp-dev libtomlplusplus-dev libcsv-dev libcpp-httplib-dev
    libavformat-dev libavcodec-dev libavutil-dev libswscale-dev libswresample-dev libcairo2-dev libfontconfig-dev libfreetype-dev
    fonts-dejavu-core ca-certificates
)
if [[ ${1:-} == --tests ]]; then
    packages+=(catch2 libvalijson-dev libnghttp2-dev curl jq sqlite3 procps clang libclang-rt-dev openssl nghttp2-client ffmpeg util-linux)
fi

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    echo "This script knows Debian and its relatives alone; elsewhere install the counterparts of: ${packages[*]}" >&2
    exit 1
fi

missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
    exit 0
fi

as_root=()
if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
        echo "These packages are missing: ${missing[*]}. Install them as root, or install sudo." >&2
        exit 1
    fi
    as_root=(sudo)
fi
echo "Installing: ${missing[*]}" >&2
"${as_root[@]}" apt-get update -qq >&2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
