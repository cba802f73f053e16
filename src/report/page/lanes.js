/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A bar for each process, from its start to its end, in as many lanes as lived at once. */
const LANES_HEIGHT = 420, LEAST_HEIGHT = 36; /* two lines beside it */

class Lanes {
	constructor(timeline) {
		const run = this.run = timeline.run;
		this.timeline = timeline;
		this.app = timeline.app;
		this.height = max(4, min(20, floor(LANES_HEIGHT / max(1, run.lanes))));
		this.boxHeight = max(LEAST_HEIGHT, min(LANES_HEIGHT, this.height * run.lanes) + 6);
		$("lanes-box").style.height = this.boxHeight + "px";
		$("lanes-space").style.height = max(LEAST_HEIGHT, this.height * run.lanes + 6) +
			"px";
		on($("lanes-box"), "scroll", () => this.app.redraw());
	}

	/* Scroll to a process's lane. */
	reveal(i) {
		const box = $("lanes-box"), y = this.run.lane[i] * this.height;
		if (y < box.scrollTop || y + this.height > box.scrollTop + box.clientHeight)
			box.scrollTop = y - box.clientHeight / 2;
	}

	/*
	 * Bars of one colour after the other. Those narrower than a pixel go into an image with one
	 * row for each lane, in which a pixel is written once: 100 000 of them are drawn as fast as
	 * a hundred.
	 */
	draw() {
		const run = this.run, app = this.app, height = this.height,
			top = $("lanes-box").scrollTop;
		const ctx = prepare($("lanes"), this.boxHeight), thick = this.thick();
		const { from, to } = this.timeline.view, width = this.timeline.width(),
			perNs = width / (to - from), right = GUTTER + width,
			n = theme.palette.length;
		const low = max(0, floor(top / height)),
			lanes = min(run.lanes, ceil((top + this.boxHeight) / height) + 1) - low;
		const columns = ceil(width) + 1, image = new ImageData(columns, max(1, lanes)),
			dots = new Uint32Array(image.data.buffer);
		/* Of "#rrggbb", as a pixel has it: red is the lowest byte. */
		const ink = colour =>
			parseInt(colour.slice(5) + colour.slice(3, 5) + colour.slice(1, 3), 16);
		const inks = [255, 46].flatMap(alpha =>
			theme.palette.map(colour => ink(colour) | alpha << 24));
		const bars = Array.from({ length: 2 * n }, () => []), marked = [], texts = [];
		this.timeline.grid(ctx, this.boxHeight);
		for (let i = 0; i < run.n && run.begin[i] <= to; i++) {
			const lane = run.lane[i] - low;
			if (run.end[i] < from || lane < 0 || lane >= lanes)
				continue;
			const x = max(GUTTER, GUTTER + (run.begin[i] - from) * perNs),
				end = min(right, GUTTER + (run.end[i] - from) * perNs);
			const colour = run.colour[i] + (app.isDimmed(i) ? n : 0),
				y = run.lane[i] * height - top + 3;
			if (end - x < 1.5) {
				const dot = lane * columns + floor(x - GUTTER);
				if (!dots[dot] || colour < n)
					dots[dot] = inks[colour];
			} else {
				bars[colour].push(x, y, end - x - (end - x > 4 ? 1 : 0));
				if (end - x > 26 && height >= 11)
					texts.push(i, x, y, end - x);
			}
			if (run.state[i] & 1 || app.isMarked(i))
				marked.push(i, x, y, max(1, end - x));
		}
		const dotted = new OffscreenCanvas(columns, image.height);
		dotted.getContext("2d").putImageData(image, 0, 0);
		ctx.imageSmoothingEnabled = false;
		for (let lane = 0; lane < lanes; lane++)
			ctx.drawImage(dotted, 0, lane, columns, 1, GUTTER,
				(low + lane) * height - top + 3, columns, thick);
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
		this.timeline.gutter(ctx, "processes",
			run.lanes === 1 ? "1 at once" : run.lanes + " at once");
		this.drawSelected();
	}

	thick() {
		return this.height > 6 ? this.height - 2 : this.height - 1;
	}

	/* On a canvas above the bars, so that a click need not draw these again. */
	drawSelected() {
		const run = this.run, i = this.app.selected, timeline = this.timeline,
			left = GUTTER, right = GUTTER + timeline.width();
		const ctx = prepare($("selected"), this.boxHeight);
		if (i === NONE || run.end[i] < timeline.view.from ||
			run.begin[i] > timeline.view.to)
			return;
		const x = max(left, timeline.x(run.begin[i])),
			y = run.lane[i] * this.height - $("lanes-box").scrollTop + 3;
		ctx.strokeStyle = theme.text;
		ctx.lineWidth = 2.5;
		ctx.strokeRect(x - 1, y - 0.5, max(2, min(right, timeline.x(run.end[i])) - x) + 2,
			this.thick() + 1);
	}

	drawTexts(ctx, texts, thick) {
		ctx.font = thick < 14 ? SMALL : FONT;
		for (let at = 0; at < texts.length; at += 4) {
			const i = texts[at], x = texts[at + 1], width = texts[at + 3];
			const text = fit(ctx, this.run.label(i), width - 10);
			ctx.fillStyle = this.app.isDimmed(i) ? theme.dim :
				theme.onPalette[this.run.colour[i]];
			if (text)
				ctx.fillText(text, x + 4, texts[at + 2] + thick / 2 + 0.5);
		}
	}

	/* One that failed has a frame and a cross at its end; one that was found, a line below. */
	drawMarks(ctx, marked, thick) {
		const last = new Map(); /* by lane: the last pixel that has a mark */
		for (let at = 0; at < marked.length; at += 4) {
			const i = marked[at], x = marked[at + 1], y = marked[at + 2],
				width = max(2, marked[at + 3]);
			if (width <= 2 && last.get(y) === floor(x))
				continue;
			last.set(y, floor(x));
			if (this.run.state[i] & 1) {
				ctx.strokeStyle = theme.fail;
				ctx.lineWidth = 2;
				ctx.strokeRect(x, y + 1, max(1, width - 1), thick - 2);
				if (width > 5) {
					const r = min(3.5, thick / 3), cx = x + width - r - 3,
						cy = y + thick / 2;
					fillBox(ctx, theme.back, cx - r - 1, cy - r - 1, 2 * r + 2,
						2 * r + 2);
					ctx.beginPath();
					ctx.moveTo(cx - r, cy - r);
					ctx.lineTo(cx + r, cy + r);
					ctx.moveTo(cx + r, cy - r);
					ctx.lineTo(cx - r, cy + r);
					ctx.stroke();
				}
			}
			if (this.app.isMarked(i)) {
				fillBox(ctx, theme.mark, x, y + thick - 2, width, 2);
			}
		}
	}

	/* The process at a point of the lanes; the nearest of several narrow ones. */
	at(x, y) {
		const run = this.run, time = this.timeline.time(x),
			lane = floor((y - 3 + $("lanes-box").scrollTop) / this.height);
		const { from, to } = this.timeline.view,
			reach = (to - from) / this.timeline.width() * 3;
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
}
