/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The run as the page holds it. html_data.c writes what is read here: a zlib stream in base64; in
 * it a JSON head, the texts, and columns of numbers, one after another, with seven bits in a byte.
 */
const NONE = -1;
const { abs, ceil, floor, max, min, round } = Math;

/*
 * Work in slices: a generator runs for SLICE_MS, then the browser may paint and handle events. No
 * task of the page is long, however many processes there are.
 */
const SLICE_MS = 8;

function breathe() {
	if (globalThis.scheduler && scheduler.yield)
		return scheduler.yield();
	return new Promise(done => {
		const channel = new MessageChannel();
		channel.port1.onmessage = done;
		channel.port2.postMessage(0);
	});
}

async function sliced(work) {
	for (let until = performance.now() + SLICE_MS; ;) {
		const { done, value } = work.next();
		if (done)
			return value;
		if (performance.now() > until) {
			await breathe();
			until = performance.now() + SLICE_MS;
		}
	}
}

/* Loops over all processes yield each time after so many of them. */
const PIECE = 8192;

async function inflate(base64) {
	const stream = new DecompressionStream("deflate"), writer = stream.writable.getWriter(),
		parts = [];
	const reading = (async () => {
		const reader = stream.readable.getReader();
		for (let part; !(part = await reader.read()).done;)
			parts.push(part.value);
	})();
	for (let at = 0; at < base64.length; at += 4 * PIECE) {
		const text = atob(base64.slice(at, at + 4 * PIECE)),
			bytes = new Uint8Array(text.length);
		for (let i = 0; i < text.length; i++)
			bytes[i] = text.charCodeAt(i);
		await writer.write(bytes);
		if (at % (64 * PIECE) === 0)
			await breathe();
	}
	writer.close();
	await reading;
	const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
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
	*column(n, type) {
		const column = new type(n);
		for (let i = 0; i < n; i++) {
			column[i] = this.next();
			if (i % PIECE === 0)
				yield;
		}
		return column;
	}
	/* Texts with line ends between; UTF-8 may be cut at any of these. */
	*texts() {
		const length = this.next(), bytes = this.bytes, end = this.at + length,
			decoder = new TextDecoder(), texts = [];
		for (let from = this.at, to; from <= end; from = to + 1) {
			to = min(end, from + 32 * PIECE);
			while (to < end && bytes[to] !== 10)
				to++;
			for (const text of decoder.decode(bytes.subarray(from, to)).split("\n"))
				texts.push(text);
			yield;
		}
		this.at = end;
		return texts;
	}
}

/* Of the kinds of fields that the page names, in the order of its table. */
const TITLES = { "cpu-time": "CPU", "attributed-energy": "Energy", "peak-rss": "Peak memory",
	"runqueue-wait": "Waited for a CPU", "block-wait": "Waited for disks" };

/* Columns of the processes; times in ns since the page's time axis begins. */
function* decode(bytes) {
	const numbers = new Numbers(bytes), run = JSON.parse(numbers.text());
	run.texts = yield* numbers.texts();
	const n = run.n = numbers.next();
	yield* decodeLives(numbers, run, n);
	for (const name of ["comm", "exe", "args", "detail", "number", "threads", "execs"])
		run[name] = yield* numbers.column(n, Uint32Array);
	/* A text; the empty one: nothing failed. */
	run.outcome = yield* numbers.column(n, Uint32Array);
	run.state = yield* numbers.column(n, Uint8Array);    /* 1: failed, 2: outlived the run */
	/* The number of its group, from 1: its rank, or host. 0: it is of no job. */
	run.group = yield* numbers.column(n, Uint32Array);
	for (const field of run.fields) {
		field.values = yield* numbers.column(n, Float64Array);
		field.sum = 0;
		for (let i = 0; i < n; i++) {
			const value = field.values[i];
			field.values[i] = value ? (value - 1) * field.scale : NaN;
			field.sum += field.values[i] || 0;
		}
		yield;
		/* By how much each value may be wrong, in the field's unit. */
		if (field.estimated)
			field.bounds = (yield* numbers.column(n, Float64Array))
				.map(bound => bound * field.scale);
	}
	yield* decodeSeries(numbers, run);
	yield* decodeFunctions(numbers, run);
	/* A node's energy counts once, however many of its ranks have measured it. */
	run.energies = run.energies.filter(energy => !run.repeated.includes(energy.run));
	makeCounters(run);
	for (const field of run.fields)
		field.title = TITLES[field.kind] || field.name;
	run.field = kind => run.fields.find(field => field.kind === kind);
	run.cpu = run.field("cpu-time");
	run.joules = run.field("attributed-energy");
	return run;
}

/* The energy counters; one that several runs have read is one. */
function makeCounters(run) {
	const counters = new Map();
	for (const energy of run.energies.filter(one => !one.part && one.times.length)) {
		const { name, domain } = energy, counter = counters.get(name) ||
			{ name, domain, joules: 0, parts: [] };
		counter.joules += energy.joules;
		counter.parts.push(energy);
		counters.set(name, counter);
	}
	run.counters = [...counters.values()];
}

function* decodeLives(numbers, run, n) {
	run.begin = new Float64Array(n);
	run.end = new Float64Array(n);
	run.parent = new Int32Array(n);
	run.pid = new Uint32Array(n);
	for (let i = 0, before = 0; i < n; i++)
		before = run.begin[i] = before + numbers.signed();
	yield;
	for (let i = 0; i < n; i++)
		run.end[i] = run.begin[i] + numbers.next();
	yield;
	for (let i = 0; i < n; i++) {
		const back = numbers.next();
		run.parent[i] = back ? i - back : NONE;
	}
	yield;
	for (let i = 0, before = 0; i < n; i++)
		before = run.pid[i] = before + numbers.signed();
	yield;
}

/* CPU time by interval, where the run has such rows; and energy over time. */
function* decodeSeries(numbers, run) {
	const n = numbers.next();
	run.slices = { process: new Uint32Array(n), begin: new Float64Array(n),
		end: new Float64Array(n), cpu: new Float64Array(n) };
	run.sliced = new Uint8Array(run.n);
	for (let i = 0, process = 0; i < n; i++) {
		process = run.slices.process[i] = process + numbers.next();
		run.slices.begin[i] = run.begin[process] + numbers.next();
		run.slices.end[i] = run.slices.begin[i] + numbers.next();
		run.slices.cpu[i] = numbers.next();
		run.sliced[process] = 1;
		if (i % PIECE === 0)
			yield;
	}
	for (const energy of run.energies) {
		const samples = numbers.next();
		energy.times = new Float64Array(samples);
		energy.values = new Float64Array(samples);
		for (let i = 0, before = 0; i < samples; i++) {
			before = energy.times[i] = before + numbers.signed();
			energy.values[i] = numbers.signed() * 1e-9;
		}
		yield;
	}
}

/* Functions with their callers, and how many samples each process has in which of them. */
function* decodeFunctions(numbers, run) {
	const frames = numbers.next();
	run.frames = [];
	for (let i = 0; i < frames; i++) {
		const back = numbers.next();
		run.frames.push({ parent: back ? i - back : NONE, name: numbers.next(),
			module: numbers.next() });
		if (i % PIECE === 0)
			yield;
	}
	const counts = numbers.next();
	run.counts = [];
	for (let i = 0, process = 0; i < counts; i++) {
		process += numbers.next();
		run.counts.push({ process, frame: numbers.next() - 1, samples: numbers.next(),
			share: numbers.next() / 1e9, energyShare: numbers.next() / 1e9 });
		if (i % PIECE === 0)
			yield;
	}
}
