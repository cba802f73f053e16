/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Canvases of the page: sharp on every screen, in the colours of the theme. */
const FONT = "12px system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
const SMALL = FONT.replace("12px", "11px");

let theme = {};

function readTheme(forPrint) {
	const choice = localStorageGet("alumet-theme");
	fill("theme", "Theme: " + (choice || "system"));
	const dark = !forPrint &&
		(choice ? choice === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
	page.classList.toggle("dark", dark);
	page.style.colorScheme = dark ? "dark" : "light";
	const style = getComputedStyle(page);
	theme = { dark };
	for (const name of ["back", "panel", "line", "text", "dim", "grid", "others", "fail",
		"mark", "busy", "watts", "alone", "on-bar"])
		theme[name] = style.getPropertyValue("--" + name).trim();
	theme.palette = [...PALETTE[dark ? "dark" : "light"], theme.others];
	theme.onPalette = theme.palette
		.map(colour => brightness(colour) < 0.18 ? "#ffffff" : theme["on-bar"]);
}

/* Roughly the relative luminance of "#rrggbb", as WCAG defines it. */
function brightness(colour) {
	const [red, green, blue] = [1, 3, 5]
		.map(at => (parseInt(colour.slice(at, at + 2), 16) / 255) ** 2.2);
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/* A page opened from a file may have no storage. */
function localStorageGet(key) {
	try {
		return localStorage.getItem(key);
	} catch {
		return null;
	}
}

/* The context of a canvas that is cleared and as wide as its place, in CSS pixels. */
function prepare(canvas, height) {
	const ratio = devicePixelRatio || 1, width = canvas.parentElement.clientWidth;
	const w = round(width * ratio), h = round(height * ratio);
	if (canvas.width !== w || canvas.height !== h) {
		canvas.width = w;
		canvas.height = h;
		canvas.style.height = height + "px";
	}
	const ctx = canvas.getContext("2d");
	ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
	ctx.clearRect(0, 0, width, height);
	ctx.font = FONT;
	ctx.textBaseline = "middle";
	return ctx;
}

function fillBox(ctx, colour, ...place) {
	ctx.fillStyle = colour;
	ctx.fillRect(...place);
}

function putText(ctx, colour, align, ...text) {
	ctx.fillStyle = colour;
	ctx.textAlign = align;
	ctx.fillText(...text);
}

/* The text, cut to this width in pixels. */
function fit(ctx, text, width) {
	if (text.length > 300)
		text = text.slice(0, 300);
	if (ctx.measureText(text).width <= width)
		return text;
	let low = 0, high = text.length;
	while (low < high) {
		const middle = (low + high + 1) >> 1;
		if (ctx.measureText(text.slice(0, middle) + "…").width <= width)
			low = middle;
		else
			high = middle - 1;
	}
	return low > 1 ? text.slice(0, low) + "…" : "";
}

/* A round step, so that the span has about this many marks. */
function stepFor(span, marks) {
	const raw = span / max(1, marks), power = 10 ** floor(Math.log10(raw));
	return power * [1, 2, 5, 10].find(factor => factor * power >= raw * 0.999);
}

/* The same for time, with steps of 15 s, 1 min, 5 min and so on. */
function timeStep(span, marks) {
	const raw = span / max(1, marks);
	if (raw <= 10e9)
		return stepFor(span, marks);
	return [15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200]
		.map(s => s * 1e9).find(s => s >= raw) || stepFor(span, marks);
}

/* A time on the axis, with as many digits as the step needs, and the unit of the largest one. */
function axisLabel(ns, step, most = ns) {
	if (ns === 0)
		return "0";
	if (step >= 1e9 && ns >= 60e9) {
		const s = round(ns / 1e9);
		return (s >= 3600 ? floor(s / 3600) + "h" : "") + String(floor(s / 60) % 60) + "m" +
			String(s % 60).padStart(2, "0");
	}
	const [unit, name] = max(most, step * 10) >= 1e9 ? [1e9, "s"] :
		max(most, step * 10) >= 1e6 ? [1e6, "ms"] : [1e3, "µs"];
	return (ns / unit).toFixed(max(0, -floor(Math.log10(step / unit) + 1e-9))) + " " + name;
}

/* Lines beside the pointer; the first is strong. */
function showTip(event, lines, args) {
	const tip = $("tip");
	if (!lines) {
		tip.hidden = true;
		return;
	}
	tip.replaceChildren(element("div", {}, element("b", {}, lines[0])),
		...(args ? [element("div", { className: "args mono" },
			args.length > 400 ? args.slice(0, 400) + "…" : args)] : []),
		...lines.slice(1).filter(Boolean).map(line => element("div", {}, line)));
	tip.hidden = false;
	const box = tip.getBoundingClientRect();
	tip.style.left = max(4, min(event.clientX + 14, innerWidth - box.width - 8)) + "px";
	tip.style.top = (event.clientY + 18 + box.height > innerHeight ?
		event.clientY - box.height - 10 : event.clientY + 18) + "px";
}
