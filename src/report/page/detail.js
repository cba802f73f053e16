/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* All that is known of the selected process, and the hottest functions of a profile. */
class Detail {
	constructor(run, app) {
		this.run = run;
		this.app = app;
	}

	/* A button that selects a process. */
	link(i, text) {
		const title = this.run.line(i).slice(0, 500), button = element("button",
			{ type: "button", className: "link", title }, text || this.run.label(i));
		button.dataset.process = i;
		onClick(button, () => this.app.select(i, true));
		return button;
	}

	show() {
		const run = this.run, i = this.app.selected, detail = $("detail");
		detail.hidden = i === NONE;
		if (i === NONE)
			return;
		const pair = (name, value) => !value ? null :
			element("div", {}, element("dt", {}, name), element("dd", {}, value));
		const children = run.children(i), outcome = run.texts[run.outcome[i]];
		const close = element("button",
			{ type: "button", className: "close", title: "Close (Esc)" }, "×");
		onClick(close, () => this.app.select(NONE));
		const zoom = element("button", { type: "button", className: "link" }, "zoom to it");
		onClick(zoom, () => this.app.timeline.zoomTo(i));
		detail.replaceChildren(close, element("b", {}, element("bdi", {}, run.name(i))),
			` pid ${run.pid[i]} ${run.place(i)}` +
				(run.number[i] > 1 ? `, life ${run.number[i]} of it` : ""),
			outcome ? element("span", { className: "failed" }, "  " + outcome) : "",
			element("code", {}, run.line(i)),
			element("dl", {}, pair("start", axisLabel(run.begin[i], run.end_ns / 1e4)),
				pair("wall", duration(run.wall[i])),
				pair("alone", run.alone[i] ? duration(run.alone[i]) : ""),
				pair("threads", run.threads[i] ? String(run.threads[i]) : ""),
				pair("execs", run.execs[i] ? String(run.execs[i]) : ""),
				pair("state", run.state[i] & 2 ? "still running" : ""),
				...run.fields.map(field => field.kind === "wall-time" ? null :
					pair(field.title, fieldAmount(field, i)))),
			element("div", { className: "links" }, zoom,
				run.parent[i] === NONE ? "no parent in this run" : "parent",
				run.parent[i] === NONE ? null : this.link(run.parent[i]),
				children.length ? plural(children.length, "child", "children") :
					"no children",
				...Array.from(children.subarray(0, 24), child => this.link(child)),
				children.length > 24 ? "…" : null));
	}

	tip(i) {
		const run = this.run, cpu = run.cpu, energy = run.joules;
		return [`${run.name(i)}  pid ${run.pid[i]} ${run.place(i)}`,
			"wall " + duration(run.wall[i]) +
				(cpu?.values[i] >= 0 ? ", CPU " + duration(cpu.values[i]) : "") +
				(energy?.values[i] >= 0 ? ", " + joules(energy.values[i]) : ""),
			run.alone[i] ? "alone for " + duration(run.alone[i]) : null,
			run.texts[run.outcome[i]] ||
				(run.state[i] & 2 ? "still running" : null)];
	}

	/* ---- functions ---- */

	/* The functions that took most, without their callees, in one command or in all. */
	showHottest() {
		const run = this.run, command = $("hot-command").value, cpu = run.cpu,
			energy = run.joules;
		const found = new Map(), cost = run.cost === energy ? "energy" : "cpu";
		let all = 0;
		for (const { process, frame, share, energyShare, samples } of run.counts) {
			if (command && run.name(process) !== command)
				continue;
			const { name, module } = frame === NONE ? { name: 0, module: 0 } :
				run.frames[frame];
			const key = name + "/" + module;
			const entry = found.get(key) ||
				{ name, module, samples: 0, cpu: 0, energy: 0 };
			found.set(key, entry);
			entry.samples += samples;
			entry.cpu += share * (cpu ? cpu.values[process] || 0 : 0);
			entry.energy += energyShare * (energy ? energy.values[process] || 0 : 0);
			all += samples;
		}
		/* Of what is sorted by; of the samples, if the processes have nothing of it. */
		const whole = [...found.values()].reduce((sum, entry) => sum + entry[cost], 0),
			part = entry => whole ? entry[cost] / whole : entry.samples / all;
		const sorted = [...found.values()].sort((a, b) => part(b) - part(a)).slice(0, 25);
		const rows = sorted.map(entry => element("tr", {}, cell(percent(part(entry), 1)),
			energy && cell(joules(entry.energy)), cell(duration(entry.cpu)),
			cell(plural(entry.samples, "sample")), bar(part(entry), part(sorted[0])),
			element("td", { className: "name" },
				run.texts[entry.name] || "not known",
				element("span", {}, run.texts[entry.module]))));
		$("hot-table").tBodies[0].replaceChildren(...rows);
	}

	showFunctions() {
		const run = this.run, sampled = new Map();
		for (const { process, samples } of run.counts)
			sampled.set(run.name(process),
				(sampled.get(run.name(process)) || 0) + samples);
		$("hot-section").hidden = !run.counts.length;
		$("hot-command").append(element("option", { value: "" }, "all commands"),
			...[...sampled].sort((a, b) => b[1] - a[1])
				.map(([name]) => element("option", { value: name }, name)));
		on($("hot-command"), "change", () => this.showHottest());
		this.showHottest();
	}
}
