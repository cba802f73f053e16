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
		this.pending = false;
		run.sliced = new Uint8Array(run.n);
		for (const process of run.slices.process)
			run.sliced[process] = 1;
		this.timeline = new Timeline(run, this);
		this.icicle = new Icicle(run, this);
		this.table = new Table(run, this);
		this.showHead();
		this.showAlone();
		this.showLegend();
		this.listen();
		this.redraw();
	}

	/* Draw in the next frame, once however often this is called. */
	redraw() {
		if (this.pending)
			return;
		this.pending = true;
		requestAnimationFrame(() => {
			this.pending = false;
			this.drawNow();
		});
	}

	drawNow() {
		this.timeline.draw();
		this.icicle.draw();
	}

	/* The time shown is another. */
	changed() {
		this.redraw();
		if ($("window-only").checked) {
			clearTimeout(this.later);
			this.later = setTimeout(() => this.table.update(), 80);
		}
	}

	isMarked(i) {
		return this.marks[i] === 1;
	}

	isDimmed(i) {
		return (this.query !== "" && !this.marks[i]) || (this.command !== null && this.run.comm[i] !== this.command);
	}

	nodeMatches(node) {
		return this.matchingNodes.has(node);
	}

	tipLines(i) {
		const run = this.run, cpu = run.field("cpu-time"), energy = run.field("attributed-energy");
		return [run.name(i) + "  pid " + run.pid[i],
			"wall " + duration(run.wall[i]) + (cpu && cpu.values[i] >= 0 ? ", CPU " + duration(cpu.values[i]) : "") + (energy && energy.values[i] >= 0 ? ", " + joules(energy.values[i]) : ""),
			run.alone[i] ? "alone for " + duration(run.alone[i]) : null,
			run.texts[run.outcome[i]] || (run.state[i] & 2 ? "outlived the run" : null)];
	}

	/* ---- selection ---- */

	select(i, reveal) {
		this.selected = i;
		this.showDetail();
		if (i !== NONE && reveal)
			this.timeline.reveal(i);
		this.redraw();
		this.table.draw();
	}

	link(i, text) {
		const file = telling(this.run.texts[this.run.args[i]]);
		const button = element("button", { type: "button", className: "link", title: this.run.line(i).slice(0, 500) }, text || this.run.name(i) + (file ? " " + file : ""));
		button.dataset.process = i;
		button.addEventListener("click", () => this.select(i, true));
		return button;
	}

	showDetail() {
		const run = this.run, i = this.selected, detail = $("detail");
		detail.hidden = i === NONE;
		if (i === NONE)
			return;
		const pair = (name, value) => value ? element("div", {}, element("dt", {}, name), element("dd", {}, value)) : null;
		const children = run.children(i), outcome = run.texts[run.outcome[i]], close = element("button", { type: "button", className: "close", title: "Close (Esc)" }, "×");
		close.addEventListener("click", () => this.select(NONE));
		const zoom = element("button", { type: "button", className: "link" }, "zoom to it");
		zoom.addEventListener("click", () => this.timeline.zoomTo(i));
		detail.replaceChildren(close, element("b", {}, element("bdi", {}, run.name(i))), ` pid ${run.pid[i]}` + (run.number[i] > 1 ? `, life ${run.number[i]} of it` : ""),
			outcome ? element("span", { className: "failed" }, "  " + outcome) : "",
			element("code", {}, run.line(i)),
			element("dl", {}, pair("start", axisLabel(run.begin[i], run.end_ns / 1e5)), pair("wall", duration(run.wall[i])),
				pair("alone", run.alone[i] ? duration(run.alone[i]) : ""), pair("threads", run.threads[i] ? String(run.threads[i]) : ""),
				pair("execs", run.execs[i] ? String(run.execs[i]) : ""), pair("state", run.state[i] & 2 ? "outlived the run" : ""),
				...run.fields.map(field => field.kind === "wall-time" ? null : pair(field.name, amount(field.values[i], field.unit)))),
			element("div", { className: "links" }, zoom, run.parent[i] === NONE ? "no parent in this run" : "parent", run.parent[i] === NONE ? null : this.link(run.parent[i]),
				children.length ? plural(children.length, "child", "children") : "no children", ...Array.from(children.subarray(0, 24), child => this.link(child)),
				children.length > 24 ? "…" : null));
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
			if (matches(run.comm[i]) || matches(run.args[i]) || matches(run.exe[i]) || (run.outcome[i] && matches(run.outcome[i])) || String(run.pid[i]) === wanted) {
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
		this.query = wanted;
		this.marks = marks;
		this.found = found;
		for (let node of [...nodes])
			for (; node.parent && !nodes.has(node.parent); node = node.parent)
				nodes.add(node.parent);
		this.matchingNodes = nodes;
		$("matches").textContent = wanted ? found ? plural(found, "match", "matches") : "nothing matches" : "";
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

	/* ---- top of the page ---- */

	showHead() {
		const run = this.run, cpu = run.field("cpu-time"), title = run.title;
		document.title = title + " – alumet-agent";
		$("title").textContent = title;
		$("origin").textContent = run.runs.map(one => [one.file, one.start, ...one.info].filter(Boolean).join(" · ")).slice(0, 6).join("\n") + (run.runs.length > 6 ? ` and ${run.runs.length - 6} more runs` : "");
		const card = (name, value, lines, bad) => element("div", { className: "card" + (bad ? " bad" : "") }, element("h3", {}, name), element("b", {}, value), ...lines.filter(Boolean).map(line => line instanceof Node ? line : element("p", {}, line)));
		const sum = field => field.values.reduce((total, value) => total + (value || 0), 0);
		const cards = [card("Wall time", duration(run.end_ns), [run.runs.length > 1 ? plural(run.runs.length, "run") + "; the time between them is left out" : null])];
		if (cpu)
			cards.push(card("CPU time", duration(sum(cpu)), [`${digits(sum(cpu) / (run.end_ns || 1))} CPUs busy on average`]));
		const energy = this.energyCard(card, sum);
		if (energy)
			cards.push(energy);
		const failed = run.state.reduce((n, state) => n + (state & 1), 0), alive = run.state.reduce((n, state) => n + (state >> 1 & 1), 0);
		cards.push(card("Processes", run.n.toLocaleString("en"), [`${run.lanes.toLocaleString("en")} at once, ${plural(run.commands.length, "command")}`, alive ? `${alive.toLocaleString("en")} outlived the run` : null]));
		if (failed)
			cards.push(card("Failed", failed.toLocaleString("en"), [this.failures()], true));
		const rss = run.field("peak-rss");
		if (rss) {
			const most = sortIndices(run.n, i => rss.values[i], true)[0];
			if (most !== undefined && rss.values[most] > 0)
				cards.push(card("Most memory", amount(rss.values[most], "B"), [this.link(most)]));
		}
		for (const [kind, name] of [["runqueue-wait", "waiting for a CPU"], ["block-wait", "waiting for disks"]]) {
			const field = run.field(kind);
			if (field && sum(field) > 0)
				cards.push(card("All " + name, duration(sum(field)), [cpu ? percent(sum(field), sum(cpu)) + " of the CPU time" : null]));
		}
		$("totals").replaceChildren(...cards);
		$("notes").hidden = run.notes.length === 0;
		$("notes").replaceChildren(...run.notes.map(note => element("p", {}, note)));
		$("footer").textContent = `Made by ${run.made_by}. This page asks nothing of any network.`;
	}

	failures() {
		const kinds = new Map();
		for (let i = 0; i < this.run.n; i++)
			if (this.run.state[i] & 1)
				kinds.set(this.run.outcome[i], (kinds.get(this.run.outcome[i]) || 0) + 1);
		return [...kinds].sort((a, b) => b[1] - a[1]).slice(0, 3).map(([outcome, n]) => this.run.texts[outcome] + (n > 1 ? " ×" + n : "")).join(", ");
	}

	/* What was measured, and how it divides into the tree's, others' and idle, where that is known. */
	energyCard(card, sum) {
		const run = this.run, measured = run.energies.filter(energy => !energy.part && energy.times.length);
		const main = measured.filter(energy => ["package", "dram"].includes(energy.domain)), used = main.length ? main : measured;
		const attributed = run.field("attributed-energy"), total = used.reduce((all, energy) => all + energy.joules, 0);
		if (!measured.length && !attributed)
			return null;
		const lines = [], tree = attributed ? sum(attributed) : 0, parts = new Map();
		for (const energy of run.energies.filter(energy => energy.part && ["package", "dram"].includes(energy.domain)))
			parts.set(energy.part, (parts.get(energy.part) || 0) + energy.joules);
		if (attributed) {
			const all = [["these processes", tree, theme.busy], ["others", parts.get("other") || 0, theme.others], ["idle", parts.get("idle") || 0, theme.grid], ["graphics", parts.get("graphics") || 0, theme.alone]].filter(part => part[1] > 0);
			const whole = all.reduce((total, part) => total + part[1], 0);
			lines.push(element("div", { className: "split" }, ...all.map(([name, value, colour]) => element("i", { title: name, style: `width:${100 * value / whole}%;background:${colour}` }))));
			lines.push(all.map(([name, value]) => `${name} ${joules(value)}`).join(", "));
			lines.push((run.energies.find(energy => energy.method) || {}).method);
		} else {
			lines.push("of the machine; no share for each process");
		}
		lines.push(measured.map(energy => `${energyName(energy)} ${joules(energy.joules)}`).join(", "));
		return card("Energy", joules(total || tree), lines);
	}

	showAlone() {
		const run = this.run, rows = [];
		$("alone-section").hidden = run.n < 2;
		$("alone-text").textContent = `For ${duration(run.aloneTotal)} of ${duration(run.end_ns)} (${percent(run.aloneTotal, run.end_ns)}) one process only had no living child: ` +
			"making it shorter, or something else ready to run beside it, shortens the run. The longest of them:";
		const longest = sortIndices(run.n, i => run.alone[i], true).subarray(0, 8), most = run.alone[longest[0]];
		for (const i of longest) {
			if (!(run.alone[i] > 0))
				break;
			const button = this.link(i);
			button.className = "";
			rows.push(element("tr", {}, element("td", { className: "number" }, duration(run.alone[i])), element("td", { className: "number" }, percent(run.alone[i], run.end_ns)),
				element("td", { className: "bar-cell" }, element("i", { style: `width:${100 * run.alone[i] / most}%` })), element("td", { className: "name" }, button, element("span", { className: "mono" }, middle(run.line(i), 110)))));
		}
		$("alone-table").tBodies[0].replaceChildren(...rows);
	}

	showLegend() {
		const run = this.run, entries = run.commands.slice(0, PALETTE.light.length);
		const item = (comm, name, n, colour) => {
			const button = element("button", { type: "button", title: "Show only this command strongly" }, element("i", { style: "background:" + colour }), element("bdi", {}, name.slice(0, 40)), element("span", {}, n.toLocaleString("en")));
			button.setAttribute("aria-pressed", String(comm !== null && this.command === comm));
			if (comm !== null)
				button.addEventListener("click", () => {
					this.command = this.command === comm ? null : comm;
					this.showLegend();
					this.redraw();
				});
			else
				button.disabled = true;
			return button;
		};
		const others = run.commands.slice(entries.length), n = others.reduce((sum, entry) => sum + entry.n, 0);
		$("legend").replaceChildren(...entries.map((entry, i) => item(entry.comm, run.texts[entry.comm], entry.n, theme.palette[i])),
			...(others.length ? [item(null, `${plural(others.length, "other command")}`, n, theme.others)] : []));
	}

	/* ---- keys and buttons ---- */

	themed() {
		const choice = localStorageGet("alumet-theme");
		readTheme(false);
		$("theme").textContent = "Theme: " + (choice || "system");
		this.showHead();
		this.showLegend();
		this.redraw();
		this.table.draw();
	}

	key(event) {
		const run = this.run, i = this.selected, children = i === NONE ? [] : run.children(i);
		if (event.ctrlKey || event.metaKey || event.altKey || ["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName) || $("help").open)
			return event.key === "Escape" && event.target.id === "search" ? event.target.blur() : undefined;
		const middle = (this.timeline.view.from + this.timeline.view.to) / 2;
		const keys = {
			"/": () => $("search").focus(),
			"?": () => $("help").showModal(),
			"+": () => this.timeline.zoom(0.6, middle), "=": () => this.timeline.zoom(0.6, middle),
			"-": () => this.timeline.zoom(1.7, middle),
			"0": () => this.timeline.show(0, run.end_ns),
			ArrowLeft: () => this.timeline.move(-0.2), ArrowRight: () => this.timeline.move(0.2),
			n: () => this.next(1), N: () => this.next(-1),
			p: () => i !== NONE && run.parent[i] !== NONE && this.select(run.parent[i], true),
			c: () => children.length && this.select(children[0], true),
			s: () => {
				const beside = i === NONE ? [] : run.children(run.parent[i]);
				if (beside.length)
					this.select(beside[(beside.indexOf(i) + 1) % beside.length], true);
			},
			z: () => i !== NONE && this.timeline.zoomTo(i),
			Escape: () => {
				$("search").value = "";
				this.command = null;
				this.showLegend();
				this.find("");
				this.select(NONE);
			},
		};
		/* Arrows scroll the page unless the time axis, or nothing, has the focus. */
		if (event.key.startsWith("Arrow") && event.target !== document.body && event.target.id !== "time")
			return;
		if (keys[event.key] && (event.target.tagName !== "BUTTON" || event.key !== "Enter")) {
			event.preventDefault();
			keys[event.key]();
		}
	}

	listen() {
		document.addEventListener("keydown", event => this.key(event));
		$("search").addEventListener("input", event => this.find(event.target.value));
		$("search").addEventListener("keydown", event => {
			if (event.key === "Enter")
				this.next(event.shiftKey ? -1 : 1);
		});
		$("zoom-out").addEventListener("click", () => this.timeline.show(0, this.run.end_ns));
		$("help-button").addEventListener("click", () => $("help").showModal());
		$("theme").addEventListener("click", () => {
			const order = [null, "light", "dark"], next = order[(order.indexOf(localStorageGet("alumet-theme")) + 1) % 3];
			try {
				next ? localStorage.setItem("alumet-theme", next) : localStorage.removeItem("alumet-theme");
			} catch {
				document.documentElement.classList.toggle("dark");
			}
			this.themed();
		});
		matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.themed());
		addEventListener("resize", () => { this.redraw(); this.table.draw(); });
		/* Paper is white, and has no room for what scrolls. */
		addEventListener("beforeprint", () => {
			readTheme(true);
			this.showHead();
			this.showLegend();
			this.table.print();
			this.drawNow();
		});
		addEventListener("afterprint", () => this.themed());
	}
}

async function main() {
	const data = $("data");
	try {
		const run = decode(await inflate(data.textContent));
		data.remove();
		readTheme(false);
		makeModel(run);
		document.querySelector("main").hidden = false;
		window.report = new App(run);
		$("theme").textContent = "Theme: " + (localStorageGet("alumet-theme") || "system");
		window.report.drawNow();
		document.documentElement.dataset.ready = "yes";
	} catch (error) {
		$("title").textContent = "This page could not be drawn";
		$("origin").textContent = typeof DecompressionStream === "undefined" ? "The browser is too old: it lacks DecompressionStream (Chromium 80, Firefox 113, Safari 16.4)." : String(error);
		document.documentElement.dataset.ready = "failed";
		throw error;
	}
}

main();
