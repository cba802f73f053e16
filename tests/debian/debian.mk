# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make run, and every test, in fresh installations of Debian 12 and 13, each a chroot on this
# machine's kernel; docs/testing.md. Included by the Makefile of the top folder.

# What set-up installs must be enough: make run comes first, while nothing else is installed.
DEBIANS := debian12 debian13
.PHONY: $(DEBIANS:%=test-%) $(DEBIANS:%=run-%)
%-debian12: suite := bookworm
%-debian13: suite := trixie
$(DEBIANS:%=test-%): setup-debian
	$(Q)tests/debian/chroot.sh $(suite) sh -c 'make run && make test'

# make run alone, counted as a test.
$(DEBIANS:%=run-%): run-%: setup-debian
	$(Q)if tests/debian/chroot.sh $(suite) make run; then echo '1 passed, 0 failed, 0 skipped'; \
	else echo 'not ok make run in $(suite)'; echo '0 passed, 1 failed, 0 skipped'; exit 1; fi
