# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# JavaScript without comments, and without the blanks and line ends that divide nothing: no reader
# of the page needs them. Strings, templates and regular expressions stay as they are. Statements
# must end with a semicolon or a brace. Functions and constants at the left edge get names of two
# characters, except those that tests use in the page (-v keep="NAME NAME"); so none of them may be
# called like a method. So do methods of classes with a capital in their name (drawAxis), which no
# method or property of the browser may have.

# Whether a character can be part of a name or a number.
function is_word(c) {
	return c ~ /[A-Za-z0-9_$]/
}

# A declaration behind another of the same block becomes a part of it.
function joins(word) {
	if (last !~ /^[;{}]?$/)
		return 0
	if (word != "let") {
		declares[level] = 0
		return 0
	}
	if (last == ";" && declares[level])
		return 1
	declares[level] = 1
	return 0
}

# Put what stands for the blanks since the last character, and the character.
function put(c) {
	if (blank && ((is_word(last) && is_word(c)) || (last == c && (c == "+" || c == "-"))))
		out = out " "
	blank = 0
	out = out c
	last = c
}

# The place behind a quoted text or an expression that begins at i. Between brackets, the latter
# does not end.
function behind(i, quote,    c, inside) {
	for (i++; i < length(text) && ((c = substr(text, i, 1)) != quote || inside); i++) {
		if (c == "\\")
			i++
		else if (quote == "/" && c == "[")
			inside = 1
		else if (quote == "/" && c == "]")
			inside = 0
	}
	return i + 1
}

# The place behind the texts of a template up to its end or the next "${".
function behind_template(i,    c) {
	for (; i < length(text) && (c = substr(text, i, 1)) != "`"; i++) {
		if (c == "\\")
			i++
		else if (substr(text, i, 2) == "${")
			return i + 2
	}
	return i + 1
}

function copy(from, to) {
	put(substr(text, from, 1))
	out = out substr(text, from + 1, to - from - 1)
	last = substr(text, to - 1, 1)
}

# A name as it is written: not that of a property, which may be somebody else's.
function name_of(word, next_char) {
	if (word == "const" && last != ".")
		return "let"
	if (word in method)
		return method[word]
	return (word in short) && last != "." && next_char != ":" ? short[word] : word
}

BEGIN { letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" }

{ text = text $0 "\n" }

function shorten(name) {
	if (index(" " keep " ", " " name " ") == 0)
		short[name] = "$" substr(letters, ++names, 1)
}

/^((async )?function\*?|const) [A-Za-z]/ {
	line = $0
	sub(/^((async )?function\*?|const) /, "", line)
	if (/^const/) {
		n = split(line, parts, ", ")
		for (k = 1; k <= n; k++)
			if (match(parts[k], /^[A-Z][A-Z_]+ = /))
				shorten(substr(parts[k], 1, RLENGTH - 3))
	} else {
		sub(/\(.*/, "", line)
		shorten(line)
	}
}

/^\t(async )?\*?[a-z]+[A-Z][A-Za-z]*\(.*\) \{$/ {
	word = $0
	sub(/^\t(async )?\*?/, "", word)
	sub(/\(.*/, "", word)
	method[word] = "_" substr(letters, ++methods, 1)
}

END {
	for (i = 1; i <= length(text); ) {
		c = substr(text, i, 1)
		two = substr(text, i, 2)
		to = 0
		if (two == "/*") {
			i += index(substr(text, i), "*/") + 1
			blank = 1
			continue
		}
		if (c == "\"" || c == "'" || (c == "/" && last ~ /[(,=:!&|?{;>[]/))
			to = behind(i, c)
		else if (c == "`")
			to = behind_template(i + 1)
		else if (c == "}" && depth && braces[depth] == 0) {
			depth--
			to = behind_template(i + 1)
		}
		if (to) {
			if (substr(text, to - 2, 2) == "${")
				braces[++depth] = 0
			copy(i, to)
			i = to
			continue
		}
		if (depth)
			braces[depth] += (c == "{") - (c == "}")
		if (c ~ /[A-Za-z_$]/ && match(substr(text, i, 80), /^[A-Za-z0-9_$]+/)) {
			word = substr(text, i, RLENGTH)
			i += RLENGTH
			word = name_of(word, substr(text, i, 1))
			if (joins(word)) {
				out = substr(out, 1, length(out) - 1) ","
				last = ","
				blank = 0
				continue
			}
			put(substr(word, 1, 1))
			out = out substr(word, 2)
			last = substr(word, length(word))
			continue
		}
		if (c ~ /[ \t\n]/) {
			blank = 1
		} else {
			if (c != "}" && c != ";")
				joins(c)
			if (index("([{", c))
				declares[++level] = 0
			else if (index(")]}", c))
				level--
			put(c)
		}
		i++
	}
	print out
}
