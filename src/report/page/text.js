/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers in units that are easy to read, and elements of the page with text in them. */
function digits(value) {
	const size = abs(value);
	return value.toFixed(size >= 99.95 || value === 0 ? 0 : size >= 9.995 ? 1 :
		size >= 0.9995 ? 2 : 3);
}

function duration(ns) {
	if (!(ns >= 0))
		return "";
	if (ns < 1e3)
		return digits(ns) + " ns";
	if (ns < 999.5e3)
		return digits(ns / 1e3) + " µs";
	if (ns < 999.5e6)
		return digits(ns / 1e6) + " ms";
	if (ns < 59.95e9)
		return digits(ns / 1e9) + " s";
	const s = round(ns / 1e9);
	if (s < 3600)
		return floor(s / 60) + "m" + String(s % 60).padStart(2, "0") + "s";
	return floor(s / 3600) + "h" + String(floor(s / 60) % 60).padStart(2, "0") + "m";
}

function scaled(value, unit, base, names) {
	let i = 0;
	while (abs(value) >= base * 0.9995 && i + 1 < names.length) {
		value /= base;
		i++;
	}
	return (i === 0 && unit !== "J" && Number.isInteger(value) ? value : digits(value)) +
		(names[i] || unit ? " " : "") + names[i] + unit;
}

function joules(value) {
	if (value !== value)
		return "";
	if (value && abs(value) < 1e-3)
		return digits(value * 1e6) + " µJ";
	return value && abs(value) < 1 ? digits(value * 1e3) + " mJ" :
		scaled(value, "J", 1000, ["", "k", "M", "G"]);
}

/* A value of a field with its unit. */
function amount(value, unit) {
	if (value !== value)
		return "";
	if (unit === "ns")
		return duration(value);
	if (unit === "J")
		return joules(value);
	if (unit === "B")
		return scaled(value, "B", 1024, ["", "Ki", "Mi", "Gi", "Ti"]);
	return value < 1e5 ? String(Number.isInteger(value) ? value : +value.toPrecision(4)) :
		scaled(value, "", 1000, ["", "k", "M", "G", "T"]);
}

/* "~" marks a number that may be wrong by more than 1 %, as in the summary. */
function mark(bound, value) {
	return bound > value / 100 ? "~" : "";
}

/* A process's value of a field with its unit. */
function fieldAmount(field, i) {
	return mark(field.bounds?.[i], field.values[i]) + amount(field.values[i], field.unit);
}

/* One digit behind the point, so that a column of them lines up. */
function percent(part, whole) {
	const value = whole > 0 ? 100 * part / whole : NaN;
	if (value !== value)
		return "";
	return value > 0 && value < 0.05 ? "< 0.1 %" : value.toFixed(1) + " %";
}

/* "12,345". */
function count(n) {
	return n.toLocaleString("en");
}

function plural(n, one, many) {
	return count(n) + " " + (n === 1 ? one : many || one + "s");
}

/* Make an element. Strings among the children become text, never markup. */
function element(tag, properties, ...children) {
	const made = document.createElement(tag);
	for (const [key, value] of Object.entries(properties || {})) {
		if (key in made && key !== "list")
			made[key] = value;
		else
			made.setAttribute(key, value);
	}
	made.append(...children.filter(child => child !== null && child !== undefined));
	return made;
}

const page = document.documentElement;
const $ = id => document.getElementById(id);
const on = (target, type, act, options) => target.addEventListener(type, act, options);
const onClick = (target, act) => on(target, "click", act);

/* Put elements, or a text, into the place of an id, instead of what is there. */
function fill(id, ...content) {
	$(id).replaceChildren(...content);
}

/* Cells of tables: a number, and a bar, which has its full length for most. */
function cell(text) {
	return element("td", { className: "number" }, text);
}

function bar(value, most) {
	return element("td", { className: "bar-cell" },
		element("i", { style: `width:${100 * value / most}%` }));
}
