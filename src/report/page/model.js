/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the views draw, computed once: children, lanes, which process ran alone, colours, and the
 * tree of commands.
 */

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

/*
 * Indices 0..n-1 sorted by a number, stable, NaN last: a radix sort over the bits of the doubles,
 * because a comparing sort of 100 000 takes too long. Numbers must not be negative.
 */
function* sortIndices(n, key, descending) {
	const keys = new Float64Array(n), words = new Uint32Array(keys.buffer);
	let from = new Uint32Array(n), to = new Uint32Array(n);
	const counts = new Uint32Array(65536);
	for (let i = 0; i < n; i++) {
		const value = key(i);
		keys[i] = value === value ? value + 1 : 0;
		from[i] = i;
		if (i % PIECE === 0)
			yield;
	}
	for (let pass = 0; pass < 4; pass++) {
		yield;
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
 * A lane for each process: as many lanes as processes lived at once. Of several free lanes, the
 * next one below the parent's is taken.
 */
function* makeLanes(run) {
	const lane = run.lane = new Uint32Array(run.n), ends = run.ends;
	let free = new Uint32Array(8), lanes = 0, ended = 0;
	const take = from => {
		for (let word = from >> 5; word < free.length; word++) {
			const bits = word === from >> 5 ? free[word] & -1 << (from & 31) :
				free[word];
			if (bits)
				return word * 32 + 31 - Math.clz32(bits & -bits);
		}
		return NONE;
	};
	for (let i = 0; i < run.n; i++) {
		for (; ended < run.n && run.end[ends[ended]] <= run.begin[i] && ends[ended] < i;
			ended++)
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
		if (i % PIECE === 0)
			yield;
	}
	run.lanes = lanes;
}

/*
 * When only one process had no living child, and which. Begins and ends are visited in the order of
 * time. Of the living processes without a child, their number and the XOR of their indices is kept:
 * if there is only one, that is its index.
 */
function* makeAlone(run) {
	const ends = run.ends, living = new Uint32Array(run.n); /* living children */
	const begin = [], end = [], who = [];
	const time = run.alone = new Float64Array(run.n);
	let leaves = 0, mix = 0, began = 0, since = 0;
	const change = (i, by) => { leaves += by; mix ^= i; };
	for (let ended = 0; ended < run.n;) {
		const starts = began < run.n && run.begin[began] <= run.end[ends[ended]];
		const i = starts ? began : ends[ended], now = starts ? run.begin[i] : run.end[i];
		if (leaves === 1 && now > since) {
			time[mix] += now - since;
			if (who.length && who[who.length - 1] === mix &&
				end[end.length - 1] === since) {
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
			if (ended % PIECE === 0)
				yield;
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

/* Colours for the costliest commands; the others share one. */
const PALETTE = {
	light: ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#882255", "#ddcc77",
		"#332288"],
	dark: ["#4aa3df", "#f0b43c", "#2fc79a", "#e3a0c6", "#a6dcff", "#bf7024", "#f5ee7a",
		"#c4a06a"],
};

function* makeCommands(run) {
	const weight = new Map();
	for (let i = 0; i < run.n; i++) {
		let entry = weight.get(run.comm[i]);
		if (!entry)
			weight.set(run.comm[i], entry = { comm: run.comm[i], n: 0, weight: 0 });
		entry.n++;
		entry.weight += run.cost.values[i] || 0;
		if (i % PIECE === 0)
			yield;
	}
	run.commands = [...weight.values()].sort((a, b) => b.weight - a.weight || b.n - a.n);
	const colour = new Map(run.commands.slice(0, PALETTE.light.length)
		.map((entry, i) => [entry.comm, i]));
	run.colour = new Uint8Array(run.n);
	for (let i = 0; i < run.n; i++)
		run.colour[i] = colour.get(run.comm[i]) ?? PALETTE.light.length;
}

/*
 * The tree of commands: processes of the same name below the same parent are one node. In a
 * parallel job, hosts are at its top, and ranks below them.
 */
function* foldTree(run) {
	const make = (parent, comm, first, more) => ({
		parent, depth: parent ? parent.depth + 1 : 0, comm, first, n: 0,
		children: new Map(), ...more
	});
	const root = make(null, NONE, NONE), node = run.node = new Array(run.n), groups = [];
	const below = (above, key, ...rest) => above.children.get(key) ||
		above.children.set(key, make(above, ...rest)).get(key);
	const groupOf = (number, first) => {
		if (!number)
			return root;
		const group = run.groups[number - 1];
		return groups[number] ||= below(group.parent ? groupOf(group.parent, first) : root,
			"g" + number, NONE, first, { group });
	};
	for (let i = 0; i < run.n; i++) {
		const parent = run.parent[i];
		const above = parent === NONE || run.group[parent] !== run.group[i] ?
			groupOf(run.group[i], i) : node[parent];
		node[i] = below(above, run.comm[i], run.comm[i], i);
		node[i].n++;
		if (i % PIECE === 0)
			yield;
	}
	run.tree = root;
	run.nodes = [root];
	for (const node of run.nodes) /* those that are added, too */
		for (const child of node.children.values())
			run.nodes.push(child);
}

/* Sums over the processes of each rank. A host's group is before those of its ranks. */
function sumGroups(run) {
	let hosts = 0, job = "";
	run.groups.forEach((group, at) => {
		if (group.host !== undefined && group.job !== job)
			[hosts, job] = [at, group.job];
		if (group.rank !== undefined)
			group.parent = hosts + group.of + 1;
		Object.assign(group, { number: at + 1, job, n: 0, failed: 0, begin: Infinity,
			end: 0, sums: run.fields.map(() => NaN) });
	});
	for (let i = 0; i < run.n; i++) {
		const group = run.groups[run.group[i] - 1];
		if (!group)
			continue;
		group.n++;
		group.failed += run.state[i] & 1;
		group.begin = min(group.begin, run.begin[i]);
		group.end = max(group.end, run.end[i]);
		run.fields.forEach((field, f) => {
			const value = field.values[i], sum = group.sums[f];
			if (value === value)
				group.sums[f] = sum !== sum ? value : field.max ? max(sum, value) :
					sum + value;
		});
	}
}

/* Add the functions of a profile to the tree, below the processes that have samples. */
function growFunctions(run) {
	const below = new Map();
	const nodeOf = (top, frame) => {
		const known = below.get(top) || below.set(top, new Map()).get(top);
		if (known.has(frame))
			return known.get(frame);
		const { parent, name, module } = run.frames[frame],
			above = parent === NONE ? top : nodeOf(top, parent);
		const node = { parent: above, depth: above.depth + 1, comm: name, module, frame,
			children: new Map(), n: 0, first: top.first };
		above.children.set("f" + frame, node);
		known.set(frame, node);
		run.nodes.push(node);
		return node;
	};
	for (const count of run.counts)
		count.node = count.frame === NONE ? run.node[count.process] :
			nodeOf(run.node[count.process], count.frame);
}

/*
 * Sums of a measure over the tree of commands: own, and with all below (total), which may be wrong
 * by bound. inside: of functions, too.
 */
function weighTree(run, { values, bounds, inside }) {
	for (const node of run.nodes)
		node.own = node.total = node.bound = 0;
	for (let i = 0; i < run.n; i++) {
		run.node[i].own += values[i] || 0;
		run.node[i].bound += bounds?.[i] || 0;
	}
	const energy = run.field("attributed-energy"),
		isEnergy = energy && values === energy.values;
	for (const { process, node, share, energyShare } of inside ? run.counts : []) {
		const part = (isEnergy ? energyShare : share) * (values[process] || 0);
		run.node[process].own -= part;
		node.own += part;
	}
	for (let at = run.nodes.length - 1; at >= 0; at--) {
		const node = run.nodes[at];
		node.total += node.own;
		if (node.parent)
			node.parent.total += node.total, node.parent.bound += node.bound;
		node.sorted = [...node.children.values()].sort((a, b) => b.total - a.total);
	}
}

/* The indices with the largest numbers, the largest first; not those without one. */
function largest(n, key, count) {
	const found = [];
	for (let i = 0, least = 0; i < n; i++) {
		if (!(key(i) > least))
			continue;
		let at = found.length;
		while (at > 0 && key(found[at - 1]) < key(i))
			at--;
		found.splice(at, 0, i);
		if (found.length > count)
			found.pop();
		if (found.length === count)
			least = key(found[count - 1]);
	}
	return found;
}

function* makeModel(run) {
	run.name = i => run.texts[run.comm[i]];
	/* What distinguishes it from others of its name: the arguments that the summary shows. */
	run.telling = i => run.texts[run.detail[i]];
	run.label = i => run.name(i) + (run.detail[i] ? " " + run.telling(i) : "");
	/* "n1 rank 3", of a process of a parallel job. */
	run.place = i => {
		const group = run.groups[run.group[i] - 1];
		return !group ? "" : group.rank === undefined ? group.host :
			run.groups[group.parent - 1].host + " rank " + group.rank;
	};
	run.line = i => run.texts[run.args[i]] || run.texts[run.exe[i]] || run.name(i);
	run.gone = new Uint8Array(run.n);
	run.wall = new Float64Array(run.n);
	for (let i = 0; i < run.n; i++)
		run.wall[i] = run.end[i] - run.begin[i];
	/* By what the page sorts. */
	run.cost = run.fields.find(field => field.name === run.by) || { values: run.wall };
	yield makeChildren(run);
	run.ends = yield* sortIndices(run.n, i => run.end[i]);
	yield* makeLanes(run);
	yield* makeAlone(run);
	yield* makeCommands(run);
	yield sumGroups(run);
	yield* foldTree(run);
	yield growFunctions(run);
}
