# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Little room and namespaces: nothing is lost, or it is said.
. /checks/lib.sh

cat > small.toml <<EOF
[plugins.perf]
ring_size = "4KiB"
EOF
agent TASK_CLOCK --config small.toml -- census storm 1000
equal 'a ring of one page: every life of 1000' "$status $(lives)" '0 1001'
without=$(awk -F ';' '$1 == "process_info" { all[$7] } $1 ~ /TASK_CLOCK/ { counted[$7] }
	END { for (pid in all) if (!(pid in counted)) n++; print n + 0 }' out.csv)
equal 'a ring of one page: each of them has its count' "$without" 0

# Since Linux 7.0, the program at an exec may be preempted by another exec.
cat > execs.sh <<'EOF'
for job in 1 2 3 4; do
	(i=0; while [ $i -lt 250 ]; do /bin/true "job-$job-$i"; i=$((i+1)); done) &
done
wait
EOF
agent TASK_CLOCK -- sh execs.sh
equal '1000 execs, four at a time: every life' "$status $(lives)" '0 1005'
equal '1000 execs, four at a time: each with its arguments' \
	"$(grep -o 'args=/bin/true job-[0-9]*-[0-9]*' out.csv | sort -u | wc -l)" 1000
equal '1000 execs, four at a time: nothing is lost' "$(cat stderr)" ''

cat > few.toml <<EOF
[plugins.perf]
max_tasks = 16
EOF
CENSUS_LOG=/dev/null agent TASK_CLOCK --config few.toml -- census wide 100 > /dev/null
equal 'more tasks than max_tasks: the command is unharmed' "$status" 0
says 'more tasks than max_tasks: it is said' 'tasks were not followed'

agent TASK_CLOCK -- unshare -p -f sh -c 'true; true & wait; /bin/true; exit 4'
equal 'a pid namespace below the command: status' "$status" 4
equal 'a pid namespace below the command: every life' "$(lives)" 4

unshare -p -f --mount-proc sh -c '
	. /checks/lib.sh
	agent TASK_CLOCK -- sh -c "echo \$\$; /bin/true; exit 5"
	equal "the agent in a pid namespace: status" "$status" 5
	equal "the agent in a pid namespace: pids as it sees them" "$(pids sh)" "$(cat stdout)"
	equal "the agent in a pid namespace: every life" "$(lives)" 2'

agent TASK_CLOCK --wait-tree -- sh -c '(sleep 0.3; /bin/true; exit 6) & exit 7'
equal 'the last of the tree is waited for' "$status $(lives)" '7 4'

# On the second CPU: see watch.sh. Even so an emulated machine may give the other CPU, and with it the
# agent, no turn for half a second.
agent TASK_CLOCK -I 100 -- taskset 2 census busy 2000
awk -F ';' -v pid="$(pids census | sed -n 2p)" '$1 ~ /TASK_CLOCK/ && $7 == pid' out.csv > rows
sed 's/^/    /' rows
rows=$(wc -l < rows)
# Without the agent's looks at the CPUs there would be the last one alone.
within 'rows of a process that never yields' "$rows" 3 24

# Processes that begin while the agent looks: the name of each is before its counts.
CENSUS_LOG=/dev/null agent TASK_CLOCK -I 1 -- census wide 200
awk -F ';' '$1 == "process_info" { named[$7] }
	$1 ~ /TASK_CLOCK/ && !($7 in named)' out.csv > early
sed -n '1s/^/    early: /p' early
equal 'processes that begin while the agent looks: names precede counts' "$(wc -l < early)" 0
