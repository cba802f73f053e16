/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The run as the page holds it. html_data.c writes what is read here: a zlib stream in base64, in it a
 * JSON head, the texts, and one column after another of numbers, seven bits a byte.
 */
const NONE = -1;
const { abs, ceil, floor, max, min, round } = Math;

async function inflate(base64) {
	const text = atob(base64), bytes = new Uint8Array(text.length);
	for (let i = 0; i < text.length; i++)
		bytes[i] = text.charCodeAt(i);
	const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
	return new Uint8Array(await new Response(stream).arrayBuffer());
}

class Numbers {
	constructor(bytes) {
		this.bytes = bytes;
		this.at = 0;
	}
	next() {
		const bytes = this.bytes;
		let byte = bytes[this.at++];
		if (byte < 128)
			return byte;
		let value = byte & 127, scale = 128;
		do {
			byte = bytes[this.at++];
			value += (byte & 127) * scale;
			scale *= 128;
		} while (byte > 127);
		return value;
	}
	/* Zigzag: 0, -1, 1, -2 … */
	signed() {
		const value = this.next();
		return value % 2 ? -(value + 1) / 2 : value / 2;
	}
	text() {
		const length = this.next();
		this.at += length;
		return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
	}
	column(n, type) {
		const column = new type(n);
		for (let i = 0; i < n; i++)
			column[i] = this.next();
		return column;
	}
}

/* Columns of the processes; times in ns since the page's time axis begins. */
function decode(bytes) {
	const numbers = new Numbers(bytes);
	const run = JSON.parse(numbers.text());
	const texts = numbers.text().split("\n");
	const n = run.n = numbers.next();
	run.texts = texts;
	run.begin = new Float64Array(n);
	run.end = new Float64Array(n);
	run.parent = new Int32Array(n);
	run.pid = new Uint32Array(n);
	for (let i = 0, before = 0; i < n; i++)
		before = run.begin[i] = before + numbers.signed();
	for (let i = 0; i < n; i++)
		run.end[i] = run.begin[i] + numbers.next();
	for (let i = 0; i < n; i++) {
		const back = numbers.next();
		run.parent[i] = back ? i - back : NONE;
	}
	for (let i = 0, before = 0; i < n; i++)
		before = run.pid[i] = before + numbers.signed();
	run.comm = numbers.column(n, Uint32Array);
	run.exe = numbers.column(n, Uint32Array);
	run.args = numbers.column(n, Uint32Array);
	run.number = numbers.column(n, Uint32Array);
	run.threads = numbers.column(n, Uint32Array);
	run.execs = numbers.column(n, Uint32Array);
	run.outcome = numbers.column(n, Uint32Array); /* a text; the empty one: nothing failed */
	run.state = numbers.column(n, Uint8Array);    /* 1: failed, 2: outlived the run */
	for (const field of run.fields) {
		field.values = new Float64Array(n);
		for (let i = 0; i < n; i++) {
			const value = numbers.next();
			field.values[i] = value ? (value - 1) * field.scale : NaN;
		}
	}
	/* CPU time by interval, where rows tell it: process, begin, length, CPU time. */
	const slices = numbers.next();
	run.slices = { process: new Uint32Array(slices), begin: new Float64Array(slices),
		end: new Float64Array(slices), cpu: new Float64Array(slices) };
	for (let i = 0, process = 0; i < slices; i++) {
		process = run.slices.process[i] = process + numbers.next();
		run.slices.begin[i] = run.begin[process] + numbers.next();
		run.slices.end[i] = run.slices.begin[i] + numbers.next();
		run.slices.cpu[i] = numbers.next();
	}
	for (const energy of run.energies) {
		const samples = numbers.next();
		energy.times = new Float64Array(samples);
		energy.values = new Float64Array(samples);
		for (let i = 0, before = 0; i < samples; i++) {
			before = energy.times[i] = before + numbers.signed();
			energy.values[i] = numbers.signed() * 1e-9;
		}
	}
	run.field = kind => run.fields.find(field => field.kind === kind);
	return run;
}
