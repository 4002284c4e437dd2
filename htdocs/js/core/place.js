// Where somebody was on a page: who comes back finds it scrolled as it was, and the focus on what
// led away. Kept in the history's entry, so that it outlives a reload.

/** So long a page may take to have again what was there. */
const PATIENCE_MS = 8000;
const LOOK_MS = 50;
/** Whoever does something meanwhile is left alone. */
const HANDS = ['keydown', 'pointerdown', 'wheel', 'touchstart'];

/** @typedef {{href: string, nth: number}} Link */

/** Links with that address, in their order. @param {string} href */
const linksTo = (href) => [...document.querySelectorAll('main a[href]')].filter((a) => a.getAttribute('href') === href);

/** Before a page is left: notes the link that has the focus. @param {string} path of the page */
export function notePlace(path) {
	const at = document.activeElement;
	back = history.state?.current !== path; // the entry is that of the other page already
	if (back || !(at instanceof HTMLAnchorElement) || !at.closest('main'))
		return;
	const href = at.getAttribute('href') || '';
	history.replaceState({ ...history.state, link: { href, nth: linksTo(href).indexOf(at) } }, '');
}

let turn = 0;
let back = false;

/** Whether the page is one that somebody came back to. */
export const cameBack = () => back;

/** @type {(top: number, link: Link | null) => void} */
function comeBack(top, link) {
	const mine = ++turn;
	const end = Date.now() + PATIENCE_MS;
	let scrolled = false;
	const stop = () => {
		turn += Number(mine === turn);
		HANDS.forEach((name) => removeEventListener(name, stop, true));
	};
	HANDS.forEach((name) => addEventListener(name, stop, true));

	function look() {
		if (mine !== turn)
			return;
		const late = Date.now() > end;
		if (!scrolled && (late || document.documentElement.scrollHeight >= top + innerHeight)) {
			scrollTo(0, top);
			scrolled = true;
		}
		const found = /** @type {HTMLElement | undefined} */ (link && linksTo(link.href)[link.nth]);
		if (late || scrolled && (found || !link)) {
			found?.focus({ preventScroll: true });
			found?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
			stop();
		} else {
			setTimeout(look, LOOK_MS);
		}
	}
	look();
}

/** After a page has come: a new one from its top, another state of the same as it is. @type {import('vue-router').RouterScrollBehavior} */
export function scrollBehavior(to, from, saved) {
	turn++;
	if (!saved)
		return to.path === from.path ? false : { top: 0 };
	comeBack(saved.top, history.state?.link || null);
	return false;
}
