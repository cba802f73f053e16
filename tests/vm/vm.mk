# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Tests on other kernels and on arm64, in virtual machines that QEMU emulates; docs/testing.md.
# Included by the Makefile of the top folder.

VM     ?= 5.10 6.1 6.12 newest 6.1-rt 6.12-rt newest-rt rapl-intel rapl-amd arm64 arm64-newest
VM_OUT := build/vm

DEBIAN_x86_64 := amd64
DEBIAN_arm64  := arm64

# Libraries that the linker does not find on this machine, and another architecture's busybox.
build/sysroot/%/complete: tests/vm/fetch-libraries.sh tests/vm/apt.sh
	$(Q)tests/vm/fetch-libraries.sh $(DEBIAN_$*) $(@D)

ifneq ($(SYSROOT),)
$(AGENT): | $(SYSROOT)/complete
endif

# --- what is put into the machines ---------------------------------------------------------------

VM_PROGRAMS := census census_threads watched ends credentials inherited as_user grant preempt functions
VM_BIN_x86_64 := $(VM_PROGRAMS:%=$(VM_OUT)/bin/x86_64/%)
VM_BIN_arm64  := $(VM_PROGRAMS:%=$(VM_OUT)/bin/arm64/%) $(VM_OUT)/bin/arm64/loop

VM_CFLAGS := -std=c17 -D_GNU_SOURCE -O2 -g $(WARN) -MMD -MP -static

define vm_programs
$$(VM_OUT)/bin/$(1)/%: tests/vm/guest/%.c
	@mkdir -p $$(@D)
	$$(say) CC $$@
	$$(Q)$$(TRIPLET_$(1))-gcc $$(VM_CFLAGS) -o $$@ $$<

$$(VM_OUT)/bin/$(1)/%: tests/integration/%.c
	@mkdir -p $$(@D)
	$$(say) CC $$@
	$$(Q)$$(TRIPLET_$(1))-gcc $$(VM_CFLAGS) -o $$@ $$<

.PHONY: vm-$(1)
vm-$(1): $$(VM_BIN_$(1)) $$(if $$(filter-out $$(HOST_ARCH),$(1)),build/sysroot/$(1)/complete)
	$$(Q)$$(MAKE) --no-print-directory ARCH=$(1) STATIC=1 all

-include $$(VM_BIN_$(1):=.d)
endef
$(foreach arch,x86_64 arm64,$(eval $(call vm_programs,$(arch))))

# No C library: nothing but what it says itself is executed.
$(VM_OUT)/bin/arm64/loop: VM_CFLAGS += -ffreestanding -nostdlib -fno-stack-protector -fno-pie -no-pie

# --- the tests -----------------------------------------------------------------------------------

.PHONY: test-vm
VM_ARCHS := $(if $(filter arm64%,$(VM)),arm64) $(if $(filter-out arm64%,$(VM)),x86_64)

test-vm: setup-vm
	$(Q)$(MAKE) --no-print-directory $(JOBS) $(VM_ARCHS:%=vm-%)
	$(Q)tests/vm/run.py --out $(VM_OUT) $(VM)
