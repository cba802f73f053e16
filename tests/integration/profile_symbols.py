#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Names of functions in profiles: inlined ones, of other languages, of debugging information that
is elsewhere."""

import collections
import http.server
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading

from lib import AGENT, HELPERS, ROOT, agent, check, check_equal, check_run, folder, main, skip

sys.path.insert(0, str(ROOT / "tests"))
from profiles import FRAMES, ROUNDS, build, check_shares, profile  # noqa: E402

SOURCE = ROOT / "tests/integration/inlined.c"
PATHS = {("work", "left", "turn"): 0.6, ("work", "right", "turn"): 0.4}


def tool(*args, cwd):
    return subprocess.run(args, cwd=cwd, check=True, capture_output=True, text=True).stdout


def contains(stack, path):
    return any(stack[i:i + len(path)] == path for i in range(len(stack)))


def check_paths(name, found, paths, command=None):
    """Each path of functions has its share of the samples that are in one of them, within four and
    a half deviations."""
    counts, total = collections.Counter(), 0
    for _, stack, samples in found.samples[command or name]:
        total += samples
        for path in paths:
            counts[path] += samples * contains(stack, path)
    n = sum(counts.values())
    check(f"{name}: most samples are in the functions", n > 100 and n > 0.8 * total,
          f"{n} of {total}: {found.paths(command or name)}")
    for path, share in paths.items():
        error = 4.5 * math.sqrt(max(n, 1) * share * (1 - share)) + 1
        check(f"{name}: the share of {'::'.join(path)}", abs(counts[path] - n * share) <= error,
              f"{counts[path]} of {n}, expected {n * share:.0f} ± {error:.0f}")


def inlined_functions_are_told_apart():
    with folder() as tmp:
        for name, flags in {
                "gcc": ["-g"], "no-frames": ["-g",
                                             "-fomit-frame-pointer"], "dwarf-4": ["-gdwarf-4"],
                "compressed": ["-g", "-gz"], "split": ["-g", "-gsplit-dwarf"]}.items():
            build(tmp / name, *flags, source=SOURCE)
            found, result = profile([f"./{name}", str(ROUNDS)], cwd=tmp)
            check_paths(name, found, PATHS)
            check(f"{name}: nothing is said", "inlined" not in result.stderr, result.stderr)
        if shutil.which("clang"):
            # Without .debug_aranges.
            build(tmp / "clang", "-g", source=SOURCE, compiler="clang")
            found, _ = profile(["./clang", str(ROUNDS)], cwd=tmp)
            check_paths("clang", found, PATHS)
        build(tmp / "none", "-g0", source=SOURCE)
        found, _ = profile(["./none", str(ROUNDS)], cwd=tmp)
        check_paths("without debugging information all is of the function", found, {("work",): 1},
                    "none")


def separate_files_have_them():
    with folder() as tmp:
        build(tmp / "stripped", "-g", source=SOURCE)
        tool("objcopy", "--only-keep-debug", "stripped", "stripped.debug", cwd=tmp)
        tool("strip", "stripped", cwd=tmp)
        tool("objcopy", "--add-gnu-debuglink=stripped.debug", "stripped", cwd=tmp)
        found, _ = profile(["./stripped", str(ROUNDS)], cwd=tmp)
        check_paths("in a separate file", found, PATHS, "stripped")


def symbols_in_gnu_debugdata_are_found():
    """As Fedora has them: the symbols that were stripped, compressed, in the program itself."""
    if not shutil.which("xz"):
        skip(".gnu_debugdata", "xz is not installed")
        return
    with folder() as tmp:
        build(tmp / "mini", *FRAMES)
        tool("objcopy", "-S", "--keep-symbol=alpha", "--keep-symbol=beta", "--keep-symbol=gamma_",
             "--only-keep-debug", "mini", "symbols", cwd=tmp)
        tool("xz", "symbols", cwd=tmp)
        tool("strip", "mini", cwd=tmp)
        tool("objcopy", "--add-section", ".gnu_debugdata=symbols.xz", "mini", cwd=tmp)
        found, _ = profile(["./mini", str(ROUNDS)], cwd=tmp)
        check_shares("in .gnu_debugdata", found.counts("mini"))


class Server(http.server.ThreadingHTTPServer):
    """A debuginfod: /buildid/ID/debuginfo."""

    def __init__(self, root):
        self.asked = []
        asked = self.asked

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *args):
                super().__init__(*args, directory=str(root))

            def do_GET(self):
                asked.append(self.path)
                super().do_GET()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


def debuginfod_is_asked_if_the_user_says_so():
    with folder() as tmp:
        build(tmp / "fetched", "-g", source=SOURCE)
        build_id = re.search(r"Build ID: ([0-9a-f]+)", tool("readelf", "-n", "fetched", cwd=tmp))[1]
        (tmp / "buildid" / build_id).mkdir(parents=True)
        tool("objcopy", "--only-keep-debug", "fetched", f"buildid/{build_id}/debuginfo", cwd=tmp)
        tool("strip", "fetched", cwd=tmp)
        server = Server(tmp)
        environment = {**os.environ, "DEBUGINFOD_CACHE_PATH": str(tmp / "cache")}
        environment.pop("DEBUGINFOD_URLS", None)
        found, _ = profile(["./fetched", str(ROUNDS)], cwd=tmp, env=environment)
        check("debuginfod: without the variable no server is asked", not server.asked and not
              any("turn" in path for path in found.paths("fetched")), server.asked)
        environment["DEBUGINFOD_URLS"] = f"http://127.0.0.1:{server.server_port}/"
        found, _ = profile(["./fetched", str(ROUNDS)], cwd=tmp, env=environment)
        check("debuginfod: the server is asked", f"/buildid/{build_id}/debuginfo" in server.asked,
              server.asked)
        check_paths("debuginfod", found, PATHS, "fetched")
        server.shutdown()
        server.server_close()
        # In the cache, from now on.
        found, _ = profile(["./fetched", str(ROUNDS)], cwd=tmp, env=environment)
        check_paths("debuginfod, from its cache", found, PATHS, "fetched")
        shutil.rmtree(tmp / "cache")
        found, _ = profile(["./fetched", str(ROUNDS)], cwd=tmp, env=environment)
        check("debuginfod: without the server the samples are there, by their places",
              any(re.search(r"\[fetched\+0x", path) for path in found.paths("fetched")),
              found.paths("fetched"))


def libdw_is_loaded_only_where_it_is_used():
    needed = subprocess.run(["readelf", "-d", AGENT], capture_output=True, text=True,
                            check=True).stdout
    check("libdw is not linked", "libdw" not in needed and "debuginfod" not in needed, needed)
    with folder() as tmp:
        build(tmp / "inlined", "-g", source=SOURCE)
        for options, command, loads in [([], "true", False),
                                        (["--profile=997"], "./inlined", True)]:
            made = agent("exec", *options, "-o", "out.csv", command, str(ROUNDS), cwd=tmp,
                         env={**os.environ, "LD_DEBUG": "files"})
            check_equal(f"{' '.join([*options, command])}: whether libdw is loaded", "file=libdw"
                        in made.stderr, loads)


# --- other languages -----------------------------------------------------------------------------

# Loops without memory: how long a load waits for the store before it depends on its address.
CPP = """
#include <cstdlib>
namespace shop {
template <class T> struct Box {
	T value;
	__attribute__((noinline)) void spin(long n)
	{
		for (long i = 0; i < n; i++)
			asm volatile("" : "+r"(n));
		value = n;
	}
};
Box<long> box;
namespace {
__attribute__((noinline, noclone)) void hidden(Box<long> &one, long n)
{
	for (long i = 0; i < n; i++)
		asm volatile("" : "+r"(n));
	one.value = n;
}
}
}
int main(int, char **argv)
{
	for (int i = 0; i < 250 * std::atoi(argv[1]); i++) {
		shop::box.spin(2400);
		shop::hidden(shop::box, 1600);
	}
}
"""

RUST = """
#[inline(never)]
fn spin(n: u64) -> u64 {
    let mut sum = 0u64;
    for i in 0..n { sum = std::hint::black_box(sum).wrapping_add(i); }
    sum
}
trait Work { fn work(&self) -> u64; }
struct Large;
struct Small<T>(T);
impl Work for Large { #[inline(never)] fn work(&self) -> u64 { spin(2400) + 1 } }
impl<T> Work for Small<T> { #[inline(never)] fn work(&self) -> u64 { spin(1600) + 1 } }
fn main() {
    let rounds: u64 = std::env::args().nth(1).unwrap().parse().unwrap();
    let all: [&dyn Work; 2] = [&Large, &Small(1u8)];
    let mut sum = 0u64;
    for _ in 0..50 * rounds { for one in all { sum = sum.wrapping_add(one.work()); } }
    std::hint::black_box(sum);
}
"""

GO = """
package main

import (
	"os"
	"strconv"
)

var sink uint64

type Large struct{ n uint64 }

//go:noinline
func (l *Large) Work() {
	for i := uint64(0); i < l.n; i++ {
		sink += i
	}
}

//go:noinline
func small(n uint64) {
	for i := uint64(0); i < n; i++ {
		sink += i
	}
}

func main() {
	rounds, _ := strconv.Atoi(os.Args[1])
	large := &Large{2400}
	for i := 0; i < 50*rounds; i++ {
		large.Work()
		small(1600)
	}
}
"""


def cpp_is_demangled():
    with folder() as tmp:
        (tmp / "shop.cpp").write_text(CPP)
        tool("c++", "-O2", "-fno-omit-frame-pointer", "-o", "shop", "shop.cpp", cwd=tmp)
        found, _ = profile(["./shop", str(ROUNDS)], cwd=tmp)
        check_paths("C++", found, {("shop::Box<long>::spin", ): 0.6,
                                   ("shop::(anonymous namespace)::hidden", ): 0.4}, "shop")


def rust_is_demangled():
    rustc = shutil.which("rustc") or os.path.expanduser("~/.cargo/bin/rustc")
    if not os.path.exists(rustc):
        skip("Rust", "rustc is not installed")
        return
    with folder() as tmp:
        (tmp / "shop.rs").write_text(RUST)
        names = {
            "v0": ("<shop::Large as shop::Work>::work", "<shop::Small<u8> as shop::Work>::work"),
            "legacy": ("<shop::Large as shop::Work>::work", "<shop::Small<T> as shop::Work>::work")}
        for mangling, (large, small) in names.items():
            options = ["-C", f"symbol-mangling-version={mangling}"]
            # The older one is for nightly compilers by now.
            made = subprocess.run([
                rustc, "-O", "-C", "force-frame-pointers=yes", *options, "shop.rs"], cwd=tmp,
                                  check=False, capture_output=True, text=True,
                                  env={**os.environ, "RUSTC_BOOTSTRAP": "1"})
            if made.returncode:
                made = subprocess.run([
                    rustc, "-Z", "unstable-options", "-O", "-C", "force-frame-pointers=yes",
                    *options, "shop.rs"], cwd=tmp, check=True, capture_output=True, text=True,
                                      env={**os.environ, "RUSTC_BOOTSTRAP": "1"})
            found, _ = profile(["./shop", str(ROUNDS)], cwd=tmp)
            check_paths(f"Rust, {mangling}", found, {(large,): 0.6, (small,): 0.4}, "shop")


def go_has_its_names():
    go = shutil.which("go") or "/usr/local/go/bin/go"
    if not os.path.exists(go):
        skip("Go", "there is no go")
        return
    with folder() as tmp:
        (tmp / "shop.go").write_text(GO)
        subprocess.run([go, "build", "-o", "shop", "shop.go"], cwd=tmp, check=True,
                       env={**os.environ, "HOME": str(tmp), "GO111MODULE": "off", "GOFLAGS": ""})
        found, _ = profile(["./shop", str(ROUNDS)], cwd=tmp)
        check_paths("Go", found, {("main.(*Large).Work",): 0.6, ("main.small",): 0.4}, "shop")


# --- compiled while they run ---------------------------------------------------------------------

# Each tells which part of the time it has spent in large() by its own clock.
JAVASCRIPT = """
let sum = 0, times = [0, 0]
function large(n) { for (let i = 0; i < n; i++) sum = (sum + i) | 0 }
function small(n) { for (let i = 0; i < n; i++) sum = (sum + i) | 0 }
for (let i = 0; i < 9000; i++) {
    const a = process.cpuUsage().user; large(60000)
    const b = process.cpuUsage().user; small(40000)
    times[0] += b - a; times[1] += process.cpuUsage().user - b
}
console.log(times[0] / (times[0] + times[1]))
"""

JAVA = """
public class Shop {
    static volatile int sum;
    static void large(int n) { for (int i = 0; i < n; i++) sum += i; }
    static void small(int n) { for (int i = 0; i < n; i++) sum += i; }
    public static void main(String[] args) {
        java.lang.management.ThreadMXBean clock =
            java.lang.management.ManagementFactory.getThreadMXBean();
        double a = 0, b = 0;
        for (int i = 0; i < 6000; i++) {
            long start = clock.getCurrentThreadCpuTime();
            large(60000);
            long middle = clock.getCurrentThreadCpuTime();
            small(40000);
            a += middle - start;
            b += clock.getCurrentThreadCpuTime() - middle;
        }
        System.out.println(a / (a + b));
    }
}
"""


def check_run_time(name, command, large, small, cwd):
    """What the program has compiled is named by the file that it writes; the two have the shares
    that it has found itself."""
    found, result = profile(command, cwd=cwd)
    counts = collections.Counter()
    for samples in found.samples.values():
        for _, stack, n in samples:
            counts["large"] += n * any(re.search(large, function) for function in stack)
            counts["small"] += n * any(re.search(small, function) for function in stack)
            counts["all"] += n
    for pid in found.pids:
        pathlib.Path(f"/tmp/perf-{pid}.map").unlink(missing_ok=True)
    n = counts["large"] + counts["small"]
    check(f"{name}: most samples are in the two functions", n > 100 and n > 0.5 * counts["all"],
          counts)
    share = float(result.stdout)
    check(
        f"{name}: they have their shares",
        abs(counts["large"] - share * n) < 4.5 * math.sqrt(max(n, 1) * share * (1 - share)) +
        0.05 * n, f"{counts}, the program's own clock: {share}")


def javascript_of_node():
    if not shutil.which("node"):
        skip("Node", "it is not installed")
        return
    with folder() as tmp:
        (tmp / "shop.js").write_text(JAVASCRIPT)
        # Inlined, they would be part of what calls them.
        check_run_time("Node", ["node", "--perf-basic-prof", "--no-turbo-inlining", "shop.js"],
                       r"\blarge\b", r"\bsmall\b", tmp)


def java():
    version = None
    if shutil.which("java") and shutil.which("javac"):
        result = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False)
        version = re.search(r'"(\d+)', result.stderr)
    if not version or int(version[1]) < 17:
        skip("Java", "there is no Java 17 or newer")
        return
    with folder() as tmp:
        (tmp / "Shop.java").write_text(JAVA)
        tool("javac", "Shop.java", cwd=tmp)
        check_run_time("Java", [
            "java", "-XX:+PreserveFramePointer", "-XX:+UnlockDiagnosticVMOptions",
            "-XX:+DumpPerfMapAtExit", "-XX:-Inline", "Shop"], r"Shop.large", r"Shop.small", tmp)


main(inlined_functions_are_told_apart, separate_files_have_them, symbols_in_gnu_debugdata_are_found,
     debuginfod_is_asked_if_the_user_says_so, libdw_is_loaded_only_where_it_is_used,
     cpp_is_demangled, rust_is_demangled, go_has_its_names, javascript_of_node, java)
