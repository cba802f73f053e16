/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Everything on the time axis: ruler, lanes, CPUs busy, watts, who ran alone. view.from and view.to
 * are what is shown, in ns.
 */
const GUTTER = 78, RIGHT = 10, LANES_HEIGHT = 420;

class Timeline {
	constructor(run, app) {
		this.run = run;
		this.app = app;
		this.view = { from: 0, to: run.end_ns || 1 };
		this.laneHeight = max(4, min(20, floor(LANES_HEIGHT / max(1, run.lanes))));
		this.boxHeight = min(LANES_HEIGHT, this.laneHeight * run.lanes) + 6;
		$("lanes-box").style.height = this.boxHeight + "px";
		$("lanes-space").style.height = this.laneHeight * run.lanes + 6 + "px";
		$("watts").hidden = this.energies().length === 0;
		this.listen();
	}

	energies() {
		return this.run.energies.filter(energy => energy.times.length && !energy.part);
	}

	width() {
		return max(50, $("time").clientWidth - GUTTER - RIGHT);
	}

	x(ns) {
		return GUTTER + (ns - this.view.from) / (this.view.to - this.view.from) * this.width();
	}

	time(x) {
		return this.view.from + (x - GUTTER) / this.width() * (this.view.to - this.view.from);
	}

	isWhole() {
		return this.view.from <= 0 && this.view.to >= this.run.end_ns;
	}

	/* Show from..to, within the run, not less than a microsecond. */
	show(from, to) {
		const whole = this.run.end_ns || 1, span = min(whole, max(1000, to - from));
		from = max(0, min(from, whole - span));
		this.view = { from, to: from + span };
		this.app.changed();
	}

	zoom(factor, around) {
		const { from, to } = this.view;
		this.show(around - (around - from) * factor, around + (to - around) * factor);
	}

	move(share) {
		const by = (this.view.to - this.view.from) * share;
		this.show(this.view.from + by, this.view.to + by);
	}

	/* Bring a process into view without changing the zoom more than needed. */
	reveal(i) {
		const run = this.run, { from, to } = this.view, span = to - from;
		if (run.end[i] < from || run.begin[i] > to) {
			const middle = (run.begin[i] + run.end[i]) / 2;
			this.show(middle - span / 2, middle + span / 2);
		}
		const box = $("lanes-box"), y = run.lane[i] * this.laneHeight;
		if (y < box.scrollTop || y + this.laneHeight > box.scrollTop + box.clientHeight)
			box.scrollTop = y - box.clientHeight / 2;
	}

	zoomTo(i) {
		const length = max(1000, this.run.end[i] - this.run.begin[i]);
		this.show(this.run.begin[i] - length * 0.05, this.run.end[i] + length * 0.05);
	}

	/* ---- drawing ---- */

	draw() {
		this.drawAxis();
		this.drawLanes();
		this.drawCpu();
		if (!$("watts").hidden)
			this.drawWatts();
		this.drawAlone();
		const whole = this.run.end_ns || 1;
		$("window").textContent = this.isWhole() ? "" :
			`${axisLabel(this.view.from, (this.view.to - this.view.from) / 100)} to ` +
			`${axisLabel(this.view.to, (this.view.to - this.view.from) / 100)} ` +
			`(${percent(this.view.to - this.view.from, whole)})`;
		$("zoom-out").disabled = this.isWhole();
	}

	steps() {
		const step = timeStep(this.view.to - this.view.from, this.width() / 110), marks = [];
		for (let at = ceil(this.view.from / step) * step; at <= this.view.to; at += step)
			marks.push(at);
		return { step, marks };
	}

	grid(ctx, height) {
		ctx.fillStyle = theme.grid;
		for (const mark of this.steps().marks)
			ctx.fillRect(round(this.x(mark)), 0, 1, height);
	}

	drawAxis() {
		const ctx = prepare($("axis"), 24), { step, marks } = this.steps();
		ctx.fillStyle = theme.panel;
		ctx.fillRect(0, 0, $("time").clientWidth, 24);
		ctx.font = SMALL;
		ctx.textAlign = "center";
		for (const mark of marks) {
			ctx.fillStyle = theme.line;
			ctx.fillRect(round(this.x(mark)), 18, 1, 6);
			ctx.fillStyle = theme.dim;
			const label = axisLabel(mark, step), half = ctx.measureText(label).width / 2;
			ctx.fillText(label, max(GUTTER + half - 4, min(this.x(mark), GUTTER + this.width() - half + RIGHT - 2)), 11);
		}
		ctx.textAlign = "left";
		ctx.fillStyle = theme.dim;
		ctx.fillText("time", 8, 11);
	}

	/*
	 * Bars of one colour after the other. Those narrower than a pixel go into an image with one row a
	 * lane, in which a pixel is written once: 100 000 of them are drawn as fast as a hundred.
	 */
	drawLanes() {
		const run = this.run, app = this.app, height = this.laneHeight, top = $("lanes-box").scrollTop;
		const ctx = prepare($("lanes"), this.boxHeight), thick = height > 6 ? height - 2 : height - 1;
		const { from, to } = this.view, width = this.width(), perNs = width / (to - from), right = GUTTER + width, n = theme.palette.length;
		const low = max(0, floor(top / height)), lanes = min(run.lanes, ceil((top + this.boxHeight) / height) + 1) - low;
		const columns = ceil(width) + 1, image = new ImageData(columns, max(1, lanes)), dots = new Uint32Array(image.data.buffer);
		const inks = [255, 46].flatMap(alpha => theme.palette.map(colour => parseInt(colour.slice(5) + colour.slice(3, 5) + colour.slice(1, 3), 16) | alpha << 24));
		const bars = Array.from({ length: 2 * n }, () => []), marked = [], texts = [];
		this.grid(ctx, this.boxHeight);
		for (let i = 0; i < run.n && run.begin[i] <= to; i++) {
			const lane = run.lane[i] - low;
			if (run.end[i] < from || lane < 0 || lane >= lanes)
				continue;
			const x = max(GUTTER, GUTTER + (run.begin[i] - from) * perNs), end = min(right, GUTTER + (run.end[i] - from) * perNs);
			const colour = run.colour[i] + (app.isDimmed(i) ? n : 0), y = run.lane[i] * height - top + 3;
			if (end - x < 1.5) {
				const dot = lane * columns + floor(x - GUTTER);
				if (!dots[dot] || colour < n)
					dots[dot] = inks[colour];
			} else {
				bars[colour].push(x, y, end - x - (end - x > 4 ? 1 : 0));
				if (end - x > 26 && height >= 11)
					texts.push(i, x, y, end - x);
			}
			if (run.state[i] & 1 || app.isMarked(i) || i === app.selected)
				marked.push(i, x, y, max(1, end - x));
		}
		const dotted = new OffscreenCanvas(columns, image.height);
		dotted.getContext("2d").putImageData(image, 0, 0);
		ctx.imageSmoothingEnabled = false;
		for (let lane = 0; lane < lanes; lane++)
			ctx.drawImage(dotted, 0, lane, columns, 1, GUTTER, (low + lane) * height - top + 3, columns, thick);
		for (let colour = 0; colour < bars.length; colour++) {
			const list = bars[colour];
			ctx.globalAlpha = colour < n ? 1 : 0.18;
			ctx.fillStyle = theme.palette[colour % n];
			for (let at = 0; at < list.length; at += 3)
				ctx.fillRect(list[at], list[at + 1], list[at + 2], thick);
		}
		ctx.globalAlpha = 1;
		this.drawTexts(ctx, texts, thick);
		this.drawMarks(ctx, marked, thick);
		ctx.clearRect(0, 0, GUTTER, this.boxHeight);
		ctx.clearRect(right, 0, RIGHT, this.boxHeight);
		this.gutter(ctx, "processes", run.lanes === 1 ? "1 at once" : run.lanes + " at once");
	}

	drawTexts(ctx, texts, thick) {
		ctx.font = thick < 14 ? SMALL : FONT;
		for (let at = 0; at < texts.length; at += 4) {
			const i = texts[at], x = texts[at + 1], width = texts[at + 3];
			const file = telling(this.run.texts[this.run.args[i]]);
			const text = fit(ctx, this.run.name(i) + (file ? " " + file : ""), width - 10);
			ctx.fillStyle = this.app.isDimmed(i) ? theme.dim : theme.onPalette[this.run.colour[i]];
			if (text)
				ctx.fillText(text, x + 4, texts[at + 2] + thick / 2 + 0.5);
		}
	}

	/* Failed: a frame and a cross at the end. Found: a line below. Selected: a strong frame. */
	drawMarks(ctx, marked, thick) {
		const last = new Map(); /* by lane: the pixel with a mark */
		for (let at = 0; at < marked.length; at += 4) {
			const i = marked[at], x = marked[at + 1], y = marked[at + 2], width = max(2, marked[at + 3]);
			if (width <= 2 && last.get(y) === floor(x) && i !== this.app.selected)
				continue;
			last.set(y, floor(x));
			if (this.run.state[i] & 1) {
				ctx.strokeStyle = theme.fail;
				ctx.lineWidth = 2;
				ctx.strokeRect(x, y + 1, max(1, width - 1), thick - 2);
				if (width > 5 || i === this.app.selected) {
					const r = min(3.5, thick / 3), cx = x + width - r - 3, cy = y + thick / 2;
					ctx.fillStyle = theme.back;
					ctx.fillRect(cx - r - 1, cy - r - 1, 2 * r + 2, 2 * r + 2);
					ctx.beginPath();
					ctx.moveTo(cx - r, cy - r);
					ctx.lineTo(cx + r, cy + r);
					ctx.moveTo(cx + r, cy - r);
					ctx.lineTo(cx - r, cy + r);
					ctx.stroke();
				}
			}
			if (this.app.isMarked(i)) {
				ctx.fillStyle = theme.mark;
				ctx.fillRect(x, y + thick - 2, width, 2);
			}
			if (i === this.app.selected) {
				ctx.strokeStyle = theme.text;
				ctx.lineWidth = 2.5;
				ctx.strokeRect(x - 1, y - 0.5, width + 2, thick + 1);
			}
		}
	}

	gutter(ctx, first, second) {
		ctx.font = SMALL;
		ctx.textAlign = "left";
		ctx.fillStyle = theme.text;
		ctx.fillText(first, 8, 12);
		ctx.fillStyle = theme.dim;
		ctx.fillText(second, 8, 27);
	}

	/*
	 * CPUs busy for each pixel: each process's CPU time spread evenly over its life, or over its
	 * intervals. Differences of rates at the pixels, with the parts of a pixel at both ends, are summed up.
	 */
	cpuSeries() {
		const run = this.run, cpu = run.field("cpu-time"), n = ceil(this.width());
		const { from, to } = this.view, perNs = n / (to - from), sum = new Float64Array(n + 2), slope = new Float64Array(n + 2);
		const add = (begin, end, ns) => {
			if (!(ns > 0) || end < from || begin > to)
				return;
			const a = (begin - from) * perNs, b = max((end - from) * perNs, a + 1e-6), rate = ns * perNs / (b - a);
			const first = max(0, a), final = min(n, b), pa = floor(first), pb = floor(final);
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

	chart(ctx, height, top) {
		const scale = (height - 16) / top, step = stepFor(top, 5);
		this.grid(ctx, height);
		ctx.font = SMALL;
		ctx.textAlign = "right";
		for (let value = step; value <= top * 1.001; value += step) {
			const y = round(height - 2 - value * scale);
			ctx.fillStyle = theme.grid;
			ctx.fillRect(GUTTER, y, this.width(), 1);
			ctx.fillStyle = theme.dim;
			ctx.fillText(String(+value.toPrecision(6)), GUTTER - 5, max(y, 7));
		}
		return value => height - 2 - value * scale;
	}

	drawCpu() {
		const ctx = prepare($("cpu"), 84), series = this.cpuSeries();
		if (!series) {
			this.gutter(ctx, "CPUs busy", "");
			ctx.fillStyle = theme.dim;
			ctx.fillText("the file has no CPU time; measure with -e task-clock", GUTTER + 8, 42);
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
		this.gutter(ctx, "CPUs", "busy");
	}

	/* Joules since the sample before, as watts between the two. The machine's psys is a line of its own. */
	wattSteps(energy) {
		const steps = [];
		for (let s = 0, before = this.run.runs[energy.run].begin; s < energy.times.length; s++) {
			const time = energy.times[s];
			if (time > before)
				steps.push([before, time, energy.values[s] / (time - before) * 1e9]);
			before = max(before, time);
		}
		return steps;
	}

	drawWatts() {
		const ctx = prepare($("watts"), 84), lines = this.energies().filter(energy => energy.domain !== "pp0" && energy.domain !== "pp1");
		this.watts = lines.map(energy => ({ energy, steps: this.wattSteps(energy) }));
		let most = 1;
		for (const { steps } of this.watts)
			for (const [begin, end, watts] of steps)
				if (end >= this.view.from && begin <= this.view.to)
					most = max(most, watts);
		const y = this.chart(ctx, 84, most * 1.08), dashes = [[], [6, 3], [2, 2], [8, 2, 2, 2]];
		ctx.save();
		ctx.beginPath();
		ctx.rect(GUTTER, 0, this.width(), 84);
		ctx.clip();
		this.watts.forEach(({ steps }, line) => {
			ctx.beginPath();
			for (const [begin, end, watts] of steps) {
				ctx.lineTo(this.x(begin), y(watts));
				ctx.lineTo(this.x(end), y(watts));
			}
			ctx.strokeStyle = theme.watts;
			ctx.lineWidth = 1.75;
			ctx.setLineDash(dashes[line % dashes.length]);
			ctx.stroke();
		});
		ctx.restore();
		ctx.setLineDash([]);
		this.gutter(ctx, "watts", "");
		ctx.font = SMALL;
		this.watts.forEach(({ energy }, line) => {
			const name = energyName(energy), x = GUTTER + this.width() - 8;
			ctx.textAlign = "right";
			ctx.fillStyle = theme.back;
			ctx.fillRect(x - 40 - ctx.measureText(name).width, 3 + line * 14, 46 + ctx.measureText(name).width, 14);
			ctx.fillStyle = theme.dim;
			ctx.fillText(name, x - 34, 10 + line * 14);
			ctx.beginPath();
			ctx.setLineDash(dashes[line % dashes.length]);
			ctx.strokeStyle = theme.watts;
			ctx.moveTo(x - 28, 10 + line * 14);
			ctx.lineTo(x, 10 + line * 14);
			ctx.stroke();
			ctx.setLineDash([]);
		});
	}

	drawAlone() {
		const ctx = prepare($("alone"), 30), { begin, end, who } = this.run.aloneParts;
		this.grid(ctx, 30);
		let last = -1;
		for (let at = 0; at < begin.length; at++) {
			if (end[at] < this.view.from || begin[at] > this.view.to)
				continue;
			const x = max(GUTTER, this.x(begin[at])), stop = min(GUTTER + this.width(), this.x(end[at]));
			if (stop - x < 1 && floor(x) === last)
				continue;
			last = floor(x);
			ctx.fillStyle = theme.alone;
			ctx.globalAlpha = this.app.selected === NONE || this.app.selected === who[at] ? 0.85 : 0.35;
			ctx.fillRect(x, 6, max(1, stop - x), 18);
			if (stop - x > 30) {
				ctx.globalAlpha = 1;
				ctx.font = SMALL;
				ctx.textAlign = "left";
				ctx.fillStyle = theme.dark ? theme["on-bar"] : "#ffffff";
				ctx.fillText(fit(ctx, this.run.name(who[at]), stop - x - 8), x + 4, 15.5);
			}
		}
		ctx.globalAlpha = 1;
		this.gutter(ctx, "one only", "");
	}

	/* ---- pointer ---- */

	/* The process at a point of the lanes: of several narrow ones the nearest. */
	at(x, y) {
		const run = this.run, lane = floor((y - 3 + $("lanes-box").scrollTop) / this.laneHeight), time = this.time(x);
		const reach = (this.view.to - this.view.from) / this.width() * 3;
		let found = NONE, best = reach;
		for (let i = 0; i < run.n && run.begin[i] <= time + reach; i++) {
			if (run.lane[i] !== lane || run.end[i] < time - reach)
				continue;
			const distance = max(0, run.begin[i] - time, time - run.end[i]);
			if (distance <= best) {
				best = distance;
				found = i;
			}
		}
		return found;
	}

	aloneAt(x) {
		const time = this.time(x), { begin, end, who } = this.run.aloneParts;
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

	hover(event) {
		const x = event.clientX - $("time").getBoundingClientRect().left, id = event.target.id;
		if (x < GUTTER || x > GUTTER + this.width())
			return showTip(event, null);
		if (id === "lanes") {
			const i = this.at(x, event.offsetY);
			return i === NONE ? showTip(event, null) : showTip(event, this.app.tipLines(i), this.run.line(i));
		}
		const time = this.time(x), label = "at " + axisLabel(time, (this.view.to - this.view.from) / 1000);
		if (id === "cpu" && this.cpus)
			return showTip(event, [digits(this.cpus[floor(x - GUTTER)] || 0) + " CPUs busy", label]);
		if (id === "watts")
			return showTip(event, [label, ...this.watts.map(({ energy, steps }) => {
				const step = steps.find(([begin, end]) => begin <= time && time <= end);
				return step ? `${energyName(energy)}: ${digits(step[2])} W` : null;
			})]);
		if (id === "alone") {
			const i = this.aloneAt(x);
			return i === NONE ? showTip(event, null) : showTip(event, this.app.tipLines(i), this.run.line(i));
		}
		showTip(event, null);
	}

	listen() {
		const time = $("time");
		let drag = null;
		const place = event => event.clientX - time.getBoundingClientRect().left;
		time.addEventListener("wheel", event => {
			const vertical = abs(event.deltaY) >= abs(event.deltaX);
			/* Where there is nothing more to see the page scrolls. */
			if (event.ctrlKey || (vertical && this.isWhole() && event.deltaY > 0))
				return;
			event.preventDefault();
			if (vertical && !event.shiftKey)
				this.zoom(Math.exp(max(-1, min(1, event.deltaY / 300))), this.time(place(event)));
			else
				this.move((event.deltaX || event.deltaY) / this.width());
		}, { passive: false });
		time.addEventListener("pointerdown", event => {
			if (event.button !== 0 || event.offsetX > event.target.clientWidth && event.target.id === "lanes-box")
				return;
			drag = { from: place(event), at: place(event), y: event.offsetY, target: event.target, pan: event.shiftKey, moved: false, view: this.view };
			time.setPointerCapture(event.pointerId);
		});
		time.addEventListener("pointermove", event => {
			if (!drag)
				return this.hover(event);
			drag.at = place(event);
			drag.moved = drag.moved || abs(drag.at - drag.from) > 4;
			if (!drag.moved)
				return;
			showTip(event, null);
			if (drag.pan) {
				const by = (drag.from - drag.at) / this.width() * (drag.view.to - drag.view.from);
				return this.show(drag.view.from + by, drag.view.to + by);
			}
			const mark = $("selection"), left = max(GUTTER, min(drag.from, drag.at));
			mark.hidden = false;
			mark.style.left = left + "px";
			mark.style.width = min(GUTTER + this.width(), max(drag.from, drag.at)) - left + "px";
		});
		time.addEventListener("pointerup", event => {
			const done = drag;
			drag = null;
			$("selection").hidden = true;
			if (!done)
				return;
			if (done.moved && !done.pan)
				this.show(...[this.time(done.from), this.time(done.at)].sort((a, b) => a - b));
			else if (!done.moved && done.target.id === "lanes")
				this.app.select(this.at(done.from, done.y));
			else if (!done.moved && done.target.id === "alone")
				this.app.select(this.aloneAt(done.from));
		});
		time.addEventListener("pointercancel", () => {
			drag = null;
			$("selection").hidden = true;
		});
		time.addEventListener("pointerleave", event => showTip(event, null));
		time.addEventListener("dblclick", () => this.show(0, this.run.end_ns));
		$("lanes-box").addEventListener("scroll", () => this.app.redraw());
	}
}

/* "package 0", "dram 1", "platform". */
function energyName(energy) {
	return energy.domain + (energy.id ? " " + energy.id : "");
}
