// Arrow keys move the focus to what is nearest in that direction, as a remote control expects. What
// handles its arrows itself (the guide, the player, a slider) stops the event.

const FOCUSABLE = 'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), ' +
	'textarea:not(:disabled), summary, [tabindex="0"]:not([role="region"])';
const TEXT_INPUTS = new Set(['text', 'search', 'email', 'password', 'tel', 'url']);
/** What would change its value by an arrow that only moves on. */
const STEPPING = 'select, input[type=number], input[type^=date], input[type=range], input[type=radio]';

/** Keys of remotes and keyboards for going back. */
export const BACK_KEYS = ['GoBack', 'BrowserBack', 'XF86Back'];

/** @typedef {'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight'} Arrow */

/** Where the focus may go: the topmost dialog, or the page. */
function scope() {
	const open = document.querySelectorAll('dialog[open]');
	return open.length ? open[open.length - 1] : document.body;
}

/** @param {Element} e */
function shown(e) {
	const r = e.getBoundingClientRect();
	if (!r.width || !r.height || e.closest('[inert], [hidden]') || e.getAttribute('tabindex') === '-1')
		return null;
	return e.checkVisibility({ visibilityProperty: true }) ? r : null;
}

/**
 * How far b is from a that way; Infinity when it is not that way at all. Being beside counts more
 * than being near.
 * @param {DOMRect} a
 * @param {DOMRect} b
 * @param {Arrow} arrow
 */
function distance(a, b, arrow) {
	const across = arrow === 'ArrowUp' || arrow === 'ArrowDown';
	const ahead = { ArrowUp: a.top - b.bottom, ArrowDown: b.top - a.bottom,
		ArrowLeft: a.left - b.right, ArrowRight: b.left - a.right }[arrow];
	const overlap = across ? Math.min(a.right, b.right) - Math.max(a.left, b.left)
		: Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
	if (ahead < -4)
		return Infinity;
	const beside = across ? Math.abs(a.left - b.left) : Math.abs((a.top + a.bottom - b.top - b.bottom) / 2);
	if (overlap > 0)
		return Math.max(0, ahead) + beside * 0.05;
	return across ? Math.max(0, ahead) * 1.5 + -overlap * 2 + 50 : Infinity;
}

/** @type {(from: DOMRect, arrow: Arrow, self: Element | null) => HTMLElement | null} */
function nearest(from, arrow, self) {
	let best = null;
	let least = Infinity;
	for (const e of scope().querySelectorAll(FOCUSABLE)) {
		if (e === self)
			continue;
		const r = shown(e);
		const d = r ? distance(from, r, arrow) : Infinity;
		if (d < least)
			[best, least] = [e, d];
	}
	return /** @type {HTMLElement | null} */ (best);
}

/** The first thing of the page that can be seen now. */
function firstInView() {
	const main = scope().querySelector('main') || scope();
	for (const e of main.querySelectorAll(FOCUSABLE)) {
		const r = shown(e);
		if (r && r.top >= 0 && r.top < innerHeight)
			return /** @type {HTMLElement} */ (e);
	}
	return null;
}

/** Whether the caret can go that way in a text. @type {(at: number | null, length: number, back: boolean) => boolean} */
const caretMoves = (at, length, back) => at !== null && (back ? at > 0 : at < length);

/**
 * Whether a field needs the key for itself. Up and down always leave what is of one line, lists of
 * choices too: Enter opens those.
 * @type {(e: Element, arrow: Arrow) => boolean}
 */
function editing(e, arrow) {
	const back = arrow === 'ArrowLeft' || arrow === 'ArrowUp';
	if (e instanceof HTMLTextAreaElement)
		return caretMoves(e.selectionStart, e.value.length, back);
	if (!(e instanceof HTMLInputElement) || arrow === 'ArrowUp' || arrow === 'ArrowDown')
		return false;
	if (e.type === 'range')
		return e.value !== (back ? e.min : e.max);
	return e.type === 'radio' ||
		TEXT_INPUTS.has(e.type) && caretMoves(e.selectionStart, e.value.length, back);
}

/** What had the focus last with all that it was in, and where on the page that was. @type {{path: Element[], x: number, y: number, width: number, height: number} | null} */
let last = null;

/** @param {FocusEvent} event */
function noteFocus(event) {
	const { target } = event;
	if (!(target instanceof Element))
		return;
	const path = /** @type {Element[]} */ (event.composedPath().filter((e) => e instanceof Element));
	const { x, y, width, height } = target.getBoundingClientRect();
	last = target.tagName === 'MAIN' ? null : { path, x: x + scrollX, y: y + scrollY, width, height };
}

/** Where the focus was taken away by something that is not there any more. */
function lostPlace() {
	return last && !last.path[0].isConnected ? new DOMRect(last.x - scrollX, last.y - scrollY, last.width, last.height) : null;
}

/** What is nearest to a place, of the links and buttons in something. @type {(area: Element, place: DOMRect) => HTMLElement | null} */
function closest(area, place) {
	const [x, y] = [place.x + place.width / 2, place.y + place.height / 2];
	let best = null;
	let least = Infinity;
	for (const e of area.querySelectorAll('a[href], button:not(:disabled)')) {
		const r = shown(e);
		const d = r ? Math.hypot(Math.max(r.left - x, 0, x - r.right), Math.max(r.top - y, 0, y - r.bottom)) : Infinity;
		if (d < least)
			[best, least] = [e, d];
	}
	return /** @type {HTMLElement | null} */ (best);
}

/** What takes the focus with it when it goes leaves it to the nearest of what it was with: a list without one of its rows. */
function handOn() {
	const place = document.activeElement === document.body ? lostPlace() : null;
	if (!last || !place)
		return;
	for (const area of last.path.filter((e) => e.isConnected)) {
		const next = closest(area, place);
		next?.focus({ preventScroll: true });
		if (next || area.matches('main, dialog'))
			return;
	}
}

/** How something scrolls, for who wants it still as well. @returns {ScrollBehavior} */
export const motion = () => matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth';

/** @param {HTMLElement} e */
export function focusOn(e) {
	e.focus({ preventScroll: true });
	e.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: motion() });
}

/** @param {KeyboardEvent} event */
function onKey(event) {
	if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey)
		return;
	const arrow = /** @type {Arrow} */ (event.key);
	if (!['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'].includes(arrow))
		return;
	const at = document.activeElement;
	if (at && editing(at, arrow))
		return;
	document.documentElement.classList.add('by-keys');
	const placed = at && at !== document.body && at.tagName !== 'MAIN' ? shown(at) : lostPlace();
	const next = placed ? nearest(placed, arrow, at) : firstInView();
	if (next || at?.matches(STEPPING))
		event.preventDefault();
	if (next)
		focusOn(next);
}

/** The middle key of a remote opens lists of choices and ticks what can be ticked; held, it presses nothing again. @param {KeyboardEvent} event */
function onEnter(event) {
	const at = document.activeElement;
	if (event.key === 'Enter' && event.repeat && !(at instanceof HTMLTextAreaElement))
		event.preventDefault();
	if (event.key !== 'Enter' || event.defaultPrevented || !at?.matches('select, input[type=checkbox], input[type=radio]'))
		return;
	event.preventDefault();
	if (at instanceof HTMLSelectElement)
		at.showPicker();
	else
		/** @type {HTMLInputElement} */ (at).click();
}

/** Remotes send Escape or their own key for going back. @param {() => void} back */
export function startSpatial(back) {
	addEventListener('keydown', onKey);
	addEventListener('keydown', onEnter);
	addEventListener('pointermove', () => document.documentElement.classList.remove('by-keys'), { passive: true });
	addEventListener('focusin', noteFocus);
	new MutationObserver(handOn).observe(document.body, { childList: true, subtree: true });
	addEventListener('keydown', (event) => {
		if (event.defaultPrevented || !BACK_KEYS.includes(event.key))
			return;
		event.preventDefault();
		const open = scope();
		if (open instanceof HTMLDialogElement)
			open.close();
		else
			back();
	});
}
