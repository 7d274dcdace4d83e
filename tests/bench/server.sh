# shellcheck shell=bash disable=SC2154,SC2034  # sourced by run.sh, which sets what is used here
# Sourced by run.sh: the fair, fast server, pinned to the second core, with a certificate of a test authority and clips that are
# whole. Sets server, ca, h1, h2 (origins). Needs: work, core_server, and one small MP4.

make_certificates() {
    local sub=$work/server
    mkdir -p "$sub"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=bench authority" \
        -keyout "$sub/ca.key" -out "$sub/ca.pem" 2>/dev/null
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=127.0.0.1" -keyout "$sub/server.key" -out "$sub/server.csr" 2>/dev/null
    openssl x509 -req -in "$sub/server.csr" -CA "$sub/ca.pem" -CAkey "$sub/ca.key" -CAcreateserial -days 2 \
        -extfile <(printf 'subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE') -out "$sub/server.pem" 2>/dev/null
    ca=$sub/ca.pem
}

u32_at() { od -An -tu4 --endian=big -j "$2" -N 4 "$1" | tr -d ' '; }

# A small MP4 whose last box, the samples, is padded to the size asked for: its tables stay right, a player skips the rest.
pad_clip() {  # from, to, bytes
    local from=$1 to=$2 bytes=$3 at=0 size type length
    length=$(stat -c %s "$from")
    while ((at < length)); do
        size=$(u32_at "$from" $at) type=$(dd if="$from" bs=1 skip=$((at + 4)) count=4 status=none)
        ((at + size == length)) && break
        at=$((at + size))
    done
    [[ $type == mdat ]] || { echo "tests/bench: the clip ends with $type, not with mdat" >&2; return 1; }
    cp "$from" "$to"
    head -c $((bytes - length)) /dev/zero >>"$to"
    # shellcheck disable=SC2059  # the format is the bytes
    printf "$(printf '\\x%02x' $(((bytes - at) >> 24 & 255)) $(((bytes - at) >> 16 & 255)) $(((bytes - at) >> 8 & 255)) $(((bytes - at) & 255)))" |
        dd of="$to" bs=1 seek=$at conv=notrunc status=none
}

# nginx and its Lua module: the system's, or Debian's packages unpacked below build/. Installed they would serve port 80 from the next
# boot on, which nobody wanted who ran a benchmark.
find_nginx() {
    local folder
    nginx=$(PATH=$PATH:/usr/sbin command -v nginx || true) unpacked=''
    for folder in /usr/lib/nginx/modules /usr/share/nginx/modules; do
        [[ -n $nginx && -e $folder/ngx_http_lua_module.so ]] && modules=$folder && return
    done
    unpacked=$PWD/build/bench/nginx
    nginx=$unpacked/usr/sbin/nginx modules=$unpacked/usr/lib/nginx/modules
    [[ -x $nginx && -e $modules/ngx_http_lua_module.so ]] && return
    mkdir -p "$unpacked/packages"
    (
        cd "$unpacked/packages"
        apt-get download -qq nginx libnginx-mod-http-lua libnginx-mod-http-ndk libluajit2-5.1-2 libluajit2-5.1-common lua-resty-core lua-resty-lrucache 2>/dev/null
        for package in *.deb; do dpkg -x "$package" "$unpacked"; done
    ) || { echo "tests/bench: neither nginx with its Lua module nor its Debian packages are here" >&2; exit 2; }
}

start_server() {
    local sub=$work/server load='' module port tries
    find_nginx
    for module in ndk_http_module ngx_http_lua_module; do load+="load_module $modules/$module.so; "; done
    mkdir -p "$sub/tmp" "$sub/clips"
    for tries in {1..20}; do
        port=$((20000 + RANDOM % 20000))
        sed -e "s|@PORT_H1@|$port|; s|@PORT_H2@|$((port + 1))|; s|@WORK@|$sub|g; s|@LUA@|$PWD/tests/bench/?.lua;$unpacked/usr/share/lua/5.1/?.lua|; s|@MODULES@|$load|" \
            tests/bench/nginx.conf >"$sub/nginx.conf"
        LD_LIBRARY_PATH=$unpacked/usr/lib/$(uname -m)-linux-gnu taskset -c "$core_server" "$nginx" -e "$sub/nginx.log" -c "$sub/nginx.conf" -p "$sub" >/dev/null 2>&1 &
        server=$!
        h1=https://127.0.0.1:$port h2=https://127.0.0.1:$((port + 1))
        for _ in {1..100}; do
            curl -fsS --cacert "$ca" "$h1/counts" >/dev/null 2>&1 && return 0
            kill -0 "$server" 2>/dev/null || break
            sleep 0.05
        done
        kill "$server" 2>/dev/null || true
    done
    echo "tests/bench: nginx does not start:" >&2
    tail -3 "$sub/nginx.log" >&2
    return 1
}

server_ms() { awk -v hz="$(getconf CLK_TCK)" '{sub(/.*\) /, ""); print ($12 + $13) * 1000 / hz}' "/proc/$server/stat"; }
counted() { curl -fsS --cacert "$ca" "$h1/counts" | jq -r ".$1"; }
reset_counts() { curl -fsS --cacert "$ca" "$h1/counts/reset" >/dev/null; }
