// What the app takes in a real Chromium, against a service that is running with its data:
//   node t/bench/web.mjs http://127.0.0.1:8080 EMAIL PASSWORD [home|guide|search]
// The first page on a cold cache (time until it can be used, bytes without pictures), frames and long tasks while the guide
// scrolls, and the time from a key to the results of a search. Chromium draws by software where there is no GPU: frames are
// then slower than on a device that has one.
import { launch, openPage, signIn } from '../browser/lib.mjs';

const [base, email, password, only] = process.argv.slice(2);
const RUNS = 5;
const browser = await launch();
const median = (list) => list.slice().sort((a, b) => a - b)[list.length >> 1];
const print = (name, text) => console.log(`${name.padEnd(22)} ${text}`);

/** A profile of the browser that is signed in and has nothing in its cache. */
async function cold() {
	const page = await openPage(browser, base);
	await signIn(page, email, password);
	const storageState = await page.context().storageState();
	await page.context().close();
	const next = await openPage(browser, base, { width: 1920, height: 1080, storageState });
	await next.addInitScript(() => sessionStorage.setItem('antenna.profile', '0'));
	return next;
}

async function home() {
	const times = [];
	const sizes = [];
	let requests = 0;
	for (let i = 0; i < RUNS; i++) {
		const page = await cold();
		const cdp = await page.context().newCDPSession(page);
		await cdp.send('Network.enable');
		let bytes = 0;
		requests = 0;
		const drawn = new Set(); // posters are data of the page
		cdp.on('Network.requestWillBeSent', (e) => { if (e.request.url.startsWith('data:')) drawn.add(e.requestId); });
		cdp.on('Network.loadingFinished', (e) => {
			if (drawn.has(e.requestId))
				return;
			bytes += e.encodedDataLength;
			requests++;
		});
		const begin = Date.now();
		await page.goto('/', { waitUntil: 'commit' });
		await page.waitForSelector('.hero .actions a, .rail .card', { state: 'visible' });
		times.push(Date.now() - begin);
		await page.waitForLoadState('networkidle');
		sizes.push(bytes);
		await page.context().close();
	}
	print('home, cold cache', `usable after ${median(times)} ms (${times.join(', ')}), ${Math.round(median(sizes) / 1024)} KiB packed in ${requests} requests`);
}

/** Intervals between frames that were drawn, from a trace, in ms. */
function frames(trace) {
	const drawn = trace.traceEvents.filter((e) => e.name === 'DrawFrame').map((e) => e.ts / 1000).sort((a, b) => a - b);
	return drawn.slice(1).map((t, i) => t - drawn[i]);
}

async function guide() {
	const page = await openPage(browser, base, { width: 1920, height: 1080 });
	await signIn(page, email, password);
	await page.goto('/app/guide');
	await page.waitForSelector('.line .cell.on');
	await page.waitForFunction(() => !/…/.test(document.querySelector('.tally').textContent), null, { timeout: 120000 });
	const channels = await page.getAttribute('.guide', 'aria-rowcount');
	await page.evaluate(() => {
		window.tasks = [];
		new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((e) => Math.round(e.duration)))).observe({ type: 'longtask' });
	});
	await page.mouse.move(900, 600);
	await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline.frame', 'devtools.timeline.frame'] });
	const end = Date.now() + 5000;
	while (Date.now() < end)
		await page.mouse.wheel(0, 60);
	const gaps = frames(JSON.parse((await browser.stopTracing()).toString()));
	const tasks = await page.evaluate(() => window.tasks);
	const worst = Math.max(...gaps);
	print(`guide, ${channels} channels`, `${gaps.length} frames drawn in 5 s by software, median ${median(gaps).toFixed(1)} ms, longest ${worst.toFixed(1)} ms, `
		+ `${gaps.filter((g) => g > 50).length} over 50 ms; long tasks of the page (over 50 ms): ${tasks.length ? tasks.join(', ') : 'none'}`);
	await page.context().close();
}

async function search() {
	const page = await openPage(browser, base, { width: 1920, height: 1080 });
	await signIn(page, email, password);
	await page.goto('/app/search');
	await page.waitForSelector('input[name=q]:focus');
	await page.evaluate(() => {
		window.took = [];
		let begin = 0;
		addEventListener('keydown', () => { begin = performance.now(); }, true);
		new MutationObserver(() => {
			const shown = document.querySelector('[data-query]')?.getAttribute('data-query');
			if (begin && shown === document.querySelector('input[name=q]').value.trim() && document.querySelector('.found, .state')) {
				window.took.push(performance.now() - begin);
				begin = 0;
			}
		}).observe(document.body, { subtree: true, childList: true, attributes: true });
	});
	for (const word of ['godfather', 'love', 'star trek', 'news', 'harry pott']) {
		await page.fill('input[name=q]', '');
		for (const letter of word) {
			await page.keyboard.press(letter === ' ' ? 'Space' : letter);
			await page.waitForTimeout(260);
		}
	}
	const took = await page.evaluate(() => window.took);
	took.sort((a, b) => a - b);
	print('search, key to results', `${took.length} keys, median ${median(took).toFixed(0)} ms, 95th ${took[Math.floor(took.length * 0.95)].toFixed(0)} ms, longest ${took.at(-1).toFixed(0)} ms`);
	await page.context().close();
}

for (const measure of [home, guide, search])
	if (!only || only === measure.name)
		await measure();
await browser.close();
