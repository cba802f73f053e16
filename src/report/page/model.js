/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the views draw, reckoned once: children, lanes, who ran alone, colours, folded tree. */

/* Children of each process, as one list with a start for each. */
function makeChildren(run) {
	const first = new Uint32Array(run.n + 2), list = new Uint32Array(run.n);
	for (let i = 0; i < run.n; i++)
		first[run.parent[i] + 2]++; /* NONE is -1: those go first */
	for (let i = 1; i < run.n + 2; i++)
		first[i] += first[i - 1];
	const at = first.slice();
	for (let i = 0; i < run.n; i++)
		list[at[run.parent[i] + 1]++] = i;
	run.children = i => list.subarray(first[i + 1], first[i + 2]);
}

/* Indices by the end of the processes. */
function byEnd(run) {
	return sortIndices(run.n, i => run.end[i]);
}

/*
 * Indices 0..n-1 sorted by a number, stable, NaN last: a radix sort over the bits of the doubles,
 * because a comparing sort of 100 000 blocks the page for too long. Numbers must not be negative.
 */
function sortIndices(n, key, descending) {
	const keys = new Float64Array(n), words = new Uint32Array(keys.buffer);
	let from = new Uint32Array(n), to = new Uint32Array(n);
	const counts = new Uint32Array(65536);
	for (let i = 0; i < n; i++) {
		const value = key(i);
		keys[i] = value === value ? value + 1 : 0;
		from[i] = i;
	}
	for (let pass = 0; pass < 4; pass++) {
		const word = pass >> 1, shift = pass % 2 * 16;
		counts.fill(0);
		for (let i = 0; i < n; i++)
			counts[words[2 * i + word] >>> shift & 65535]++;
		if (counts[words[word] >>> shift & 65535] === n)
			continue;
		let sum = 0;
		if (descending)
			for (let i = 65535; i >= 0; i--)
				[counts[i], sum] = [sum, sum + counts[i]];
		else
			for (let i = 0; i < 65536; i++)
				[counts[i], sum] = [sum, sum + counts[i]];
		for (let i = 0; i < n; i++) {
			const index = from[i];
			to[counts[words[2 * index + word] >>> shift & 65535]++] = index;
		}
		[from, to] = [to, from];
	}
	if (descending)
		return from;
	/* Those without a value came first. */
	let none = 0;
	while (none < n && keys[from[none]] === 0)
		none++;
	if (none) {
		const sorted = new Uint32Array(n);
		sorted.set(from.subarray(none));
		sorted.set(from.subarray(0, none), n - none);
		return sorted;
	}
	return from;
}

/*
 * A lane for each process: as many as lived at once, and where there is a choice the next one below
 * the parent's.
 */
function makeLanes(run) {
	const lane = run.lane = new Uint32Array(run.n), ends = byEnd(run);
	let free = new Uint32Array(8), lanes = 0, ended = 0;
	const take = from => {
		for (let word = from >> 5; word < free.length; word++) {
			const bits = word === from >> 5 ? free[word] & -1 << (from & 31) : free[word];
			if (bits)
				return word * 32 + 31 - Math.clz32(bits & -bits);
		}
		return NONE;
	};
	for (let i = 0; i < run.n; i++) {
		for (; ended < run.n && run.end[ends[ended]] <= run.begin[i] && ends[ended] < i; ended++)
			free[lane[ends[ended]] >> 5] |= 1 << (lane[ends[ended]] & 31);
		const parent = run.parent[i];
		let found = parent === NONE ? take(0) : take(lane[parent]);
		if (found === NONE && parent !== NONE)
			found = take(0);
		if (found === NONE) {
			found = lanes++;
			if (found >> 5 >= free.length) {
				const grown = new Uint32Array(free.length * 2);
				grown.set(free);
				free = grown;
			}
		}
		free[found >> 5] &= ~(1 << (found & 31));
		lane[i] = found;
	}
	run.lanes = lanes;
}

/*
 * When one process only had no living child, and which. Begins and ends are walked in time order; of
 * the leaves their number and the XOR of their indices is kept, which is the index when it is one.
 */
function makeAlone(run) {
	const ends = byEnd(run), living = new Uint32Array(run.n); /* living children */
	const begin = [], end = [], who = [];
	const time = run.alone = new Float64Array(run.n);
	let leaves = 0, mix = 0, began = 0, since = 0;
	const change = (i, by) => { leaves += by; mix ^= i; };
	for (let ended = 0; ended < run.n;) {
		const starts = began < run.n && run.begin[began] <= run.end[ends[ended]];
		const i = starts ? began : ends[ended], now = starts ? run.begin[i] : run.end[i];
		if (leaves === 1 && now > since) {
			time[mix] += now - since;
			if (who.length && who[who.length - 1] === mix && end[end.length - 1] === since) {
				end[end.length - 1] = now;
			} else {
				begin.push(since);
				end.push(now);
				who.push(mix);
			}
		}
		since = now;
		const parent = run.parent[i], has = parent !== NONE && run.end[parent] >= now;
		if (starts) {
			began++;
			change(i, 1);
			if (has && living[parent]++ === 0)
				change(parent, -1);
		} else {
			ended++;
			if (living[i] === 0)
				change(i, -1);
			run.gone[i] = 1;
			if (parent !== NONE && !run.gone[parent] && --living[parent] === 0)
				change(parent, 1);
		}
	}
	run.aloneParts = { begin, end, who };
	run.aloneTotal = time.reduce((sum, ns) => sum + ns, 0);
}

/* The commands with most time have colours of their own. */
const PALETTE = {
	light: ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#882255", "#ddcc77", "#332288"],
	dark: ["#4aa3df", "#f0b43c", "#2fc79a", "#e3a0c6", "#a6dcff", "#bf7024", "#f5ee7a", "#c4a06a"],
};

function makeCommands(run) {
	const weight = new Map(), cpu = run.field("cpu-time");
	for (let i = 0; i < run.n; i++) {
		const entry = weight.get(run.comm[i]) || { comm: run.comm[i], n: 0, weight: 0, wall: 0 };
		entry.n++;
		entry.weight += cpu ? cpu.values[i] || 0 : run.end[i] - run.begin[i];
		weight.set(run.comm[i], entry);
	}
	run.commands = [...weight.values()].sort((a, b) => b.weight - a.weight || b.n - a.n);
	const colour = new Map(run.commands.slice(0, PALETTE.light.length).map((entry, i) => [entry.comm, i]));
	run.colour = new Uint8Array(run.n);
	for (let i = 0; i < run.n; i++)
		run.colour[i] = colour.get(run.comm[i]) ?? PALETTE.light.length;
}

/* The tree of commands: processes of the same name below the same parent are one node. */
function foldTree(run) {
	const root = { parent: null, depth: 0, comm: NONE, children: new Map(), n: 0, first: NONE };
	const node = run.node = new Array(run.n);
	for (let i = 0; i < run.n; i++) {
		const above = run.parent[i] === NONE ? root : node[run.parent[i]];
		let here = above.children.get(run.comm[i]);
		if (!here) {
			here = { parent: above, depth: above.depth + 1, comm: run.comm[i], children: new Map(), n: 0, first: i };
			above.children.set(run.comm[i], here);
		}
		here.n++;
		node[i] = here;
	}
	run.tree = root;
	run.nodes = [root];
	for (let at = 0; at < run.nodes.length; at++)
		run.nodes.push(...run.nodes[at].children.values());
}

/* Sums of a measure over the folded tree: own, and with all below (total). */
function weighTree(run, values) {
	for (const node of run.nodes)
		node.own = node.total = 0;
	for (let i = 0; i < run.n; i++)
		run.node[i].own += values[i] || 0;
	for (let at = run.nodes.length - 1; at >= 0; at--) {
		const node = run.nodes[at];
		node.total += node.own;
		if (node.parent)
			node.parent.total += node.total;
		node.sorted = [...node.children.values()].sort((a, b) => b.total - a.total);
	}
}

/* Of a command line, what tells it from others of the same command: a source, else what -o names, else the last file. */
const SOURCE = /[^/]\.([cCmsS]|cc|cpp|cxx|rs|go|f90|py|pl|rb|js|ts|java|sh|tex)$/;

function telling(args) {
	const words = args.split(" ").map(word => word.replace(/^['"(]+|['")]+$/g, "")), out = words.indexOf("-o") + 1;
	const last = test => words.findLast((word, i) => i && i !== out && !/^(-|.*\/tmp\/cc\w+\.)|=/.test(word) && test.test(word));
	const found = last(SOURCE) || (out && words[out]) || last(/.[./]/) || (words[1] && words[1][0] !== "-" ? words[1] : "");
	return found.replace(/^.*\/(?=[^/])/, "");
}

function makeModel(run) {
	run.gone = new Uint8Array(run.n);
	run.wall = new Float64Array(run.n);
	for (let i = 0; i < run.n; i++)
		run.wall[i] = run.end[i] - run.begin[i];
	makeChildren(run);
	makeLanes(run);
	makeAlone(run);
	makeCommands(run);
	foldTree(run);
	run.name = i => run.texts[run.comm[i]];
	run.line = i => run.texts[run.args[i]] || run.texts[run.exe[i]] || run.name(i);
}
