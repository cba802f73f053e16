# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The agent's exit status is the command's; what keeps a command from running has its own.
. /checks/lib.sh

for code in 0 1 2 42 126 127 255; do
	agent TASK_CLOCK -- sh -c "exit $code"
	equal "exit status $code" "$status" "$code"
done
for signal in 1 6 9 11 15; do
	agent TASK_CLOCK -- sh -c "kill -$signal \$\$"
	equal "ended by signal $signal" "$status" $((128 + signal))
done
agent TASK_CLOCK -- no-such-command > /dev/null
equal 'a command that is not there' "$status" 127
says 'a command that is not there: its name' no-such-command
echo > not-executable
agent TASK_CLOCK -- ./not-executable > /dev/null
equal 'a file that is not executable' "$status" 126
agent NO_SUCH_EVENT -- true > /dev/null
equal 'an event that is not known: the command is not run' "$status $(cat stdout)" '125 '
