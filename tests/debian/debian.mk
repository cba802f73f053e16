# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make run and every test in fresh installations of Debian 12 and 13, each a chroot on this machine's
# kernel; docs/testing.md. Included by the Makefile of the top folder.

# What set-up installs must be enough: make run comes first, while nothing else is installed.
DEBIANS := test-debian12 test-debian13
.PHONY: $(DEBIANS)
test-debian12: suite := bookworm
test-debian13: suite := trixie
$(DEBIANS): setup-debian
	$(Q)tests/debian/chroot.sh $(suite) sh -c 'make run && make test'
