#!/usr/bin/env python3
"""The public header as a stranger meets it: the program at its top compiles against the built headers and library, as C
and the header as C++, with all warnings, and the libraries export nothing but tocsin_ names.

usage: test_client_header.py HEADERS SHARED_LIBRARY STATIC_LIBRARY CC"""
import pathlib
import re
import subprocess
import sys
import tempfile

headers, shared, static, cc = sys.argv[1:]
failures = []


def check(what, is_good, detail=""):
    if not is_good:
        failures.append(f"{what}\n{detail}")


def compiles(what, name, source, *arguments):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, name)
        path.write_text(source)
        command = [*arguments, "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{headers}", str(path)]
        result = subprocess.run(command, capture_output=True, text=True, cwd=folder)
        check(what, result.returncode == 0, result.stderr)


def program_in(header):
    """The lines of the first comment that are indented by four blanks, as far as the command to compile."""
    comment = header[: header.index("*/")]
    lines = [line[3:] for line in comment.splitlines() if line.startswith(" *     ") or line == " *"]
    program = "\n".join(lines)
    return re.sub(r"^ *cc .*$", "", program, flags=re.M)


header = pathlib.Path(headers, "tocsin.h").read_text()
program = program_in(header)
check("the program is there", "int main(void)" in program, program)
check("the header has 300 lines at most", len(header.splitlines()) <= 300)
compiles("the program compiles as C", "program.c", program, cc, "-std=c11", "-fsyntax-only")
compiles("the program compiles as C99", "program.c", program, cc, "-std=c99", "-fsyntax-only")
cxx = cc.replace("gcc", "g++").replace("clang", "clang++") if re.search(r"gcc|clang", cc) else "c++"
includes = "".join(f"#include <{path.name}>\n" for path in sorted(pathlib.Path(headers).glob("*.h")))
every_header = includes + "int main() { return tocsin_version() == nullptr; }\n"
compiles("all headers compile as C++", "program.cc", every_header, cxx, "-std=c++17", "-fsyntax-only")

for library, options in ((shared, ["-D"]), (static, ["-g"])):
    symbols = subprocess.run(["nm", "--defined-only", *options, library], capture_output=True, text=True, check=True).stdout
    names = {line.split()[-1] for line in symbols.splitlines() if len(line.split()) == 3}
    # what is printed from the catalog is inline, and is no part of the library
    texts = [path.read_text() for path in pathlib.Path(headers).glob("*.h") if path.name != "tocsin_catalog.h"]
    declared = set(re.findall(r"^TOCSIN_API [^;(]*?\b(tocsin_[a-z0-9_]+)\(", "\n".join(texts), flags=re.M))
    ours = {name for name in names if not name.startswith(("__asan", "__odr_asan", "__ubsan", "__tsan", "_init", "_fini"))}
    check(f"{library} has all that the header declares", declared <= ours, str(declared - ours))
    check(f"{library} exports nothing else", ours <= declared, str(ours - declared))

for failure in failures:
    print("FAILED:", failure)
print("ok" if not failures else f"{len(failures)} failures")
sys.exit(bool(failures))
