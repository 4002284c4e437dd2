// The rows of the guide near the screen, as plain elements: while one scrolls, thousands of cells
// pass by, and an element that leaves is used again for what comes. Two places are filled: the
// lines with the programmes, and the heads, one column that stays at the side. Nothing in here is a
// layer of its own to the browser: a hundred of those took longer to draw than all the rest.
import { ownPicture } from '../core/art.js';
import { clock } from '../core/format.js';
import { t } from '../core/text.js';

/** Pixels between two programmes. */
const GAP = 3;
/** Below this part of a row's height a programme is too short for two lines of text. */
const BRIEF = 1.25;
/** The same of what can be seen of one, for any text at all. */
const LEAST = .7;
/** Milliseconds of a frame that filling rows may take; what is on the screen already is not counted. */
const BUDGET_MS = 4;

/** @typedef {import('../core/guide.js').Channel} Channel */
/** @typedef {import('../core/guide.js').Programme} Programme */
/** @typedef {{e: HTMLButtonElement, title: Text, below: Text, programme: Programme, left: number, width: number, kind: string, pad: number}} Cell */
/** @typedef {{line: HTMLElement, head: HTMLAnchorElement, number: Text, name: Text, logo: HTMLImageElement, note: HTMLElement,
 *   index: number, channel: Channel | null, cells: Cell[], missing: boolean}} Row */
/**
 * What is to be seen: the channels, the rows first to last of them with top to bottom on the screen, the hours to be drawn, all
 * times of the day, how far it is scrolled to the side, and what is how large. Times are in ms, lengths in pixels.
 * @typedef {{channels: Channel[], first: number, last: number, top: number, bottom: number, from: number, to: number, start: number,
 *   end: number, left: number, px: number, rowHeight: number, now: number}} Scene
 */

/**
 * @template {HTMLElement} E
 * @param {E} e
 * @param {string} role
 * @param {string} name of its class
 * @param {...Node} inside
 */
function dress(e, role, name, ...inside) {
	e.setAttribute('role', role);
	e.className = name;
	e.append(...inside);
	return e;
}

/** @template {keyof HTMLElementTagNameMap} T @param {T} tag @param {Text} text */
function around(tag, text) {
	const e = document.createElement(tag);
	e.append(text);
	return e;
}

/** @returns {Cell} */
function makeCell() {
	const [title, below] = [new Text(), new Text()];
	const e = dress(document.createElement('button'), 'gridcell', 'cell', around('strong', title), around('span', below));
	e.type = 'button';
	e.tabIndex = -1;
	return { e, title, below, programme: /** @type {any} */ (null), left: 0, width: 0, kind: '', pad: 0 };
}

/** @returns {Row} */
function makeRow() {
	const [number, name] = [new Text(), new Text()];
	const logo = document.createElement('img');
	logo.alt = '';
	const head = dress(document.createElement('a'), 'rowheader', 'head', around('b', number), logo, around('span', name));
	head.tabIndex = -1;
	const note = dress(document.createElement('span'), 'gridcell', 'cell');
	const line = dress(document.createElement('div'), 'row', 'line', note);
	return { line, head, number, name, logo, note, index: -1, channel: null, cells: [], missing: false };
}

/** @type {(e: HTMLElement, left: number, width: number) => void} */
function place(e, left, width) {
	e.style.left = `${left}px`;
	e.style.width = `${width}px`;
}

/**
 * @param {HTMLElement} lines
 * @param {HTMLElement} heads
 * @param {(row: number, from: number, to: number) => {programmes: Programme[], missing: boolean}} read
 */
export function makeSheet(lines, heads, read) {
	/** @type {Map<number, Row>} */
	const rows = new Map();
	/** @type {Row[]} */
	const spare = [];
	/** @type {Cell[]} */
	const cells = [];
	/** @type {Set<number>} */
	const due = new Set();
	/** @type {Scene} */
	let scene = { channels: [], first: 0, last: 0, top: 0, bottom: 0, from: 0, to: 0, start: 0, end: 0, left: 0, px: 0, rowHeight: 0, now: 0 };
	let aim = { row: 0, time: 0 };
	/** @type {HTMLElement | null} */
	let door = null;
	let frame = 0;

	const x = (/** @type {number} */ time) => (time - scene.start) * scene.px;
	/** @param {Row} row */
	const holdsFocus = (row) => row.head === document.activeElement || row.line.contains(document.activeElement);

	/** @type {(cell: Cell, programme: Programme) => void} */
	function put(cell, p) {
		const left = x(Math.max(p.from, scene.start));
		const width = Math.max(1, x(Math.min(p.to, scene.end)) - left - GAP);
		if (cell.programme !== p) {
			cell.title.data = p.title;
			cell.below.data = `${clock(p.from)}${p.subtitle ? ` · ${p.subtitle}` : ''}`;
			cell.programme = p;
		}
		if (cell.left !== left || cell.width !== width)
			place(cell.e, left, width);
		[cell.left, cell.width] = [left, width];
		show(cell);
	}

	/** What is on, over, or too short. @param {Cell} cell */
	function show(cell) {
		const { from, to } = cell.programme;
		const kind = `cell${from <= scene.now && scene.now < to ? ' on' : to <= scene.now ? ' past' : ''}${cell.width < BRIEF * scene.rowHeight ? ' brief' : ''}`;
		if (cell.kind !== kind)
			cell.e.className = cell.kind = kind;
	}

	/** Text of what is cut off at the side begins where it can be seen; there is none where that is no letter wide. @param {Row} row */
	function shift(row) {
		for (const cell of row.cells) {
			const [cut, seen] = [Math.round(scene.left - cell.left), cell.left + cell.width - scene.left];
			const pad = cut <= 0 || seen <= 0 ? 0 : seen < LEAST * scene.rowHeight ? Math.ceil(cell.width) : cut;
			if (cell.pad !== pad)
				cell.e.style.paddingLeft = pad ? `calc(${pad}px + .7rem)` : '';
			cell.pad = pad;
		}
	}

	/** What is there beside programmes: that they are on their way, or that there are none. @type {(row: Row, none: boolean) => void} */
	function remark(row, none) {
		const { note, missing } = row;
		note.hidden = !missing && !none;
		if (note.hidden)
			return;
		note.className = missing ? 'cell ghost' : 'cell none';
		note.textContent = missing ? '' : t('guide.none');
		note.ariaLabel = missing ? t('state.loading') : null;
		const left = missing ? x(scene.from) : Math.max(0, scene.left);
		place(note, left, x(scene.to) - left);
	}

	/** The programmes of a row, and the focused one although it is none of them. @type {(row: Row, programmes: Programme[]) => Programme[]} */
	function withFocused(row, programmes) {
		const at = row.cells.find((cell) => cell.e === document.activeElement)?.programme;
		if (!at || at.to <= scene.start || at.from >= scene.end || programmes.some((p) => p.id === at.id))
			return programmes;
		return [...programmes, at].sort((a, b) => a.from - b.from);
	}

	/** @param {Row} row */
	function fill(row) {
		due.delete(row.index);
		const found = read(row.index, scene.from, scene.to);
		const programmes = withFocused(row, found.programmes);
		const old = new Map(row.cells.map((cell) => [cell.programme.id, cell]));
		const same = programmes.map((p) => old.get(p.id));
		programmes.forEach((p) => old.delete(p.id));
		const free = [...old.values()];
		row.cells = programmes.map((p, i) => {
			const cell = same[i] || free.shift() || cells.pop() || makeCell();
			put(cell, p);
			return cell;
		});
		for (const cell of free) {
			cell.e.remove();
			cells.push(cell);
		}
		row.cells.forEach((cell, i) => {
			if (row.line.children[i + 1] !== cell.e)
				row.line.insertBefore(cell.e, row.line.children[i + 1] || null);
		});
		row.missing = found.missing;
		remark(row, !programmes.length);
		shift(row);
	}

	/** A row is another channel's from now on. @type {(row: Row, index: number) => void} */
	function begin(row, index) {
		const channel = scene.channels[index];
		row.index = index;
		row.line.ariaRowIndex = String(index + 1);
		row.line.style.top = row.head.style.top = `${index * scene.rowHeight}px`;
		if (row.channel !== channel) {
			const logo = ownPicture(channel.logo);
			row.channel = channel;
			row.number.data = String(channel.number);
			row.name.data = channel.name;
			row.logo.hidden = !logo;
			if (logo)
				row.logo.src = logo;
			row.head.href = `/app/channels/${channel.id}`;
			row.head.id = `channel-${channel.id}`;
			row.line.setAttribute('aria-owns', row.head.id);
		}
		rows.set(index, row);
		due.add(index);
	}

	/** Before the row after it: who is read to hears them in their order. @param {number} index */
	function enter(index) {
		const row = spare.pop() || makeRow();
		const next = rows.get(index + 1);
		begin(row, index);
		if (row.line.nextSibling !== (next?.line || null) || !row.line.parentNode) {
			lines.insertBefore(row.line, next?.line || null);
			heads.insertBefore(row.head, next?.head || null);
		}
	}

	/** What the screen has left is used again; not what has the focus, or the focus would be on something else. */
	function leave() {
		for (const [index, row] of rows) {
			if (index >= scene.first && index < scene.last || index < scene.channels.length && holdsFocus(row))
				continue;
			rows.delete(index);
			due.delete(index);
			spare.push(row);
		}
	}

	/** Spare rows that nothing took. */
	function clear() {
		for (const row of spare) {
			row.line.remove();
			row.head.remove();
		}
	}

	const focus = () => door?.focus({ preventScroll: true });

	/**
	 * One thing in here takes the focus that comes by Tab: what was aimed at, or else something on the screen. The focus moves
	 * along when it is in here already, but not to something else.
	 */
	function openDoor() {
		const focused = !!door && door === document.activeElement;
		const row = rows.get(aim.row) || !focused && (rows.get(scene.top) || rows.values().next().value);
		if (!row)
			return;
		const { time } = aim;
		const next = row.cells.find(({ programme: p }) => p.from <= time && time < p.to)?.e || row.head;
		if (next === door)
			return;
		if (door)
			door.tabIndex = -1;
		next.tabIndex = 0;
		door = next;
		if (focused)
			focus();
	}

	/** @param {number} index */
	const onScreen = (index) => index >= scene.top && index < scene.bottom;

	/** Fills rows, those on the screen first, and goes on in the next frame. @param {boolean} atOnce all that are on the screen now */
	function work(atOnce) {
		const end = performance.now() + BUDGET_MS;
		for (const index of [...due].sort((a, b) => Number(onScreen(b)) - Number(onScreen(a)))) {
			if (performance.now() > end && !(atOnce && onScreen(index)))
				break;
			fill(/** @type {Row} */ (rows.get(index)));
		}
		openDoor();
		if (due.size && !frame) {
			frame = requestAnimationFrame(() => {
				frame = 0;
				work(false);
			});
		}
	}

	/** @param {Scene} next */
	function draw(next) {
		const before = scene;
		scene = next;
		leave();
		for (let i = scene.last - 1; i >= scene.first; i--)
			if (!rows.has(i))
				enter(i);
		clear();
		if (['start', 'px', 'rowHeight', 'from', 'to'].some((name) => before[/** @type {'px'} */ (name)] !== scene[/** @type {'px'} */ (name)]) || before.channels !== scene.channels)
			rows.forEach((row, index) => begin(row, index));
		if (before.left !== scene.left)
			rows.forEach(shift);
		work(true);
	}

	/** There may be more of what was missing. */
	function refresh() {
		for (const row of rows.values())
			if (row.missing)
				due.add(row.index);
		work(false);
	}

	/** @param {number} now */
	function tick(now) {
		scene = { ...scene, now };
		rows.forEach((row) => row.cells.forEach(show));
	}

	/** @type {(row: number, time: number) => void} */
	function aimAt(row, time) {
		aim = { row, time };
		openDoor();
	}

	/** The row of an element, and the programme when it is one. @param {EventTarget | null} target */
	function whatIs(target) {
		for (const row of rows.values()) {
			const cell = row.cells.find(({ e }) => e.contains(/** @type {Node} */ (target)));
			if (cell || row.head.contains(/** @type {Node} */ (target)))
				return { row: row.index, channel: /** @type {Channel} */ (row.channel), programme: cell?.programme };
		}
		return null;
	}

	return { draw, refresh, tick, aimAt, whatIs, focus, end: () => cancelAnimationFrame(frame) };
}
