# shellcheck shell=bash
# What the scripts of the bindings in Go, Rust, Java and C++ share: source toolchain.sh LANGUAGE.

language=$1
tocsin_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=$tocsin_root/build/bindings/$language
export TOCSIN_BUILD_DIR=${TOCSIN_BUILD_DIR:-$tocsin_root/build/test}
mkdir -p "$out"

# leave_out WHY...: this binding cannot be had here.
leave_out() {
    printf 'bindings/%s is left out: %s\n' "$language" "$*" >&2
    exit 77
}

# need_program PROGRAM PACKAGE...: installs Debian's packages where the program is missing, if that can be done.
need_program() {
    local program=$1 as_root=()
    shift
    if command -v "$program" >/dev/null; then return 0; fi
    if [[ $(id -u) -ne 0 ]]; then as_root=(sudo -n); fi
    command -v apt-get >/dev/null || leave_out "$program is not there (Debian: $*)"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >"$out/apt.log" 2>&1 ||
        leave_out "$program is not there, and $* cannot be installed (build/bindings/$language/apt.log)"
}

# is_offered PACKAGE LEAST: this Debian has the package in that version or a later one.
is_offered() {
    local found
    found=$(LC_ALL=C apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: \(.*:\)\?\([0-9.]*\).*/\2/p')
    [[ -n $found && $(printf '%s\n' "$found" "$2" | sort -V | head -n 1) == "$2" ]]
}

# need_version PROGRAM FOUND LEAST
need_version() {
    local lower
    lower=$(printf '%s\n%s\n' "$2" "$3" | sort -V | head -n 1)
    [[ $lower == "$3" ]] || leave_out "$1 is version $2, and $3 is needed"
}

# prepare_or_leave: runs prepare.sh; ends the test where the toolchain cannot be had, well unless under CI.
prepare_or_leave() {
    local code=0
    bash prepare.sh || code=$?
    if [[ $code -eq 77 && ${CI:-} != true ]]; then exit 0; fi
    if [[ $code -ne 0 ]]; then exit "$code"; fi
}

# with_broker COMMAND...: runs it beside a broker of its own, which TOCSIN_SERVER names.
with_broker() {
    python3 "$tocsin_root/bindings/broker.py" -- "$@"
}

# same_as_printed FILE: what lies in the folder is what the catalog prints.
same_as_printed() {
    python3 "$tocsin_root/bindings/catalog_print.py" "$language" | diff -u "$1" - >&2 && return 0
    printf '%s: not as the catalog prints it: python3 bindings/catalog_print.py %s >bindings/%s/%s\n' \
        "$1" "$language" "$language" "$1" >&2
    return 1
}

# first_program LANGUAGE_OF_THE_FENCE: the program that the README begins with; at most ten lines of it say something.
first_program() {
    local program
    program=$(awk -v fence="^\`\`\`$1\$" '$0 ~ fence {on = 1; next} /^```/ && on {exit} on' README.md)
    if [[ -z $program || $(grep -c '[^[:space:]]' <<<"$program") -gt 10 ]]; then
        printf 'README.md: its first program is not there, or has more than ten lines\n' >&2
        return 1
    fi
    printf '%s\n' "$program"
}
