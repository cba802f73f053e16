/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The table of processes. Only the rows in view are elements of the page; a box as high as all of
 * them makes it scroll.
 */
const ROW = 25, PRINTED_ROWS = 60, NUMBER = 92, ARGUMENTS = 240;

/* A long text is cut in its middle, since the end of a command line distinguishes it best. */
function middle(text, most) {
	return text.length > most ?
		text.slice(0, most * 0.35) + " … " + text.slice(-most * 0.6) : text;
}

class Table {
	constructor(run, app) {
		this.run = run;
		this.app = app;
		this.columns = this.makeColumns();
		this.sort = this.columns.find(column => column.sorted);
		this.descending = true;
		this.rows = new Uint32Array(0);
		this.turn = 0;
		this.makeHead();
		this.listen();
		this.update();
	}

	/*
	 * If there is no room for all columns, the window ends between two of them, and its border
	 * shows that there are more.
	 */
	layOut() {
		const box = $("table"), numbers = this.columns.length - 2;
		if (this.laidOut === box.clientWidth)
			return;
		this.laidOut = box.clientWidth;
		const command = box.clientWidth < 600 ? 150 : 190, room = box.clientWidth - command;
		const isCut = room < numbers * NUMBER + ARGUMENTS,
			width = isCut ? room / max(1, floor(room / NUMBER)) : NUMBER;
		this.layout = `${command}px repeat(${numbers}, ${width}px) ` +
			`minmax(${ARGUMENTS}px, 1fr)`;
		$("head").style.gridTemplateColumns = this.layout;
		for (const id of ["head", "rows-space"])
			$(id).style.minWidth = command + numbers * width + ARGUMENTS + "px";
	}

	makeColumns() {
		const run = this.run, columns = [
			{ name: "Command", text: i => run.name(i), key: i => this.commandRank(i) },
		], wall = { name: "Wall", by: "wall", show: i => duration(run.wall[i]),
			key: i => run.wall[i], raw: i => run.wall[i], unit: "ns" };
		const known = Object.keys(TITLES);
		const rank = field => known.includes(field.kind) ? known.indexOf(field.kind) :
			known.length;
		/* perf's clock has the same values as the kernel's: one column is enough. */
		const cpu = run.cpu, repeats = field =>
			field !== cpu && field !== run.cost && cpu && field.unit === "ns" &&
			field.values.every((value, i) => value === cpu.values[i]);
		for (const field of run.fields
			.filter(field => field.kind !== "wall-time" && !repeats(field))
			.sort((a, b) => rank(a) - rank(b)))
			columns.push({
				name: field.title, by: field.name,
				show: i => fieldAmount(field, i), key: i => field.values[i],
				raw: i => isNaN(field.values[i]) ? "" : field.values[i],
				unit: field.unit, title: field.metric,
			});
		columns.splice(columns[1]?.name === "CPU" ? 2 : 1, 0, wall);
		columns.push({ name: "Alone", show: i => run.alone[i] ? duration(run.alone[i]) : "",
			key: i => run.alone[i], raw: i => run.alone[i], unit: "ns",
			title: "time in which nothing else ran" });
		/* Of interest if some failed or run on. */
		const at = run.state.some(Boolean) ? columns.indexOf(wall) + 1 : columns.length;
		columns.splice(at, 0, { name: "Ended",
			text: i => run.texts[run.outcome[i]] ||
				(run.state[i] & 2 ? "running" : ""),
			key: i => run.state[i] & 1 ? run.outcome[i] + 2 : run.state[i],
			title: "exit status or signal, if not 0" });
		if (run.groups.length)
			columns.push({ name: "Host, rank", text: run.place,
				key: i => run.group[i] });
		columns.push({ name: "Start", show: i => duration(run.begin[i]),
			key: i => run.begin[i], raw: i => run.begin[i], unit: "ns" });
		columns.push({ name: "Pid",
			show: i => run.pid[i] + (run.number[i] > 1 ? "/" + run.number[i] : ""),
			key: i => run.pid[i], raw: i => run.pid[i] });
		columns.push({ name: "Arguments", text: i => run.texts[run.args[i]],
			key: i => run.args[i] });
		/* What the page sorts by comes first: other columns may be outside the window. */
		const first = columns.find(({ by }) => by && by === run.by) || wall;
		columns.splice(columns.indexOf(first), 1);
		columns.splice(1, 0, first);
		first.sorted = true;
		return columns;
	}

	commandRank(i) {
		if (!this.ranks) {
			const names = this.run.commands.map(entry => entry.comm)
				.sort((a, b) => this.run.texts[a] < this.run.texts[b] ? -1 : 1);
			this.ranks = new Map(names.map((comm, rank) => [comm, rank]));
		}
		return this.ranks.get(this.run.comm[i]);
	}

	makeHead() {
		fill("head", ...this.columns.map(column => {
			const arrow = column === this.sort ? this.descending ? " ▼" : " ▲" : "";
			const button = element("button",
				{ type: "button", role: "columnheader",
				className: column.text ? "text" : "", title: column.title || "" },
				column.name + arrow);
			button.setAttribute("aria-sort", column !== this.sort ? "none" :
				this.descending ? "descending" : "ascending");
			onClick(button, () => {
				this.descending = column === this.sort ? !this.descending :
					!column.text;
				this.sort = column;
				this.makeHead();
				this.update();
			});
			return button;
		}));
	}

	/* If several changes come quickly, only the last one is worked on to its end. */
	update() {
		const turn = ++this.turn, work = this.updating();
		return sliced({ next: () => turn === this.turn ? work.next() : { done: true } });
	}

	/* Sort the processes, and keep those that the filters admit. */
	*updating() {
		const run = this.run, { key } = this.sort;
		const sorted = yield* sortIndices(run.n, key, this.descending);
		const failed = $("failed-only").checked, shown = $("window-only").checked;
		const { from, to } = this.app.timeline.view;
		let n = 0;
		const rows = new Uint32Array(run.n);
		for (const i of sorted) {
			if ((failed && !(run.state[i] & 1)) ||
				(shown && (run.end[i] < from || run.begin[i] > to)) ||
				(this.app.query && !this.app.isMarked(i)))
				continue;
			rows[n++] = i;
			if (n % PIECE === 0)
				yield;
		}
		this.rows = rows.subarray(0, n);
		$("table-count").textContent = n === run.n ? plural(n, "process", "processes") :
			`${count(n)} of ${plural(run.n, "process", "processes")}`;
		$("rows-space").style.height = n * ROW + "px";
		this.draw();
	}

	draw() {
		this.layOut();
		const box = $("table"), first = max(0, floor(box.scrollTop / ROW) - 4);
		const last = min(this.rows.length, first + ceil(box.clientHeight / ROW) + 8);
		box.classList.toggle("more",
			box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
		$("rows").style.top = first * ROW + "px";
		fill("rows",
			...Array.from(this.rows.subarray(first, last), i => this.row(i)));
	}

	markSelected() {
		for (const row of $("rows").children)
			row.classList.toggle("selected",
				+row.dataset.process === this.app.selected);
	}

	row(i) {
		const run = this.run, row = element("div", { role: "row",
			className: "row" + (i === this.app.selected ? " selected" : "") });
		row.dataset.process = i;
		row.style.gridTemplateColumns = this.layout;
		for (const column of this.columns) {
			const text = column.text ? column.text(i) : column.show(i);
			const cell = element("div",
				{ role: "cell", className: column.text ? "text" : "",
				title: column.name === "Ended" ? text : "" });
			if (column.name === "Command")
				cell.append(element("i",
					{ style: "background:" + theme.palette[run.colour[i]] }));
			if (column.name === "Ended" && run.state[i] & 1)
				cell.classList.add("failed");
			cell.append(middle(text, column.name === "Arguments" ? 110 : 200));
			if (column.name === "Command")
				cell.append(element("span", {}, run.telling(i)));
			row.append(cell);
		}
		return row;
	}

	/* The rows as they are shown, with whole numbers in the base unit. */
	csv() {
		const quote = text =>
			/[",\n\r]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
		const lines = [this.columns.map(({ name, unit }) =>
			quote(name + (unit ? ` (${unit})` : ""))).join(",")];
		for (const i of this.rows)
			lines.push(this.columns.map(({ text, raw }) =>
				quote(String(text ? text(i) : raw(i)))).join(","));
		return lines.join("\n") + "\n";
	}

	async copy() {
		const text = this.csv(), button = $("copy");
		try {
			await navigator.clipboard.writeText(text);
		} catch {
			/* A page from a file may not use the clipboard: copy from an element. */
			const area = element("textarea", { value: text });
			document.body.append(area);
			area.select();
			document.execCommand("copy");
			area.remove();
		}
		button.textContent = `Copied ${plural(this.rows.length, "row")}`;
		setTimeout(() => { button.textContent = "Copy as CSV"; }, 2000);
	}

	/* The table on paper: the first rows, with the columns that fit, and how they ended. */
	print() {
		const more = ["Arguments", "Pid", "Alone", "Ended", "Start"];
		const columns = this.columns.filter(column => !more.includes(column.name))
			.slice(0, 8).concat(this.columns.find(column => column.name === "Ended"));
		const hidden = this.rows.length - PRINTED_ROWS;
		const cell = (tag, column, text) => element(tag,
			{ className: column.text ? "name" : "number" }, text);
		fill("print-table",
			element("caption", {}, hidden > 0 ? `The first ${PRINTED_ROWS}, by ` +
				`${this.sort.name}; ${count(hidden)} more` : ""),
			element("thead", {}, element("tr", {},
				...columns.map(column => cell("th", column, column.name)))),
			element("tbody", {}, ...Array.from(this.rows.subarray(0, PRINTED_ROWS),
				i => element("tr", {}, ...columns.map(column => {
				const text = column.name === "Command" ? this.run.label(i) :
					column.text && column.text(i);
				return cell("td", column, column.text ? text : column.show(i));
			})))));
	}

	listen() {
		on($("table"), "scroll", () => this.draw());
		onClick($("rows"), event => {
			const row = event.target.closest(".row");
			if (row)
				this.app.select(+row.dataset.process, true);
		});
		for (const id of ["failed-only", "window-only"])
			on($(id), "change", () => this.update());
		onClick($("copy"), () => this.copy());
		on($("table"), "keydown", event => {
			if (event.key !== "ArrowDown" && event.key !== "ArrowUp")
				return;
			const place = this.rows.indexOf(this.app.selected);
			const step = event.key === "ArrowDown" ? 1 : -1;
			const next = this.rows[max(0, place + step)];
			event.preventDefault();
			event.stopPropagation();
			if (next !== undefined) {
				this.app.select(next, true);
				const y = this.rows.indexOf(next) * ROW, box = $("table");
				if (y < box.scrollTop ||
					y > box.scrollTop + box.clientHeight - 3 * ROW)
					box.scrollTop = y - box.clientHeight / 2;
			}
		});
	}
}
