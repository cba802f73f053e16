#compdef alumet-agent
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# zsh completion of alumet-agent: the program prints the candidates, see src/cli/complete.h.

local line name
local -a candidates options

for line in ${(f)"$(${~words[1]} --complete "${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)"}; do
	case $line in
	(:nospace) options=(-S '') ;;
	(:command\ *)
		shift ${line#* } words
		(( CURRENT -= ${line#* } ))
		_normal -p $service
		return
		;;
	(:files\ *)
		compset -P ${(b)line#* }
		_files
		return
		;;
	(:users\ *)
		compset -P ${(b)line#* }
		_users
		return
		;;
	(*)
		name=${line%%$'\t'*}
		candidates+=("${name//:/\\:}:${line#*$'\t'}")
		;;
	esac
done
_describe argument candidates $options
