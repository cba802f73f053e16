#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a build is made of, as an SBOM (SPDX 2.3, JSON): the Debian packages whose code is in the
program, those whose libraries it loads, and those that built it, with versions and licences.

    sbom.py [--sysroot FOLDER] [--stripped FILE] BUILD      the SBOM
    sbom.py [--sysroot FOLDER] --built-using BUILD          Built-Using of Debian's control files
    sbom.py [--sysroot FOLDER] --copyrights FOLDER BUILD    the packages' copyright files, in FOLDER

BUILD is a folder of make: the linker's map there says which members of which archives were linked
in, the compiler's dependency files which headers were read. Whose they are is dpkg's to say: that
of this machine, or that of SYSROOT, where tests/vm/fetch-libraries.sh has unpacked libraries of
another architecture. The output is the same whenever it is made of the same build: its date is
SOURCE_DATE_EPOCH, or the revision's.
"""

import argparse
import datetime
import functools
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
OWN_LICENCE = "GPL-2.0-only OR BSD-2-Clause"

# Of what is linked in or read as a header, by source package: that of the library, not of a
# package's every file. tests/packaging/sbom.py looks for each of them in the package's copyright
# file.
LICENCES = {
    "elfutils": "GPL-2.0-or-later OR LGPL-3.0-or-later",
    "gcc": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "glibc": "LGPL-2.1-or-later",
    "libbpf": "LGPL-2.1-only OR BSD-2-Clause",
    "libiberty": "LGPL-2.1-or-later",
    "libzstd": "BSD-3-Clause OR GPL-2.0-only",
    "linux": "GPL-2.0-only WITH Linux-syscall-note",
    "tomlplusplus": "MIT",
    "uthash": "BSD-1-Clause",
    "zlib": "Zlib",
}
# Their headers are code, which is compiled in.
HEADERS_ONLY = ("tomlplusplus", "uthash")
TOOLS = ("clang", "llvm-strip", "bpftool")
NATIVE_TOOLS = ("cc", "c++", "ld")
CROSS_TOOLS = {
    "AArch64":
        ("aarch64-linux-gnu-gcc", "aarch64-linux-gnu-g++", "aarch64-linux-gnu-ld"),
    "Advanced Micro Devices X86-64":
        ("x86_64-linux-gnu-gcc", "x86_64-linux-gnu-g++", "x86_64-linux-gnu-ld"),
}


def fail(message):
    sys.exit(f"sbom: {message}")


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False,
                          env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout


class Package:
    """An installed Debian package: its name with the architecture where dpkg tells it so."""

    def __init__(self, name, sysroot):
        self.admin = [f"--admindir={sysroot}/var/lib/dpkg"] if sysroot else []
        fields = run("dpkg-query", *self.admin, "-W", "-f",
                     "${Package}\t${Version}\t${Architecture}\t"
                     "${source:Package}\t${source:Version}",
                     name).split("\t")
        if len(fields) != 5:
            fail(f"dpkg does not know the package {name}")
        self.name, self.version, self.architecture, self.source, self.source_version = fields
        self.copyright = pathlib.Path(sysroot or "/") / "usr/share/doc" / self.name / "copyright"

    @property
    def project(self):
        """Which of LICENCES: gcc-12 and gcc-12-cross are gcc."""
        if self.source.startswith("cross-toolchain-base"):
            return "linux" if self.name.startswith("linux-libc") else "glibc"
        return re.sub(r"^gcc-.*", "gcc", self.source)

    @property
    def purl(self):
        def quote(text):
            return urllib.parse.quote(text, safe="~.-")
        return (f"pkg:deb/debian/{self.name}@{quote(self.version)}"
                f"?arch={self.architecture}&distro={codename()}")

    def spdx(self, licence):
        return {
            "SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-",
                                          f"{self.name}-{self.architecture}"),
            "name": self.name,
            "versionInfo": self.version,
            "supplier": "Organization: Debian",
            "sourceInfo": f"built from Debian's source package {self.source} {self.source_version}",
            "downloadLocation": "NOASSERTION",
            "filesAnalyzed": False,
            "licenseConcluded": licence,
            "licenseDeclared": "NOASSERTION",
            "copyrightText": "NOASSERTION",
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                              "referenceLocator": self.purl}],
        }


@functools.cache
def codename():
    text = pathlib.Path("/etc/os-release").read_text()
    found = re.search(r"^VERSION_CODENAME=(\S+)", text, re.MULTILINE)
    return found[1] if found else "sid"


class Owners:
    """Whose files are, by dpkg of this machine or of the sysroot that they are in."""

    def __init__(self, sysroot):
        self.sysroot = os.path.realpath(sysroot) if sysroot else None
        self.packages = {}

    def of(self, paths):
        """The packages that have these files; every file must have one."""
        ours = {os.path.realpath(path) for path in paths}
        theirs = {path for path in ours if self.sysroot and path.startswith(f"{self.sysroot}/")}
        return (self.ask(ours - theirs, None)
                | self.ask({path[len(self.sysroot):] for path in theirs}, self.sysroot))

    def ask(self, paths, sysroot):
        if not paths:
            return set()
        admin = [f"--admindir={sysroot}/var/lib/dpkg"] if sysroot else []
        # dpkg has some paths as they were before /usr was merged.
        other = {path: path.removeprefix("/usr") if path.startswith("/usr/") else f"/usr{path}"
                 for path in paths}
        found = {}
        every = sorted({*paths, *other.values()})
        for line in run("dpkg-query", *admin, "-S", *every).splitlines():
            names, _, path = line.partition(": ")
            if not names.startswith("diversion"):
                found[path] = names.split(", ")[0]
        unknown = [path for path in paths if path not in found and other[path] not in found]
        if unknown:
            fail(f"no package has {', '.join(sorted(unknown))}")
        return {self.package(found.get(path) or found[other[path]], sysroot) for path in paths}

    def package(self, name, sysroot):
        key = (name, sysroot)
        if key not in self.packages:
            self.packages[key] = Package(name, sysroot)
        return self.packages[key]


class Build:
    """What went into BUILD/alumet-agent, as sets of packages."""

    def __init__(self, folder, sysroot):
        self.folder = pathlib.Path(folder)
        self.program = self.folder / "alumet-agent"
        owners = Owners(sysroot)
        if not self.program.exists():
            fail(f"{self.program} is not there; run make")
        linked, loaded = self.files_linked()
        self.static = owners.of(linked)
        self.dynamic = owners.of(loaded)
        headers = owners.of(self.headers())
        self.static |= {package for package in headers if package.project in HEADERS_ONLY}
        self.headers_only = headers - self.static - self.dynamic
        self.tools = owners.of(filter(None, map(shutil.which, TOOLS + self.compilers())))

    def compilers(self):
        """Those of this machine, unless the program is for another."""
        def machine(path):
            return re.search(r"Machine:\s+(.*)", run("readelf", "-h", path))[1]
        theirs = machine(self.program)
        return NATIVE_TOOLS if theirs == machine(sys.executable) else CROSS_TOOLS[theirs]

    def files_linked(self):
        """Archives of which members were linked in, and shared libraries that the program names."""
        text = pathlib.Path(f"{self.program}.map").read_text()
        members = text[:text.index("\nMemory Configuration")]
        archives = set(re.findall(r"^(\S+)\(\S+\)", members, re.MULTILINE))
        archives.discard(f"{self.folder}/libalumet.a")
        loaded = re.findall(r"^LOAD (\S+)$", text, re.MULTILINE)
        needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-d", self.program)))
        return archives, {path for path in loaded
                          if os.path.basename(path) in needed
                          or os.path.basename(os.path.realpath(path)) in needed
                          or soname(path) in needed}

    def headers(self):
        for kind in ("src", "bpf"):
            for file in (self.folder / kind).rglob("*.d"):
                yield from re.findall(r"(?<=\s)/\S+(?<!:)(?=\s|$)", file.read_text())

    def sources_linked(self):
        """Not the C library and the compiler's start-up code, which every program has."""
        return {(package.source, package.source_version) for package in self.static
                if package.project != "glibc"}


@functools.cache
def soname(path):
    if ".so" not in os.path.basename(path):
        return None
    found = re.search(r"\(SONAME\).*\[(.*)\]", run("readelf", "-d", path))
    return found and found[1]


def relation(first, kind, second, comment=None):
    return {"spdxElementId": first, "relationshipType": kind, "relatedSpdxElement": second,
            **({"comment": comment} if comment else {})}


def licence_of(package):
    if package.project not in LICENCES:
        fail(f"{package.name} (source {package.source}) is linked in, and its licence is not "
             f"in {__file__}")
    return LICENCES[package.project]


def sbom(build, version, revision, epoch, stripped):
    program = pathlib.Path(stripped or build.program).read_bytes()
    digest = hashlib.sha256(program).hexdigest()
    own = "SPDXRef-alumet-agent"
    packages = [{
        "SPDXID": own,
        "name": "alumet-agent",
        "versionInfo": f"{version} (revision {revision})",
        "primaryPackagePurpose": "APPLICATION",
        "supplier": "Organization: the alumet-agent developers",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
        "licenseConcluded": OWN_LICENCE,
        "licenseDeclared": OWN_LICENCE,
        "copyrightText": (ROOT / "LICENSES/BSD-2-Clause.txt").read_text().splitlines()[0],
    }]
    relations = [relation("SPDXRef-DOCUMENT", "DESCRIBES", own)]

    def add(group, licence, relate):
        for package in sorted(group, key=lambda one: (one.name, one.architecture)):
            entry = package.spdx(licence(package))
            if entry not in packages:
                packages.append(entry)
            relations.append(relate(entry["SPDXID"], package))

    add(build.static, licence_of, lambda ref, package: relation(
        own, "STATIC_LINK", ref,
        "headers with code, compiled in" if package.project in HEADERS_ONLY else None))
    add(build.dynamic - build.static, licence_of, lambda ref, _: relation(own, "DYNAMIC_LINK", ref))
    add(build.headers_only, licence_of, lambda ref, _: relation(
        ref, "BUILD_DEPENDENCY_OF", own, "declarations of its headers"))
    add(build.tools, lambda _: "NOASSERTION", lambda ref, _: relation(ref, "BUILD_TOOL_OF", own))
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"alumet-agent-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/alumet-agent-{version}-{digest}",
        "creationInfo": {
            "created": datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc)
                       .strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": [f"Tool: alumet-agent-sbom-{version}"],
        },
        "packages": packages,
        "relationships": relations,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--sysroot")
    parser.add_argument("--stripped",
                        help="the program as it is shipped, where that is another file")
    parser.add_argument("--built-using", action="store_true")
    parser.add_argument("--copyrights")
    args = parser.parse_args()
    os.chdir(ROOT)
    build = Build(args.build, args.sysroot)
    if args.built_using:
        print(", ".join(f"{source} (= {version})"
                        for source, version in sorted(build.sources_linked())))
    elif args.copyrights:
        for package in build.static:
            shutil.copyfile(package.copyright,
                            pathlib.Path(args.copyrights) / f"{package.name}.copyright")
    else:
        version = re.search(r"^VERSION := (\S+)$", pathlib.Path("Makefile").read_text(),
                            re.MULTILINE)[1]
        revision = run("tools/packaging/revision.sh").strip()
        epoch = int(run("tools/packaging/epoch.sh"))
        json.dump(sbom(build, version, revision, epoch, args.stripped), sys.stdout, indent=1)
        print()


if __name__ == "__main__":
    main()
