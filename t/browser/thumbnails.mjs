// Pictures along the seek bar; started by thumbnails.t, which made the film: two minutes, another colour each four seconds, 25 pictures on a sheet.
import { account, ask, axeSource, close, comes, done, drawn, filmThat, is, launch, ok, openAs, requests, together } from './lib.mjs';

const [base] = process.argv.slice(2);
const browser = await launch();
const LENGTH = 120;

/** Somebody on the page of a film that plays. @param {object} [options] @param {(page: any) => Promise<any>} [before] */
async function watching(options, before = async () => {}) {
	const who = await account(base, 'Vic');
	const { plans } = await ask(base, 'GET', '/subscriptions', who);
	await ask(base, 'POST', '/subscriptions', { ...who, body: { plan_id: plans.find((p) => p.code === 'premium').id } });
	const film = await filmThat(base, who, (d) => d.granted);
	const page = await openAs(browser, base, who, options);
	const asked = requests(page, 'GET', /\/thumbnails\//);
	await before(page);
	await page.goto(`/app/watch/movies/${film.id}?from=start`);
	await page.waitForFunction(() => document.querySelector('video')?.currentTime > 0 && !document.querySelector('video').paused);
	return { page, who, film, asked, files: () => asked.map((url) => url.replace(/.*\//, '')).join(' ') };
}

/** Where a time is on the bar, which has a handle as wide as a rem. */
async function placeOf(page, seconds) {
	const bar = await page.locator('.seek').boundingBox();
	return { x: bar.x + 8 + (bar.width - 16) * seconds / LENGTH, y: bar.y + bar.height / 2 };
}

async function point(page, seconds) {
	const { x, y } = await placeOf(page, seconds);
	await page.mouse.move(x, y);
}

const label = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

/** Whether the picture of that time comes to be shown, and with it a time from one to the other. */
const shows = (page, seconds, from = seconds - 1, to = seconds + 1) => comes(page, ([n, times]) => {
	const preview = document.querySelector('.preview');
	const canvas = preview?.querySelector('canvas');
	if (!canvas || !times.includes(preview.textContent.trim()))
		return false;
	const is = canvas.getContext('2d').getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data;
	return [40 * (n % 6), 40 * Math.floor(n / 6), 128, 255].every((c, i) => Math.abs(c - is[i]) < 14);
}, [Math.floor(seconds / 4), Array.from({ length: to - from + 1 }, (_, i) => label(from + i))]);

const nothing = (page) => comes(page, () => !document.querySelector('.preview'));

async function pointing() {
	const { page, files } = await watching({ bypassCSP: true });
	is(files(), '', 'nothing is loaded before it is wanted');
	await point(page, 42);
	ok(await shows(page, 42), 'the picture of where the pointer is, and its time');
	is(files(), 'thumbnails.vtt sheet-000.jpg', '  by the list and one sheet');
	for (const at of [2, 58, 98])
		await point(page, at) || ok(await shows(page, at), `  of ${at} s`);
	is(files(), 'thumbnails.vtt sheet-000.jpg', '  all of one sheet, loaded once');
	await page.addScriptTag({ path: axeSource() });
	const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
	is(violations.map((v) => v.id).join(' '), '', '  axe has nothing to say about it');
	is(await page.getAttribute('.preview', 'aria-hidden'), 'true', '  and it is for the eyes only');
	await point(page, 102);
	ok(await shows(page, 102), 'a picture of the other sheet');
	is(files(), 'thumbnails.vtt sheet-000.jpg sheet-001.jpg', '  which is loaded by then');
	await page.mouse.move(400, 200);
	ok(await nothing(page), 'it goes with the pointer');
	const bar = await page.locator('.seek').boundingBox();
	for (const [where, x, at] of [['left', bar.x + 1, 0], ['right', bar.x + bar.width - 1, LENGTH - 1]]) {
		await page.mouse.move(x, bar.y + bar.height / 2);
		ok(await shows(page, at, at, at + 1), `at the ${where} end`);
		const box = await page.locator('.preview').boundingBox();
		ok(box.x >= bar.x - 1 && box.x + box.width <= bar.x + bar.width + 1 && box.y + box.height <= bar.y + 1, '  above the bar, and not beyond it', { box, bar });
	}
	await point(page, 62);
	ok(await shows(page, 62), 'and between');
	const { x, y } = await placeOf(page, 62);
	await page.mouse.click(x, y);
	ok(await comes(page, () => document.querySelector('video').currentTime >= 61), '  which is where a click leads');
	await close(page, 'pointing');
}

async function keys() {
	const { page } = await watching();
	await page.keyboard.press('k');
	await page.waitForFunction(() => document.querySelector('video').paused);
	await page.focus('.seek input');
	const at = Math.floor(await page.evaluate(() => document.querySelector('video').currentTime));
	// what is shown for a moment is looked for from before on
	for (let n = 1; n <= 3; n++) {
		const shown = shows(page, at + 10 * n);
		await page.keyboard.press('ArrowRight');
		ok(await shown, `an arrow shows where it leads: ${10 * n} s on`);
	}
	ok(await comes(page, (wanted) => document.querySelector('.seek input').getAttribute('aria-valuetext') === wanted, `${label(at + 30)} / 2:00`), '  which is said as well');
	ok(await nothing(page), '  and is gone a moment later');
	const shown = shows(page, at);
	await page.evaluate(() => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'MediaRewind', bubbles: true })));
	ok(await shown, 'a key of a remote does, too');
	await close(page, 'keys');
}

async function touching() {
	const { page } = await watching({ hasTouch: true, width: 360, height: 640 });
	const finger = await page.context().newCDPSession(page);
	const touch = (type, ...touchPoints) => finger.send('Input.dispatchTouchEvent', { type, touchPoints });
	await page.touchscreen.tap(180, 200);
	await page.keyboard.press('k');
	await touch('touchStart', await placeOf(page, 30));
	for (const at of [34, 40, 46])
		await touch('touchMove', await placeOf(page, at));
	ok(await shows(page, 46, 44, 48), 'a finger on the bar shows where it is');
	const box = await page.locator('.preview').boundingBox();
	ok(box.x >= 0 && box.x + box.width <= 360, '  on a screen of 360 as well', box);
	await touch('touchEnd');
	ok(await nothing(page), '  until it is lifted');
	await close(page, 'touching');
}

/** Another address comes with a heartbeat, and a sheet is refused. */
async function addresses() {
	let refused = 0;
	const { page, who, film, asked } = await watching({ expected: /status of 40[34]/ });
	await point(page, 10);
	ok(await shows(page, 10), 'a picture by the first address');
	const first = asked[0].replace('thumbnails.vtt', '');
	// Addresses are of the second that they end in, and each asking is one more play of the few that a plan allows.
	const second = await page.evaluate(() => Date.now());
	await page.waitForFunction((t) => Date.now() > t + 1000, second);
	const next = (await ask(base, 'GET', `/play/ondemand/${film.id}`, who)).playback_url;
	ok(!first.startsWith(next.replace('master.m3u8', '')), '  which is another a second later', next);
	await page.route('**/heartbeat', async (route) => {
		const answer = await route.fetch();
		await route.fulfill({ response: answer, json: { ...await answer.json(), playback_url: next } });
	}, { times: 1 });
	await page.route(/sheet-001/, (route) => ++refused && route.fulfill({ status: 403 }));
	const told = page.waitForResponse(/heartbeat/);
	await page.keyboard.press('k');
	await (await told).finished();
	await drawn(page);
	const refusal = page.waitForResponse(/sheet-001/);
	await point(page, 110);
	await refusal;
	ok(await nothing(page), 'a picture that is refused is not shown');
	await point(page, 111);
	await drawn(page);
	is(refused, 1, '  nor asked for again at once');
	is(await page.locator('[role=alert], .toast, .stalled').count(), 0, '  and nothing is said');
	is(asked.at(-1), next.replace('master.m3u8', 'thumbnails/sheet-001.jpg'), '  it was asked for by the new address');
	await point(page, 14);
	ok(await shows(page, 14), 'the others are still there');
	await close(page, 'addresses');
}

async function without() {
	const { page, asked } = await watching({}, (p) => p.route('**/play/ondemand/*', async (route) => {
		const answer = await route.fetch();
		await route.fulfill({ response: answer, json: { ...await answer.json(), thumbnails: null } });
	}));
	await page.focus('.seek input');
	await page.keyboard.press('ArrowRight');
	await point(page, 40);
	await drawn(page);
	is(await page.locator('.preview').count(), 0, 'a film without pictures shows none');
	is(asked.length, 0, '  and asks for none');
	await close(page, 'without');
}

await together([['pointing', pointing], ['keys', keys], ['touching', touching], ['addresses', addresses], ['without', without]], 2);
await browser.close();
done();
