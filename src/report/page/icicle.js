/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The tree of commands, each as wide as what it and its descendants took. */
const BOX = 22;

class Icicle {
	constructor(run, app) {
		this.run = run;
		this.app = app;
		this.canvas = $("icicle");
		this.top = run.tree;
		this.chosen = null;
		this.boxes = [];
		this.measures = [];
		const { cpu, joules: energy } = run;
		const add = (name, field, inside) => field &&
			this.measures.push({ ...field, name, by: field.name, inside });
		add("CPU time", cpu, true);
		add("energy", energy, true);
		add("wall time of each", { name: "wall", unit: "ns", values: run.wall });
		add("time as the only one running", { unit: "ns", values: run.alone });
		for (const field of run.fields)
			if (!field.max && ![cpu, energy].includes(field) &&
				field.kind !== "wall-time")
				add(field.name, field);
		$("measure").append(...this.measures.map(({ name }, i) =>
			element("option", { value: String(i) }, name)));
		this.choose($("measure").value = max(0,
			this.measures.findIndex(({ by }) => by === run.by)));
		this.listen();
	}

	choose(index) {
		this.measure = this.measures[index];
		weighTree(this.run, this.measure);
		this.app.redraw(false);
	}

	/* What a node and all below it took, marked if it is estimated. */
	total(node) {
		return mark(node.bound, node.total) + amount(node.total, this.measure.unit);
	}

	/* A node alone at the top says nothing: begin with what it holds. */
	zoom(node) {
		this.top = node;
		this.chosen = null;
		this.app.redraw(false);
	}

	label(node) {
		if (node.group)
			return node.group.rank === undefined ? node.group.host :
				"rank " + node.group.rank;
		if (node.frame >= 0)
			return this.run.texts[node.comm] +
				(this.isKernel(node) ? " " + this.run.texts[node.module] : "");
		return node === this.run.tree ? "all" : this.run.texts[node.comm] +
			(node.n > 1 ? " ×" + count(node.n) : "");
	}

	/* A host and a rank are of no command. */
	colour(node) {
		return node.group ? PALETTE.light.length : this.run.colour[node.first];
	}

	isKernel(node) {
		return node.frame >= 0 && /^\[(?!vdso)/.test(this.run.texts[node.module]);
	}

	depthOf(node) {
		let deepest = node.depth;
		for (const child of node.sorted)
			if (child.total * this.perValue >= 1)
				deepest = max(deepest, this.depthOf(child));
		return deepest;
	}

	draw() {
		const width = this.canvas.parentElement.clientWidth, above = [];
		for (let node = this.top.parent; node && node !== this.run.tree; node = node.parent)
			above.unshift(node);
		const start = this.top === this.run.tree ? this.top.sorted : [this.top];
		const total = start.reduce((sum, node) => sum + node.total, 0);
		this.perValue = total > 0 ? width / total : 0;
		const deepest = this.depthOf(this.top) - (this.top.depth || 1) + 1;
		const rows = min(90, deepest + above.length);
		const ctx = prepare(this.canvas, max(1, rows) * BOX + 2);
		this.boxes = [];
		above.forEach((node, row) => this.box(ctx, node, 0, row, width, true));
		this.row(ctx, start, 0, above.length, rows);
		if (!total) {
			ctx.fillStyle = theme.dim;
			ctx.fillText("the processes have no such values", 10, BOX / 2);
		}
		fill("path", this.top === this.run.tree ? "" :
			`${this.label(this.top)}: ${this.total(this.top)} of ` +
			this.total(this.run.tree));
		$("icicle-out").disabled = this.top === this.run.tree;
	}

	row(ctx, nodes, x, row, rows) {
		for (const node of nodes) {
			const width = node.total * this.perValue;
			if (width < 0.7 || row >= rows)
				break;
			this.box(ctx, node, x, row, width, false);
			this.row(ctx, node.sorted, x, row + 1, rows);
			x += width;
		}
	}

	box(ctx, node, x, row, width, isAbove) {
		const y = row * BOX + 1, colour = theme.palette[this.colour(node)], app = this.app;
		const dim = isAbove || (app.query && !app.nodeMatches(node));
		/* Functions are paler than the process, those of the kernel more so. */
		const pale = dim || node.frame >= 0;
		ctx.globalAlpha = dim ? 0.3 : !(node.frame >= 0) ? 1 :
			this.isKernel(node) ? 0.28 : 0.5;
		fillBox(ctx, colour, x, y, max(0.7, width - (width > 3 ? 1 : 0)), BOX - 1);
		ctx.globalAlpha = 1;
		if (node === this.chosen ||
			(app.selected !== NONE && this.run.node[app.selected] === node)) {
			ctx.strokeStyle = theme.text;
			ctx.lineWidth = 2.5;
			ctx.strokeRect(x + 1, y + 1, max(2, width - 3), BOX - 3);
		}
		if (width > 34) {
			ctx.font = FONT;
			ctx.textAlign = "left";
			ctx.fillStyle = pale ? theme.text : theme.onPalette[this.colour(node)];
			const share = "  " + this.total(node) + "  " +
				percent(node.total, this.run.tree.total);
			ctx.fillText(fit(ctx, this.label(node) + (width > 170 ? share : ""),
				width - 10), x + 5, y + BOX / 2);
		}
		this.boxes.push({ node, x, y, width });
	}

	at(event) {
		return this.boxes.find(box => event.offsetX >= box.x &&
			event.offsetX < box.x + max(1, box.width) &&
			event.offsetY >= box.y && event.offsetY < box.y + BOX);
	}

	tip(node) {
		const { unit, name } = this.measure, whole = this.run.tree.total;
		const own = `${amount(node.own, unit)} (${percent(node.own, whole)})`;
		return [this.label(node),
			`${name}: ${this.total(node)} (${percent(node.total, whole)})`,
			node.frame >= 0 && this.run.texts[node.module] ?
				"in " + this.run.texts[node.module] : null,
			node.own < node.total ? "without what it " +
				(node.frame >= 0 ? "called" : "started") + ": " + own : null];
	}

	listen() {
		const canvas = this.canvas;
		on(canvas, "mousemove", event => {
			const box = this.at(event);
			showTip(event, box ? this.tip(box.node) : null);
		});
		on(canvas, "mouseleave", event => showTip(event, null));
		onClick(canvas, event => {
			const box = this.at(event);
			if (box) {
				this.zoom(box.node === this.top ? box.node.parent : box.node);
				showTip(event, null);
			}
		});
		on(canvas, "keydown", event => {
			const from = this.chosen ||
				(this.top === this.run.tree ? this.top.sorted[0] : this.top);
			if (!from)
				return;
			const beside = from.parent ? from.parent.sorted : [from],
				place = beside.indexOf(from);
			const next = { ArrowLeft: beside[place - 1], ArrowRight: beside[place + 1],
				ArrowUp: from.parent === this.run.tree ? null : from.parent,
				ArrowDown: from.sorted[0] }[event.key];
			if (event.key === "Enter")
				this.zoom(from);
			else if (event.key === "Backspace")
				this.zoom(this.top.parent || this.run.tree);
			else if (event.key.startsWith("Arrow"))
				this.chosen = next || from;
			else
				return;
			event.preventDefault();
			event.stopPropagation();
			this.app.redraw(false);
		});
		on($("measure"), "change", event => this.choose(+event.target.value));
		onClick($("icicle-out"), () => this.zoom(this.run.tree));
	}
}
