/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The charts below the lanes: busy CPUs, watts, and which process was at work alone. */
const DASHES = [[], [6, 3], [2, 2], [8, 2, 2, 2]];

class Series {
	constructor(timeline) {
		this.timeline = timeline;
		this.run = timeline.run;
		this.app = timeline.app;
		this.watts = this.wattLines();
		$("watts").hidden = this.watts.length === 0;
	}

	draw() {
		this.drawCpu();
		if (!$("watts").hidden)
			this.drawWatts();
		this.drawAlone();
	}

	/*
	 * Busy CPUs for each pixel: the CPU time of each process, spread evenly over its life, or
	 * over its intervals. At the first and the last pixel, its part of them is added at once;
	 * for those between, the rise and the fall of the rate are noted, and summed up in the end.
	 */
	cpuSeries() {
		const run = this.run, cpu = run.cpu, n = ceil(this.timeline.width());
		const { from, to } = this.timeline.view, perNs = n / (to - from),
			sum = new Float64Array(n + 2), slope = new Float64Array(n + 2);
		const add = (begin, end, ns) => {
			if (!(ns > 0) || end < from || begin > to)
				return;
			const a = (begin - from) * perNs, b = max((end - from) * perNs, a + 1e-6),
				rate = ns * perNs / (b - a);
			const first = max(0, a), final = min(n, b), pa = floor(first),
				pb = floor(final);
			if (pa === pb) {
				sum[pa] += rate * (final - first);
				return;
			}
			sum[pa] += rate * (pa + 1 - first);
			sum[pb] += rate * (final - pb);
			slope[pa + 1] += rate;
			slope[pb] -= rate;
		};
		if (!cpu)
			return null;
		const { process, begin, end, cpu: used } = run.slices;
		for (let s = 0; s < process.length; s++)
			add(begin[s], end[s], used[s]);
		for (let i = 0; i < run.n && run.begin[i] <= to; i++)
			if (!run.sliced[i])
				add(run.begin[i], run.end[i], cpu.values[i]);
		for (let p = 0, level = 0; p < n; p++) {
			level += slope[p];
			sum[p] += level;
		}
		return sum.subarray(0, n);
	}

	/* The lines and labels of a chart; room: pixels above it. Returns the place of a value. */
	chart(ctx, height, top, room = 16) {
		const scale = (height - room) / top, step = stepFor(top, 5);
		this.timeline.grid(ctx, height);
		ctx.font = SMALL;
		ctx.textAlign = "right";
		for (let value = step; value <= top * 1.001; value += step) {
			const y = round(height - 2 - value * scale);
			fillBox(ctx, theme.grid, GUTTER, y, this.timeline.width(), 1);
			ctx.fillStyle = theme.dim;
			ctx.fillText(String(+value.toPrecision(6)), GUTTER - 5, max(y, 7));
		}
		return value => height - 2 - value * scale;
	}

	drawCpu() {
		const ctx = prepare($("cpu"), 84), series = this.cpuSeries();
		if (!series) {
			this.timeline.gutter(ctx, "CPUs busy", "");
			ctx.fillStyle = theme.dim;
			ctx.fillText("the file has no CPU time; measure with -e task-clock",
				GUTTER + 8, 42);
			return;
		}
		this.cpus = series;
		let most = 0;
		for (const value of series)
			most = max(most, value);
		const y = this.chart(ctx, 84, max(1, most) * 1.05);
		ctx.beginPath();
		ctx.moveTo(GUTTER, 82);
		for (let p = 0; p < series.length; p++) {
			ctx.lineTo(GUTTER + p, y(series[p]));
			ctx.lineTo(GUTTER + p + 1, y(series[p]));
		}
		ctx.lineTo(GUTTER + series.length, 82);
		ctx.fillStyle = theme.busy;
		ctx.globalAlpha = 0.75;
		ctx.fill();
		ctx.globalAlpha = 1;
		this.timeline.gutter(ctx, "CPUs", "busy");
	}

	/* The joules since the sample before, as watts between the two. */
	wattSteps(energy) {
		const steps = [];
		let before = this.run.begins[energy.run];
		for (let s = 0; s < energy.times.length; s++) {
			const time = energy.times[s];
			if (time > before)
				steps.push([before, time,
					energy.values[s] / (time - before) * 1e9]);
			before = max(before, time);
		}
		return steps;
	}

	/*
	 * A line for each counter; if there are too many to tell apart, for each domain. Cores and
	 * graphics (pp0, pp1) are parts of the package.
	 */
	wattLines() {
		const counters = this.run.counters
			.filter(({ domain }) => domain !== "pp0" && domain !== "pp1");
		const lines = new Map();
		for (const { name, domain, parts } of counters) {
			const key = counters.length > DASHES.length ? domain : name,
				line = lines.get(key) ||
					{ name: key, n: 0, pieces: [] };
			line.n++;
			line.pieces = line.pieces.concat(
				...parts.map(part => this.wattSteps(part)));
			lines.set(key, line);
		}
		return [...lines.values()].slice(0, DASHES.length).map(({ name, n, pieces }) =>
			({ name: name + (n > 1 ? " ×" + n : ""),
				steps: n > 1 ? this.added(pieces) : pieces }));
	}

	/* The sum of pieces [begin, end, watts], which may overlap. */
	added(pieces) {
		const changes = pieces.flatMap(([begin, end, watts]) =>
			[[begin, watts, 1], [end, -watts, -1]]).sort((a, b) => a[0] - b[0]);
		const steps = [];
		let watts = 0, n = 0;
		changes.forEach(([time, change, by], at) => {
			const next = changes[at + 1]?.[0];
			n += by;
			watts = n ? watts + change : 0;
			if (n && next > time)
				steps.push([time, next, watts]);
		});
		return steps;
	}

	/* Names with dashes, in rows above the chart: their places, and the number of rows. */
	layOutNames(ctx) {
		const left = GUTTER + 8, right = GUTTER + this.timeline.width();
		let x = left, row = 0;
		ctx.font = SMALL;
		const places = this.watts.map(({ name }) => {
			const width = 34 + ctx.measureText(name).width;
			if (x > left && x + width > right) {
				x = left;
				row++;
			}
			const place = { x, y: 8 + row * 14 };
			x += width + 18;
			return place;
		});
		return { places, rows: row + 1 };
	}

	drawWatts() {
		const { places, rows } = this.layOutNames($("watts").getContext("2d")),
			room = 2 + 14 * rows, height = 68 + room;
		const ctx = prepare($("watts"), height), { from, to } = this.timeline.view;
		let most = 1;
		for (const { steps } of this.watts)
			for (const [begin, end, watts] of steps)
				if (end >= from && begin <= to)
					most = max(most, watts);
		const y = this.chart(ctx, height, most * 1.08, room);
		ctx.strokeStyle = theme.watts;
		ctx.lineWidth = 1.75;
		ctx.textAlign = "left";
		ctx.fillStyle = theme.dim;
		this.watts.forEach(({ name, steps }, line) => {
			const place = places[line];
			ctx.setLineDash(DASHES[line]);
			ctx.fillText(name, place.x + 34, place.y);
			ctx.beginPath();
			ctx.moveTo(place.x, place.y);
			ctx.lineTo(place.x + 28, place.y);
			ctx.stroke();
			ctx.save();
			ctx.beginPath();
			ctx.rect(GUTTER, 0, this.timeline.width(), height);
			ctx.clip();
			ctx.beginPath();
			let last = NaN;
			for (const [begin, end, watts] of steps) {
				if (end < from || begin > to)
					continue;
				/* Between two runs nothing was measured. */
				ctx[begin === last ? "lineTo" : "moveTo"](
					this.timeline.x(begin), y(watts));
				ctx.lineTo(this.timeline.x(end), y(watts));
				last = end;
			}
			ctx.stroke();
			ctx.restore();
		});
		ctx.setLineDash([]);
		this.timeline.gutter(ctx, "watts", "");
	}

	drawAlone() {
		const ctx = prepare($("alone"), 30), { begin, end, who } = this.run.aloneParts;
		this.timeline.grid(ctx, 30);
		let last = -1;
		for (let at = 0; at < begin.length; at++) {
			if (end[at] < this.timeline.view.from || begin[at] > this.timeline.view.to)
				continue;
			const x = max(GUTTER, this.timeline.x(begin[at]));
			const stop = min(GUTTER + this.timeline.width(), this.timeline.x(end[at]));
			if (stop - x < 1 && floor(x) === last)
				continue;
			last = floor(x);
			const strong = [NONE, who[at]].includes(this.app.selected);
			ctx.fillStyle = theme.alone;
			ctx.globalAlpha = strong ? 0.85 : 0.35;
			ctx.fillRect(x, 6, max(1, stop - x), 18);
			if (stop - x > 30) {
				ctx.globalAlpha = 1;
				ctx.font = SMALL;
				const name = fit(ctx, this.run.name(who[at]), stop - x - 8);
				putText(ctx, !strong ? theme.text : theme.dark ? theme["on-bar"] :
					"#ffffff", "left", name,
					x + 4, 15.5);
			}
		}
		ctx.globalAlpha = 1;
		this.timeline.gutter(ctx, "one only", "");
	}

	aloneAt(x) {
		const time = this.timeline.time(x), { begin, end, who } = this.run.aloneParts;
		let low = 0, high = begin.length - 1;
		while (low <= high) {
			const middle = (low + high) >> 1;
			if (end[middle] < time)
				low = middle + 1;
			else if (begin[middle] > time)
				high = middle - 1;
			else
				return who[middle];
		}
		return NONE;
	}
}
