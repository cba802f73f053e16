# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The rank of each process of a parallel job, from its environment, which is read in the kernel.
. /checks/lib.sh

on='--config-override plugins.perf.ranks="on"'

# rank WORD: in the last row that names the process with the arguments "/bin/busybox true WORD"
rank() {
	awk -F ';' -v word="$1" '
		$1 == "process_info" && $8 ~ "args=/bin/busybox true " word "(,|$)" { rank = "none" }
		$1 == "process_info" && $8 ~ "args=/bin/busybox true " word ",.*rank=" { rank = $8; sub(/.*rank=/, "", rank) }
		END { print rank }' out.csv
}

# The last of 120 variables, of which each second one is longer than a piece that is read at once.
long=$(printf '%0300d' 0)
for i in 1 2 3 4 5 6; do
	for j in 0 1 2 3 4 5 6 7 8 9; do
		eval "export SHORT_$i$j=$j LONG_$i$j=$long"
	done
done

# shellcheck disable=SC2086,SC2016
agent TASK_CLOCK $on -- sh -c '
	PMI_RANK=3 SLURM_PROCID=0 /bin/busybox true hydra
	SLURM_PROCID=12 sh -c "/bin/busybox true srun; env -i /bin/busybox true bare; (:)" script
	A=SLURM_PROCID=1 XPMI_RANK=1 PMI_RANKS=1 SLURM_PROCID= /bin/busybox true none
	:'
equal 'ranks: status, and nothing is lost' "$status $(cat stderr)" '0 '
equal "ranks: Hydra's" "$(rank hydra)" 3
equal "ranks: srun's" "$(rank srun)" 12
equal 'ranks: without an environment, the one of the parent' "$(rank bare)" 12
equal 'ranks: none' "$(rank none)" none
unset PMI_RANK SLURM_PROCID
agent TASK_CLOCK -- env SLURM_PROCID=4 /bin/busybox true unasked
equal 'ranks: nobody asked' "$(rank unasked)" none
