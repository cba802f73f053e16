/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Puts the views together: selection, search, theme, keys. */
class App {
	constructor(run) {
		this.run = run;
		this.selected = NONE;
		this.query = "";
		this.command = null;            /* of the legend: the only one shown strong */
		this.marks = new Uint8Array(run.n); /* processes that the search found */
		this.found = 0;
		this.search = 0;
		this.time = this.tree = false;      /* to be drawn in the next frame */
	}

	/* One view after the other, each in a slice of its own, from the top of the page down. */
	*build() {
		const run = this.run;
		this.detail = new Detail(run, this);
		this.head = new Head(run, this);
		yield this.head.show();
		yield this.timeline = new Timeline(run, this);
		yield this.head.showLegend();
		yield this.head.showAlone();
		yield this.head.showRanks();
		yield this.icicle = new Icicle(run, this);
		yield this.timeline.drawAxis();
		yield this.timeline.lanes.draw();
		yield this.timeline.series.draw();
		yield this.icicle.draw();
		yield this.detail.showFunctions();
		yield this.table = new Table(run, this);
		this.listen();
	}

	/* Draw in the next frame, once however often this is called; what has not changed stays. */
	redraw(time = true, tree = true) {
		const pending = this.time || this.tree;
		this.time = this.time || time;
		this.tree = this.tree || tree;
		if (pending)
			return;
		requestAnimationFrame(() => {
			if (this.time)
				this.timeline.draw();
			if (this.tree)
				this.icicle.draw();
			this.time = this.tree = false;
		});
	}

	drawNow() {
		this.timeline.draw();
		this.icicle.draw();
	}

	/* The time shown is another. */
	changed() {
		this.redraw(true, false);
		if ($("window-only").checked) {
			clearTimeout(this.later);
			this.later = setTimeout(() => this.table.update(), 80);
		}
	}

	isMarked(i) {
		return this.marks[i] === 1;
	}

	isDimmed(i) {
		return (this.query !== "" && !this.marks[i]) ||
			(this.command !== null && this.run.comm[i] !== this.command);
	}

	nodeMatches(node) {
		return this.matchingNodes.has(node);
	}

	/* ---- selection ---- */

	select(i, reveal) {
		this.selected = i;
		this.detail.show();
		if (i !== NONE && reveal)
			this.timeline.reveal(i);
		this.timeline.lanes.drawSelected();
		this.timeline.series.drawAlone();
		this.icicle.draw();
		this.table.markSelected();
	}

	/* ---- search ---- */

	/* In pieces of some milliseconds, so that typing never waits. */
	async find(query) {
		const turn = ++this.search, run = this.run, wanted = query.trim().toLowerCase();
		const marks = new Uint8Array(run.n), known = new Map(), nodes = new Set();
		const matches = text => {
			if (!known.has(text))
				known.set(text, run.texts[text].toLowerCase().includes(wanted));
			return known.get(text);
		};
		let found = 0, until = performance.now() + 12;
		for (let i = 0; i < run.n && wanted; i++) {
			if (matches(run.comm[i]) || matches(run.args[i]) || matches(run.exe[i]) ||
				(run.outcome[i] && matches(run.outcome[i])) ||
				String(run.pid[i]) === wanted) {
				marks[i] = 1;
				nodes.add(run.node[i]);
				found++;
			}
			if (i % 256 === 0 && performance.now() > until) {
				await new Promise(done => setTimeout(done));
				if (turn !== this.search)
					return;
				until = performance.now() + 12;
			}
		}
		for (const node of run.nodes)
			if (wanted && node.frame >= 0 && matches(node.comm))
				nodes.add(node);
		this.query = wanted;
		this.marks = marks;
		this.found = found;
		for (let node of [...nodes])
			for (; node.parent && !nodes.has(node.parent); node = node.parent)
				nodes.add(node.parent);
		this.matchingNodes = nodes;
		fill("matches", !wanted ? "" :
			found ? plural(found, "match", "matches") : "no match");
		this.redraw();
		await new Promise(done => setTimeout(done));
		if (turn === this.search)
			this.table.update();
	}

	/* The next process that matches, from the selected one on. */
	next(step) {
		const run = this.run;
		for (let k = 1, i = this.selected; k <= run.n && this.found; k++) {
			i = (i + step + run.n) % run.n;
			if (this.marks[i])
				return this.select(i, true);
		}
	}

	/* ---- keys and buttons ---- */

	themed() {
		readTheme(false);
		this.head.show();
		this.head.showLegend();
		this.redraw();
		this.table.draw();
	}

	key(event) {
		const run = this.run, i = this.selected,
			children = i === NONE ? [] : run.children(i);
		if (event.ctrlKey || event.metaKey || event.altKey ||
			["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName) ||
			$("help").open)
			return event.key === "Escape" && event.target.id === "search" ?
				event.target.blur() : undefined;
		const middle = (this.timeline.view.from + this.timeline.view.to) / 2;
		const keys = {
			"/": () => $("search").focus(),
			"?": () => $("help").showModal(),
			"+": () => this.timeline.zoom(0.6, middle),
			"=": () => this.timeline.zoom(0.6, middle),
			"-": () => this.timeline.zoom(1.7, middle),
			"0": () => this.timeline.show(0, run.end_ns),
			ArrowLeft: () => this.timeline.move(-0.2),
			ArrowRight: () => this.timeline.move(0.2),
			n: () => this.next(1), N: () => this.next(-1),
			p: () => i !== NONE && run.parent[i] !== NONE &&
				this.select(run.parent[i], true),
			c: () => children.length && this.select(children[0], true),
			s: () => {
				const beside = i === NONE ? [] : run.children(run.parent[i]);
				const next = (beside.indexOf(i) + 1) % beside.length;
				if (beside.length)
					this.select(beside[next], true);
			},
			z: () => i !== NONE && this.timeline.zoomTo(i),
			Escape: () => {
				$("search").value = "";
				this.command = null;
				this.head.showLegend();
				this.find("");
				this.select(NONE);
			},
		};
		/* Arrows scroll the page unless the time axis, or nothing, has the focus. */
		if (event.key.startsWith("Arrow") && event.target !== document.body &&
			event.target.id !== "time")
			return;
		if (keys[event.key] &&
			(event.target.tagName !== "BUTTON" || event.key !== "Enter")) {
			event.preventDefault();
			keys[event.key]();
		}
	}

	listen() {
		on(document, "keydown", event => this.key(event));
		on($("search"), "input", event => this.find(event.target.value));
		on($("search"), "keydown", event => {
			if (event.key === "Enter")
				this.next(event.shiftKey ? -1 : 1);
		});
		onClick($("zoom-out"), () => this.timeline.show(0, this.run.end_ns));
		onClick($("help-button"), () => $("help").showModal());
		onClick($("theme"), () => {
			const order = [null, "light", "dark"],
				at = order.indexOf(localStorageGet("alumet-theme")),
				next = order[(at + 1) % 3];
			try {
				next ? localStorage.setItem("alumet-theme", next) :
					localStorage.removeItem("alumet-theme");
			} catch {
				page.classList.toggle("dark");
			}
			this.themed();
		});
		matchMedia("(prefers-color-scheme: dark)").addEventListener("change",
			() => this.themed());
		on(window, "resize", () => { this.redraw(); this.table.draw(); });
		/* Paper is white, and has no room for what scrolls. */
		on(window, "beforeprint", () => {
			readTheme(true);
			this.head.show();
			this.head.showLegend();
			this.table.print();
			this.drawNow();
		});
		on(window, "afterprint", () => this.themed());
	}
}

async function main() {
	const data = $("data");
	try {
		const base64 = data.textContent;
		data.remove();
		readTheme(false);
		await breathe();
		const run = await sliced(decode(await inflate(base64)));
		await sliced(makeModel(run));
		document.querySelector("main").hidden = false;
		await breathe();
		window.report = new App(run);
		await sliced(window.report.build());
		page.dataset.ready = "yes";
	} catch (error) {
		fill("title", "This page could not be drawn");
		fill("origin", typeof DecompressionStream === "undefined" ?
			"The browser is too old: it lacks DecompressionStream " +
			"(Chromium 80, Firefox 113, Safari 16.4)." : String(error));
		page.dataset.ready = "failed";
		throw error;
	}
}

main();
