/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The time axis of lanes and charts: which part of the run is shown (view.from to view.to, in ns),
 * its ruler, and what the pointer does on it.
 */
const GUTTER = 78, RIGHT = 10;

class Timeline {
	constructor(run, app) {
		this.run = run;
		this.app = app;
		this.view = { from: 0, to: run.end_ns || 1 };
		this.lanes = new Lanes(this);
		this.series = new Series(this);
		this.listen();
	}

	width() {
		return max(50, $("time").clientWidth - GUTTER - RIGHT);
	}

	x(ns) {
		const { from, to } = this.view;
		return GUTTER + (ns - from) / (to - from) * this.width();
	}

	time(x) {
		const { from, to } = this.view;
		return from + (x - GUTTER) / this.width() * (to - from);
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
		this.lanes.reveal(i);
	}

	zoomTo(i) {
		const length = max(1000, this.run.end[i] - this.run.begin[i]);
		this.show(this.run.begin[i] - length * 0.05, this.run.end[i] + length * 0.05);
	}

	/* ---- drawing ---- */

	draw() {
		this.drawAxis();
		this.lanes.draw();
		this.series.draw();
		const whole = this.run.end_ns || 1;
		$("window").textContent = this.isWhole() ? "" :
			`${axisLabel(this.view.from, (this.view.to - this.view.from) / 100)} to ` +
			`${axisLabel(this.view.to, (this.view.to - this.view.from) / 100)} ` +
			`(${percent(this.view.to - this.view.from, whole)})`;
		$("zoom-out").disabled = this.isWhole();
	}

	steps() {
		const { from, to } = this.view, step = timeStep(to - from, this.width() / 110);
		const marks = [];
		for (let at = ceil(from / step) * step; at <= to; at += step)
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
		fillBox(ctx, theme.panel, 0, 0, $("time").clientWidth, 24);
		ctx.font = SMALL;
		ctx.textAlign = "center";
		for (const mark of marks) {
			fillBox(ctx, theme.line, round(this.x(mark)), 18, 1, 6);
			ctx.fillStyle = theme.dim;
			const label = axisLabel(mark, step, this.view.to),
				half = ctx.measureText(label).width / 2;
			ctx.fillText(label, max(GUTTER + half - 4,
				min(this.x(mark), GUTTER + this.width() - half + RIGHT - 2)), 11);
		}
		putText(ctx, theme.dim, "left", "time", 8, 11);
	}

	gutter(ctx, first, second) {
		ctx.font = SMALL;
		putText(ctx, theme.text, "left", first, 8, 12);
		ctx.fillStyle = theme.dim;
		ctx.fillText(second, 8, 27);
	}

	/* ---- pointer ---- */

	showProcess(event, i) {
		showTip(event, i === NONE ? null : this.app.detail.tip(i), this.run.line(i));
	}

	hover(event) {
		const x = event.clientX - $("time").getBoundingClientRect().left,
			id = event.target.id;
		if (x < GUTTER || x > GUTTER + this.width())
			return showTip(event, null);
		if (id === "lanes")
			return this.showProcess(event, this.lanes.at(x, event.offsetY));
		if (id === "alone")
			return this.showProcess(event, this.series.aloneAt(x));
		const time = this.time(x),
			label = "at " + axisLabel(time, (this.view.to - this.view.from) / 1000);
		if (id === "cpu" && this.series.cpus)
			return showTip(event, [digits(this.series.cpus[floor(x - GUTTER)] || 0) +
				" CPUs busy", label]);
		if (id === "watts")
			return showTip(event, [label,
				...this.series.watts.map(({ name, steps }) => {
				const step =
					steps.find(([begin, end]) => begin <= time && time <= end);
				return step ? `${name}: ${digits(step[2])} W` : null;
			})]);
		showTip(event, null);
	}

	listen() {
		const time = $("time");
		let drag = null;
		const place = event => event.clientX - time.getBoundingClientRect().left;
		on(time, "wheel", event => {
			const vertical = abs(event.deltaY) >= abs(event.deltaX);
			/* If the whole run is shown already, the wheel scrolls the page. */
			if (event.ctrlKey || (vertical && this.isWhole() && event.deltaY > 0))
				return;
			event.preventDefault();
			if (vertical && !event.shiftKey)
				this.zoom(Math.exp(max(-1, min(1, event.deltaY / 300))),
					this.time(place(event)));
			else
				this.move((event.deltaX || event.deltaY) / this.width());
		}, { passive: false });
		on(time, "pointerdown", event => {
			/* The lanes' box has a scroll bar beside its content. */
			if (event.button !== 0 || event.target.id === "lanes-box" &&
				event.offsetX > event.target.clientWidth)
				return;
			drag = { from: place(event), at: place(event), y: event.offsetY,
				target: event.target, pan: event.shiftKey, moved: false,
				view: this.view };
			time.setPointerCapture(event.pointerId);
		});
		on(time, "pointermove", event => {
			if (!drag)
				return this.hover(event);
			drag.at = place(event);
			drag.moved = drag.moved || abs(drag.at - drag.from) > 4;
			if (!drag.moved)
				return;
			showTip(event, null);
			if (drag.pan) {
				const { from, to } = drag.view;
				const by = (drag.from - drag.at) / this.width() * (to - from);
				return this.show(from + by, to + by);
			}
			const mark = $("selection"), left = max(GUTTER, min(drag.from, drag.at));
			mark.hidden = false;
			mark.style.left = left + "px";
			mark.style.width = min(GUTTER + this.width(),
				max(drag.from, drag.at)) - left + "px";
		});
		on(time, "pointerup", event => {
			const done = drag;
			drag = null;
			$("selection").hidden = true;
			if (!done)
				return;
			if (done.moved && !done.pan)
				this.show(...[this.time(done.from), this.time(done.at)]
					.sort((a, b) => a - b));
			else if (!done.moved && done.target.id === "lanes")
				this.app.select(this.lanes.at(done.from, done.y));
			else if (!done.moved && done.target.id === "alone")
				this.app.select(this.series.aloneAt(done.from));
		});
		on(time, "pointercancel", () => {
			drag = null;
			$("selection").hidden = true;
		});
		on(time, "pointerleave", event => showTip(event, null));
		on(time, "dblclick", () => this.show(0, this.run.end_ns));
	}
}
