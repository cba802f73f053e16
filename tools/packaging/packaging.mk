# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What is given to people: docs/releasing.md. All of it comes to build/dist, and none of it tells
# where or when it was built. Included by the Makefile of the top folder.
#
#   make dist                  the sources
#   make static [ARCH=arm64]   the program with everything linked in, for any distribution
#   make deb [ARCH=arm64]      Debian packages for the release of this machine
#   make sbom                  what build/alumet-agent is made of (SPDX)

DIST    := build/dist
SOURCES := $(DIST)/alumet-agent-$(VERSION).tar.xz
STATIC_TARBALL := $(DIST)/alumet-agent-$(VERSION)-linux-$(ARCH).tar.xz
STRIP := $(if $(filter-out $(HOST_ARCH),$(ARCH)),$(TRIPLET_$(ARCH))-)strip

.PHONY: dist static deb sbom

dist:
	$(say) DIST $(SOURCES)
	$(Q)tools/packaging/dist.sh $(SOURCES) $(VERSION)

# A make with other flags than this one's.
static:
	$(Q)$(MAKE) --no-print-directory STATIC=1 ARCH=$(ARCH) static-tarball

.PHONY: static-tarball
static-tarball: all
	$(say) DIST $(STATIC_TARBALL)
	$(Q)tools/packaging/static.sh $(STATIC_TARBALL) $(VERSION) $(O) $(STRIP) $(SYSROOT)

deb: dist
	$(Q)tools/packaging/deb.sh $(DIST) $(SOURCES) $(DEBIAN_$(filter-out $(HOST_ARCH),$(ARCH)))

sbom: all
	$(say) SBOM $(DIST)/alumet-agent-$(VERSION)-$(ARCH).spdx.json
	$(Q)mkdir -p $(DIST)
	$(Q)tools/packaging/sbom.py $(O) > $(DIST)/alumet-agent-$(VERSION)-$(ARCH).spdx.json
