// Two ways to use a page: by mouse, and by the arrow keys and Enter of a remote control alone. A
// scenario is written once and walked by both.

const ARROWS = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'];
const MOST_STEPS = 160;

// Where the focus is and where the target is, from the middle of one to the middle of the other.
function look(target) {
	const at = document.activeElement;
	window.numbered ??= new WeakMap();
	window.lastNumber ??= 0;
	if (at && !window.numbered.has(at))
		window.numbered.set(at, ++window.lastNumber);
	const own = at && at !== document.body && at.tagName !== 'MAIN' ? at.getBoundingClientRect() : { x: 0, y: 0, width: 0, height: 0 };
	const r = target.getBoundingClientRect();
	const dx = Math.max(r.left - own.x - own.width, 0) || Math.min(r.right - own.x, 0);
	const dy = Math.max(r.top - own.y - own.height, 0) || Math.min(r.bottom - own.y, 0);
	return { there: at === target, at: window.numbered.get(at) || 0, dx, dy, mx: r.left + r.width / 2 - own.x - own.width / 2 };
}

// The most promising way first: what is neither beside nor above is below.
function order({ dx, dy, mx }) {
	const down = dy >= 0 ? 'ArrowDown' : 'ArrowUp';
	const right = (dx || mx) >= 0 ? 'ArrowRight' : 'ArrowLeft';
	const first = dy ? [down, right] : [right, down];
	return [...first, ...ARROWS.filter((a) => !first.includes(a))];
}

/**
 * Moves the focus to an element by arrow keys, at each place by the one tried least there: a page that is
 * drawn anew at that moment may swallow one.
 */
async function reach(page, locator) {
	const target = await locator.first().elementHandle();
	const tried = new Map();
	const path = [];
	for (let i = 0; i < MOST_STEPS; i++) {
		const now = await target.evaluate(look);
		if (now.there)
			return;
		const times = (k) => tried.get(now.at + k) || 0;
		const key = order(now).reduce((best, k) => times(k) < times(best) ? k : best);
		tried.set(now.at + key, times(key) + 1);
		path.push(key.slice(5));
		await page.keyboard.press(key);
	}
	throw new Error(`arrows do not reach ${locator}: ${path.slice(0, 40).join(' ')}`);
}

export const mouse = {
	name: 'mouse',
	press: (page, locator) => locator.first().click(),
	fill: (page, locator, text) => locator.first().fill(text),
	choose: (page, locator, label) => locator.first().selectOption({ label }),
	attach: (page, locator, file) => locator.first().setInputFiles(file),
};

export const keyboard = {
	name: 'keyboard',
	async press(page, locator) {
		await locator.first().waitFor();
		await reach(page, locator);
		await page.keyboard.press('Enter');
	},
	async fill(page, locator, text) {
		await locator.first().waitFor();
		await reach(page, locator);
		await page.keyboard.press('Control+a');
		await page.keyboard.type(text);
	},
	// The list itself belongs to the browser's own window: what is typed chooses in it.
	async choose(page, locator, label) {
		await locator.first().waitFor();
		await reach(page, locator);
		await page.keyboard.type(label);
	},
	// By the space bar: Chromium does not open it by Enter each time, and a remote has no files.
	async attach(page, locator, file) {
		await locator.first().waitFor();
		let chooser = null;
		for (let i = 0; i < 4 && !chooser; i++) {
			await reach(page, locator);
			[chooser] = await Promise.all([page.waitForEvent('filechooser', { timeout: 5000 }).catch(() => null), page.keyboard.press('Space')]);
		}
		await chooser.setFiles(file);
	},
};
