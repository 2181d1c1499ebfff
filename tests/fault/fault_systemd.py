"""Our units under a systemd: `cmake --install` into a User-Mode Linux guest whose root is this machine's own Debian, laid
under a file system in memory, with systemd as its first process. systemd_trial.sh, inside, does what an operator does.

Another Debian than this machine's: TOCSIN_GUEST_ROOT names its root (as debootstrap makes it, with systemd, iproute2 and
the libraries), TOCSIN_GUEST_TREE what was built there and installed with DESTDIR."""

import os
import shutil
import subprocess
import sys
import tempfile

import harness

GUEST_MEMORY = "1G"
DEADLINE_S = 600
LINUX = shutil.which("linux.uml")


def why_not(root):
    if not LINUX:
        return "no User-Mode Linux here (Debian: user-mode-linux)"
    for path, package in (("lib/systemd/systemd", "systemd"), ("usr/bin/ip", "iproute2"), ("bin/ps", "procps"), ("sbin/insmod", "kmod")):
        if not os.path.exists(os.path.join(root, path)):
            return f"no {package} in {root}"
    return None


def install(directory):
    """What `cmake --install` makes of the build that TOCSIND is of."""
    tree = os.path.join(directory, "tree")
    build = os.path.dirname(os.path.dirname(os.environ["TOCSIND"]))
    subprocess.run(["cmake", "--install", build], check=True, stdout=subprocess.DEVNULL, env={**os.environ, "DESTDIR": tree})
    return tree


def run_guest(directory, root, tree):
    """The guest's console, whole."""
    init = os.path.join(harness.HERE, "systemd_guest.sh")
    if root != "/":
        init = os.path.join("/srv", os.path.basename(init))
        shutil.copy(os.path.join(harness.HERE, "systemd_guest.sh"), root + init)
    words = [LINUX, f"mem={GUEST_MEMORY}", "rootfstype=hostfs", f"rootflags={root}", "ro", "quiet", f"init={init}",
             "con=null", "con0=null,fd:1", f"uml_dir={directory}", f"TREE={tree}",
             f"TRIAL={os.path.join(harness.HERE, 'systemd_trial.sh')}"]  # fmt: skip
    guest = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             start_new_session=True, env={**os.environ, "TMPDIR": directory})  # fmt: skip
    try:
        return guest.communicate(timeout=DEADLINE_S)[0].decode(errors="replace")
    except subprocess.TimeoutExpired:
        os.killpg(guest.pid, 9)
        return guest.communicate()[0].decode(errors="replace") + f"GUEST not within {DEADLINE_S} s\n"


def main():
    root = os.path.join(os.environ.get("TOCSIN_GUEST_ROOT", "/"), "")
    why = why_not(root)
    if why:
        harness.skip("systemd", why)
    with tempfile.TemporaryDirectory(prefix="tocsin-systemd-") as directory:
        tree = os.environ.get("TOCSIN_GUEST_TREE") or install(directory)
        console = run_guest(directory, root, tree)
    # systemd colours what it says on the console, in front of ours too
    lines = [line[line.find("CHECK\t"):].rstrip().split("\t") for line in console.splitlines() if "CHECK\t" in line]
    is_good = bool(lines) and lines[-1][1] == "end"
    for _, what, verdict, *figures in lines:
        is_good &= harness.result(f"systemd: {what}", verdict == "ok", " ".join(figures))
    if not is_good:
        print(console)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
