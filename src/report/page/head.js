/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The top of the page: what was run, where, what it cost, and what was lost. Also the sections of
 * what the run waited for, and of ranks, and the legend.
 */
class Head {
	constructor(run, app) {
		this.run = run;
		this.app = app;
	}

	/* "n1 · Intel Xeon · 8 CPUs · 31.2 GiB · Linux 6.1.0", as far as run_info has it. */
	machine(one) {
		const info = Object.fromEntries(one.info.map(line => {
			const at = line.indexOf("=");
			return [line.slice(0, at), line.slice(at + 1)];
		}));
		return [info.hostname, info.cpu, info.cpus && plural(+info.cpus, "CPU"),
			info.memory && amount(+info.memory, "B"),
			info.kernel && "Linux " + info.kernel,
			info.job_id && `job ${info.job_id}${info.step ? "." + info.step : ""}`,
			info.rank && "rank " + info.rank].filter(Boolean).join(" · ");
	}

	showOrigin() {
		const run = this.run;
		const runs = run.runs.map(({ start, file }) =>
			`${start.replace("T", " ").replace("Z", " UTC")} · ${file}`);
		const machines =
			[...new Set(run.runs.map(one => this.machine(one)).filter(Boolean))];
		const some = (list, what) => list.slice(0, 4).join("; ") +
			(list.length > 4 ? ` and ${list.length - 4} more ${what}` : "");
		document.title = run.title + " – alumet-agent";
		$("title").textContent = run.title;
		$("origin").replaceChildren(
			...[some(runs, "runs"), some(machines, "machines")]
			.filter(Boolean).map(line => element("span", {}, line)));
		$("footer").textContent =
			`Made by ${run.made_by}. This page asks nothing of any network.`;
	}

	show() {
		this.showOrigin();
		this.showTotals();
		this.showNotes();
	}

	card(name, value, lines, bad) {
		return element("div", { className: "card" + (bad ? " bad" : "") },
			element("h3", {}, name), element("b", {}, value),
			...lines.filter(Boolean).map(
				line => line instanceof Node ? line : element("p", {}, line)));
	}

	showTotals() {
		const run = this.run, cpu = run.cpu,
			wall = run.runs.length === 1 ? run.runs[0].wall : run.end_ns;
		const runs = run.runs.length, between = ", without the time between them";
		const cards = [this.card("Wall time", duration(wall),
			[runs > 1 ? plural(runs, "run") + between : null])];
		if (cpu)
			cards.push(this.card("CPU time", duration(cpu.sum),
				[`${digits(cpu.sum / (wall || 1))} CPUs busy on average`]));
		cards.push(this.energy());
		let failed = 0, alive = 0;
		for (const state of run.state) {
			failed += state & 1;
			alive += state >> 1 & 1;
		}
		cards.push(this.card("Processes", run.n.toLocaleString("en"),
			[`of ${plural(run.commands.length, "command")}, ` +
				`${run.lanes.toLocaleString("en")} at once`,
			alive ? `${alive.toLocaleString("en")} outlived the run` : null]));
		if (failed)
			cards.push(this.card("Failed", failed.toLocaleString("en"),
				[this.failures()], true));
		const rss = run.field("peak-rss"),
			[most] = rss ? largest(run.n, i => rss.values[i], 1) : [];
		if (most !== undefined)
			cards.push(this.card("Most memory", amount(rss.values[most], "B"),
				[this.app.detail.link(most)]));
		for (const [kind, name] of [["runqueue-wait", "Waited for a CPU"],
			["block-wait", "Waited for disks"]]) {
			const sum = run.field(kind)?.sum;
			if (sum > 0)
				cards.push(this.card(name, duration(sum), [cpu &&
					(sum > cpu.sum ? digits(sum / cpu.sum) + " times" :
						percent(sum, cpu.sum) + " of") + " the CPU time"]));
		}
		$("totals").replaceChildren(...cards.filter(Boolean));
	}

	/* First what could not be read or was lost, then other notes. */
	showNotes() {
		const run = this.run, notices = run.notices.map(({ kind, text, run: of }) =>
			[kind, run.runs.length > 1 ? `${run.runs[of].file}: ${text}` : text]);
		const lost = [...run.notes.map(note => ["loss", note]),
			...notices.filter(([kind]) => kind === "loss")];
		const all = [...lost, ...notices.filter(([kind]) => kind !== "loss")];
		$("notes").hidden = !all.length;
		$("notes").className = lost.length ? "lost" : "";
		$("notes").replaceChildren(...all.map(([kind, text]) => element("p", {},
			element("b", {}, kind === "loss" ? "missing" : "note"),
			element("span", {}, text))));
	}

	failures() {
		const kinds = new Map(), run = this.run;
		for (let i = 0; i < run.n; i++)
			if (run.state[i] & 1)
				kinds.set(run.outcome[i], (kinds.get(run.outcome[i]) || 0) + 1);
		return [...kinds].sort((a, b) => b[1] - a[1]).slice(0, 3)
			.map(([outcome, n]) => run.texts[outcome] + (n > 1 ? " ×" + n : ""))
			.join(", ");
	}

	/* What was measured, and which parts of it are the tree's, others' and idle, if known. */
	energy() {
		const run = this.run, measured = run.energies
			.filter(energy => !energy.part && energy.times.length);
		const main = measured.filter(energy => ["package", "dram"].includes(energy.domain)),
			used = main.length ? main : measured;
		const attributed = run.joules,
			total = used.reduce((all, energy) => all + energy.joules, 0);
		if (!measured.length && !attributed)
			return null;
		const lines = [], tree = attributed ? attributed.sum : 0, parts = new Map();
		for (const energy of run.energies)
			if (energy.part && ["package", "dram"].includes(energy.domain))
				parts.set(energy.part,
					(parts.get(energy.part) || 0) + energy.joules);
		if (attributed) {
			const all = [["these processes", tree, theme.busy],
				["others", parts.get("other") || 0, theme.others],
				["idle", parts.get("idle") || 0, theme.grid],
				["graphics", parts.get("graphics") || 0, theme.alone]]
				.filter(part => part[1] > 0);
			const whole = all.reduce((total, part) => total + part[1], 0);
			lines.push(element("div", { className: "split" },
				...all.map(([title, value, colour]) => element("i", { title, style:
					`width:${100 * value / whole}%;background:${colour}` }))));
			lines.push(element("ul", {},
				...all.map(([name, value, colour]) => element("li", {},
					element("i", { style: "background:" + colour }), name,
					element("span", {}, joules(value))))));
			const method = run.energies.map(energy => energy.method).find(Boolean);
			lines.push(method && "by " + method);
		} else {
			lines.push("of the machine; no share for each process");
		}
		if (measured.length > 1 || !attributed)
			lines.push(element("ul", {},
				...measured.map(energy => element("li", {}, energyName(energy),
					element("span", {}, joules(energy.joules))))));
		return this.card("Energy", joules(total || tree), lines);
	}

	showAlone() {
		const run = this.run, rows = [], longest = largest(run.n, i => run.alone[i], 8);
		$("alone-section").hidden = run.n < 2 || !longest.length;
		$("alone-text").textContent =
			`For ${duration(run.aloneTotal)} ` +
			`(${percent(run.aloneTotal, run.end_ns)} of the run) one process was at ` +
			"work alone while all others waited for their children; " +
			"a shorter one shortens the run. The longest of them:";
		for (const i of longest) {
			const button = this.app.detail.link(i);
			button.className = "";
			rows.push(element("tr", {}, cell(duration(run.alone[i])),
				cell(percent(run.alone[i], run.end_ns)),
				bar(run.alone[i], run.alone[longest[0]]),
				element("td", { className: "name" }, button,
					element("span", { className: "mono" },
						middle(run.line(i), 110)))));
		}
		$("alone-table").tBodies[0].replaceChildren(...rows);
	}

	/* What each rank of a job took, and how even they are, in the text of other formats. */
	showRanks() {
		const run = this.run, ranks = run.groups
			.filter(group => group.rank !== undefined && group.n);
		const names = { "cpu-time": "CPU", "runqueue-wait": "Waited for a CPU",
			"peak-rss": "Peak memory", "attributed-energy": "Energy" };
		const columns = [["Wall", "ns", rank => rank.end - rank.begin]];
		run.fields.forEach((field, f) => names[field.kind] &&
			columns.push([names[field.kind], field.unit, rank => rank.sums[f]]));
		const [, , cost] = columns.find(([name]) => name === "CPU") || columns[0],
			most = ranks.reduce((all, rank) => max(all, cost(rank) || 0), 0);
		$("ranks-section").hidden = !run.groups.length;
		$("ranks-text").textContent = run.ranks_text.join("\n");
		$("ranks-table").hidden = !ranks.length;
		const heads = ["Rank", "Host", "Processes", "Failed",
			...columns.map(([name]) => name), ""];
		$("ranks-table").tHead.replaceChildren(element("tr", {}, ...heads.map((name, at) =>
			element("th", { className: at > 1 && name ? "number" : "" }, name))));
		$("ranks-table").tBodies[0].replaceChildren(...ranks.slice(0, 256)
			.map(rank => element("tr", {}, element("td", {}, rank.rank),
				element("td", { className: "name" },
					run.groups[rank.parent - 1].host),
				cell(rank.n), cell(rank.failed || ""),
				...columns.map(([, unit, of]) => cell(amount(of(rank), unit))),
				bar(cost(rank), most))));
	}

	showLegend() {
		const run = this.run, app = this.app,
			entries = run.commands.slice(0, PALETTE.light.length);
		const item = (comm, name, n, colour) => {
			const button = element("button",
				{ type: "button", title: "Show only this command strongly" },
				element("i", { style: "background:" + colour }),
				element("bdi", {}, name.slice(0, 40)),
				element("span", {}, n.toLocaleString("en")));
			button.setAttribute("aria-pressed",
				String(comm !== null && app.command === comm));
			button.disabled = comm === null;
			on(button, "click", () => {
				app.command = app.command === comm ? null : comm;
				this.showLegend();
				app.redraw();
			});
			return button;
		};
		const others = run.commands.slice(entries.length),
			n = others.reduce((sum, entry) => sum + entry.n, 0);
		$("legend").replaceChildren(
			...entries.map(({ comm, n }, i) =>
				item(comm, run.texts[comm], n, theme.palette[i])),
			...(others.length ? [item(null, plural(others.length, "other command"), n,
				theme.others)] : []));
	}
}
