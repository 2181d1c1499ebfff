# shellcheck shell=bash
# Installs the Debian packages that a command needs and that are missing. "a|b" means the first of them that is
# installed or, failing that, that this release of Debian has: msgpack-c is called libmsgpack-dev in Debian 12 and
# libmsgpack-c-dev in Debian 13.

packages_build=(gcc libc6-dev cmake ninja-build pkg-config libzmq3-dev libsodium-dev libmicrohttpd-dev libyaml-dev
    libzstd-dev libcurl4-openssl-dev libssl-dev)
packages_judge=(libcmocka-dev libczmq-dev libjansson-dev 'libmsgpack-c-dev|libmsgpack-dev')
# Servers that tocsind is measured beside, and their clients. Debian starts the servers when it installs them.
packages_peers=(nats-server libnats-dev mosquitto libmosquitto-dev redis-server libhiredis-dev rabbitmq-server
    librabbitmq-dev gnuplot-nox)

# Where there is no apt: the programs that tell whether a package's content is there. Libraries are CMake's to miss.
declare -A program_of=([gcc]=cc [cmake]=cmake [ninja-build]=ninja [pkg-config]=pkg-config [curl]=curl [python3]=python3
    [valgrind]=valgrind [g++]=c++ [clang]=clang [clang-tidy]=clang-tidy
    [clang-format]=clang-format [cppcheck]=cppcheck [shellcheck]=shellcheck)

is_installed() {
    [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

is_available() {
    [[ $(LC_ALL=C apt-cache policy "$1" 2>/dev/null) == *'  Candidate: '[!\(]* ]]
}

# absent_packages PACKAGE...: prints those of which no name is installed.
absent_packages() {
    local package name names
    for package in "$@"; do
        IFS='|' read -ra names <<<"$package"
        for name in "${names[@]}"; do
            if is_installed "$name"; then continue 2; fi
        done
        printf '%s\n' "$package"
    done
}

# available_names PACKAGE...: prints for each the first name that apt knows; fails when it knows none.
available_names() {
    local package name names
    for package in "$@"; do
        IFS='|' read -ra names <<<"$package"
        for name in "${names[@]}"; do
            if is_available "$name"; then
                printf '%s\n' "$name"
                continue 2
            fi
        done
        return 1
    done
}

# The command that makes root of us: empty for root itself.
find_root_command() {
    root_command=()
    if [[ $(id -u) -eq 0 ]]; then return; fi
    if ! command -v sudo >/dev/null; then
        die "packages are missing and there is no sudo here. As root: apt-get update && apt-get install $*"
    fi
    root_command=(sudo)
}

apt_get() {
    "${root_command[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >build/apt.log 2>&1
}

apt_failed() {
    tail -n 20 build/apt.log >&2
    die "apt-get $1 failed; all of its output is in build/apt.log"
}

# install_packages PACKAGE...: asks for new package lists only where the ones at hand do not serve.
install_packages() {
    local list names
    find_root_command "$@"
    mkdir -p build
    if ! list=$(available_names "$@"); then
        say "updating apt's package lists"
        apt_get update || apt_failed update
        list=$(available_names "$@") || die "apt does not know all of these packages: $*"
    fi
    mapfile -t names <<<"$list"
    say "installing ${names[*]}"
    if ! apt_get install -y --no-install-recommends "${names[@]}"; then
        apt_get update || apt_failed update
        apt_get install -y --no-install-recommends "${names[@]}" || apt_failed install
    fi
}

# Another system than Debian: say what is needed, and go on when the programs are there.
ensure_programs() {
    local package absent=()
    for package in "$@"; do
        if [[ -n ${program_of[$package]:-} ]] && ! command -v "${program_of[$package]}" >/dev/null; then
            absent+=("${program_of[$package]}")
        fi
    done
    say "no apt here; what is needed is what Debian calls: $*"
    if [[ ${#absent[@]} -gt 0 ]]; then die "not found: ${absent[*]}"; fi
}

# ensure_packages PACKAGE...: what they bring is there when it returns.
ensure_packages() {
    local absent
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        ensure_programs "$@"
        return
    fi
    mapfile -t absent < <(absent_packages "$@")
    if [[ ${#absent[@]} -gt 0 ]]; then install_packages "${absent[@]}"; fi
}
