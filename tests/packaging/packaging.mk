# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Tests of what is given to people; docs/testing.md. Included by the Makefile of the top folder.

.PHONY: test-packages test-package test-static test-reproducible

# Both releases, in chroots; those for arm64, too.
test-packages: setup-packaging setup-debian
	$(Q)tests/packaging/packages.sh bookworm chroot arm64
	$(Q)tests/packaging/packages.sh trixie chroot arm64

# That of this machine's release, built on it.
test-package: setup-packaging setup-debian
	$(Q)DEB_BUILD_OPTIONS=nocheck tests/packaging/packages.sh $$(. /etc/os-release && echo $$VERSION_CODENAME) here

# In root file systems that have nothing of what it was built with; ROOTS="bare musl old".
ROOTS ?= bare musl old
test-static: setup-packaging
	$(Q)$(MAKE) --no-print-directory $(JOBS) static
	$(Q)tests/packaging/static.sh $(STATIC_TARBALL) $(ROOTS)

test-reproducible: setup-packaging
	$(Q)tests/packaging/reproducible.sh

.PHONY: test-sbom
test-sbom: setup-packaging
	$(Q)$(MAKE) --no-print-directory $(JOBS) all
	$(Q)O=$(O) tests/packaging/sbom.py
