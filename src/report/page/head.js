/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The top of the page: what was run, where, what it cost, and what was lost. Also the sections of
 * what the run waited for, and of ranks, and the legend.
 */
const COUNTERS = 6; /* of energy, named at most */

class Head {
	constructor(run, app) {
		this.run = run;
		this.app = app;
	}

	showOrigin() {
		const { title, origin, made_by: by } = this.run;
		document.title = title + " – alumet-agent";
		fill("title", title);
		fill("origin", ...origin.map(line => element("span", {}, line)));
		fill("footer", `Made by ${by}. This page asks nothing of any network.`);
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
		const run = this.run, { cpu, wall_ns: wall } = run, runs = run.begins.length;
		const cards = [this.card("Wall time", duration(wall),
			[runs > 1 && plural(runs, "run") +
				(run.gaps ? ", without the time between them" : "")])];
		if (cpu)
			cards.push(this.card("CPU time", duration(cpu.sum),
				[`${digits(cpu.sum / (wall || 1))} CPUs busy on average`]));
		cards.push(this.energy());
		let failed = 0, alive = 0;
		for (const state of run.state) {
			failed += state & 1;
			alive += state >> 1 & 1;
		}
		cards.push(this.card("Processes", count(run.n),
			[`of ${plural(run.commands.length, "command")}, ` +
				`${count(run.lanes)} at once`,
			alive && `${count(alive)} still running`]));
		if (failed) {
			/*
			 * The first cause: its children have not failed. SIGPIPE mostly ends a
			 * writer on purpose.
			 */
			const hasFailed = i => run.state[i] & 1 &&
					run.texts[run.outcome[i]] !== "SIGPIPE",
				first = run.ends.find(i =>
					hasFailed(i) && !run.children(i).some(hasFailed));
			cards.push(this.card("Failed", count(failed), [this.failures(),
				first >= 0 && this.app.detail.link(first,
					(failed > 1 ? "first: " : "") + run.label(first))], true));
		}
		const rss = run.field("peak-rss"),
			[most] = rss ? largest(run.n, i => rss.values[i], 1) : [];
		if (most >= 0)
			cards.push(this.card("Most memory", amount(rss.values[most], "B"),
				[this.app.detail.link(most)]));
		for (const field of [run.field("runqueue-wait"), run.field("block-wait")]) {
			const sum = field?.sum;
			if (sum > 0)
				cards.push(this.card(field.title, duration(sum), [cpu &&
					(sum > cpu.sum ? digits(sum / cpu.sum) + " times" :
						percent(sum, cpu.sum) + " of") + " the CPU time"]));
		}
		fill("totals", ...cards.filter(Boolean));
	}

	/* First what could not be read or was lost, then other notes. */
	showNotes() {
		const run = this.run, ofKind = kind => run.notices.filter(one => one.kind === kind)
			.map(one => one.text);
		const lost = [...run.notes, ...ofKind("loss")], all = [...lost, ...ofKind("note")];
		$("notes").hidden = !all.length;
		$("notes").className = lost.length ? "lost" : "";
		fill("notes", ...all.map((text, at) => element("p", {},
			element("b", {}, at < lost.length ? "missing" : "note"),
			element("span", {}, text))));
	}

	failures() {
		const kinds = new Map(), run = this.run;
		run.outcome.forEach((how, i) => run.state[i] & 1 &&
			kinds.set(how, (kinds.get(how) || 0) + 1));
		return [...kinds].sort((a, b) => b[1] - a[1]).slice(0, 3)
			.map(([how, n]) => run.texts[how] + (n > 1 ? " ×" + n : ""))
			.join(", ") + (kinds.size > 3 ? ", …" : "");
	}

	/*
	 * What the processes took, if that is known, of what was measured; and whose the rest is.
	 * The energy of a package includes its other domains, and that of the platform all.
	 */
	energy() {
		const run = this.run, { counters, joules: attributed } = run,
			counts = energy => ["package", "dram"].includes(energy.domain),
			main = counters.filter(counts), used = main.length ? main : counters,
			sum = list => list.reduce((all, energy) => all + energy.joules, 0),
			total = sum(used);
		if (!counters.length && !attributed)
			return null;
		const lines = [], machines = "of the machine" + (run.machines ? "s" : "");
		if (attributed && total)
			lines.push(`of ${joules(total)} ${machines}`);
		else if (!attributed)
			lines.push(machines + "; no share for each process");
		if (attributed)
			lines.push(...this.parts(attributed.sum, total, name => sum(run.energies
				.filter(energy => energy.part === name && counts(energy)))));
		if (counters.length > 1)
			lines.push(this.list(counters.slice(0, COUNTERS).map(one =>
				[one.name, one.joules]), counters.length - COUNTERS));
		return this.card("Energy", joules(attributed ? attributed.sum : total), lines);
	}

	list(entries, more) {
		return element("ul", {}, ...entries.map(([name, value, colour]) =>
			element("li", {}, colour && element("i", { style: "background:" + colour }),
				name, element("span", {}, joules(value)))),
			more > 0 ? element("li", {}, `and ${more} more`) : null);
	}

	parts(tree, total, part) {
		const all = [["these processes", tree, theme.busy],
			["others", part("other"), theme.others], ["idle", part("idle"), theme.grid],
			["graphics", part("graphics"), theme.alone]];
		const known = all.reduce((sum, [, value]) => sum + value, 0);
		/* Shares in the file may be fewer than the counters. */
		all.push(["not distributed", total - known > total / 1000 ? total - known : 0,
			theme.line]);
		const whole = max(total, known), some = all.filter(([, value]) => value > 0);
		const method = this.run.energies.map(energy => energy.method).find(Boolean);
		return [element("div", { className: "split" },
			...some.map(([title, value, colour]) => element("i", { title, style:
				`width:${100 * value / whole}%;background:${colour}` }))),
			this.list(some), method && "by " + method];
	}

	showAlone() {
		const run = this.run, rows = [], longest = largest(run.n, i => run.alone[i], 8);
		$("alone-section").hidden = run.n < 2 || !longest.length;
		$("alone-text").textContent =
			`For ${duration(run.aloneTotal)} ` +
			`(${percent(run.aloneTotal, run.wall_ns)} of the run) one process was at ` +
			"work alone while all others waited for their children; " +
			"a shorter one shortens the run. The longest of them:";
		for (const i of longest) {
			const button = this.app.detail.link(i);
			button.className = "";
			rows.push(element("tr", {}, cell(duration(run.alone[i])),
				cell(percent(run.alone[i], run.wall_ns)),
				bar(run.alone[i], run.alone[longest[0]]),
				element("td", { className: "name" }, button,
					run.line(i) === run.label(i) ? null :
						element("span", { className: "mono" },
							middle(run.line(i), 110)))));
		}
		$("alone-table").tBodies[0].replaceChildren(...rows);
	}

	/* What each rank of a job took, and how even they are, in the text of other formats. */
	showRanks() {
		const run = this.run, ranks = run.groups
			.filter(group => group.rank !== undefined && group.n);
		const columns = [["Wall", "ns", rank => rank.end - rank.begin]];
		run.fields.forEach((field, f) => TITLES[field.kind] &&
			columns.push([field.title, field.unit, rank => rank.sums[f]]));
		const by = run.fields.indexOf(run.cost),
			cost = by < 0 ? columns[0][2] : rank => rank.sums[by],
			most = ranks.reduce((all, rank) => max(all, cost(rank) || 0), 0);
		$("ranks-section").hidden = !run.groups.length;
		fill("ranks-text", run.ranks_text.join("\n"));
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
				{ type: "button", title: "Show only this command strongly",
					disabled: comm === null },
				element("i", { style: "background:" + colour }),
				element("bdi", {}, name.slice(0, 40)),
				element("span", {}, count(n)));
			button.setAttribute("aria-pressed",
				comm !== null && app.command === comm);
			onClick(button, () => {
				app.command = app.command === comm ? null : comm;
				this.showLegend();
				app.redraw();
			});
			return button;
		};
		const others = run.commands.slice(entries.length),
			n = others.reduce((sum, entry) => sum + entry.n, 0);
		fill("legend",
			...entries.map(({ comm, n }, i) =>
				item(comm, run.texts[comm], n, theme.palette[i])),
			...(others.length ? [item(null, plural(others.length, "other command"), n,
				theme.others)] : []));
	}
}
