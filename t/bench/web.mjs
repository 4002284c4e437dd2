// What the app takes in a real Chromium, against a service that is running with its data:
//   node t/bench/web.mjs http://127.0.0.1:8080 EMAIL PASSWORD [home|guide|search]
// The first page on a cold cache (time until it can be used, bytes without pictures), frames and long tasks while the guide
// scrolls beside those of a page of plain lines, and the time from a key to the results of a search. Where there is no graphics
// card Chromium draws by software.
import { launch, openPage, signIn } from '../browser/lib.mjs';

const [base, email, password, only] = process.argv.slice(2);
const RUNS = 10;
const SECONDS = 4;
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
	await next.addInitScript(noteUsable);
	return next;
}

/** In the page: when the first thing to be pressed has been drawn, in ms from the beginning of the navigation. */
function noteUsable() {
	sessionStorage.setItem('antenna.profile', '0');
	window.usable = new Promise((done) => {
		const observer = new MutationObserver(() => {
			if (!document.querySelector('.hero .actions a, .rail .card'))
				return;
			observer.disconnect();
			// the frame that draws it has ended when the next one begins
			requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
		});
		observer.observe(document, { subtree: true, childList: true });
	});
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
		await page.goto('/', { waitUntil: 'commit' });
		times.push(Math.round(await page.evaluate(() => window.usable)));
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

/** Frames while something scrolls, by the wheel or as fast as it says, in pixels a second. @type {(page: any, speed?: number) => Promise<string>} */
async function scrolling(page, speed) {
	const cdp = await page.context().newCDPSession(page);
	const [x, y] = [900, 600];
	await page.mouse.move(x, y);
	await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline.frame', 'devtools.timeline.frame'] });
	if (speed)
		await cdp.send('Input.synthesizeScrollGesture', { x, y, yDistance: -speed * SECONDS, speed, gestureSourceType: 'mouse' });
	else
		for (const end = Date.now() + SECONDS * 1000; Date.now() < end;)
			await page.mouse.wheel(0, 60);
	const gaps = frames(JSON.parse((await browser.stopTracing()).toString()));
	const late = gaps.filter((g) => g > 50).length;
	return `${gaps.length} frames in ${SECONDS} s, median ${median(gaps).toFixed(1)} ms, longest ${Math.max(...gaps).toFixed(1)} ms, ${late} over 50 ms`;
}

/** What this machine and this Chromium do at best: plain lines of text, without a script. */
async function floor() {
	const page = await openPage(browser, base, { width: 1920, height: 1080 });
	await page.goto('/robots.txt');
	await page.evaluate(() => {
		document.body.replaceChildren(...Array.from({ length: 4000 }, (_, i) => Object.assign(document.createElement('p'), { textContent: `Line ${i}` })));
	});
	print('plain lines, wheel', await scrolling(page));
	await page.context().close();
}

/** Long tasks of the page, and rows on the screen whose programmes were not there yet. */
function observe() {
	window.tasks = [];
	window.rows = [0, 0];
	new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((e) => Math.round(e.duration)))).observe({ type: 'longtask' });
	const guide = document.querySelector('.guide');
	const look = () => {
		for (const line of document.querySelectorAll('.line')) {
			const top = parseFloat(line.style.top) - guide.scrollTop;
			if (top < 0 || top > guide.clientHeight)
				continue;
			window.rows[0]++;
			window.rows[1] += line.querySelector('.ghost:not([hidden])') ? 1 : 0;
		}
		requestAnimationFrame(look);
	};
	look();
}

async function guide() {
	await floor();
	const page = await openPage(browser, base, { width: 1920, height: 1080 });
	await signIn(page, email, password);
	await page.goto('/app/guide');
	await page.waitForSelector('.line .cell.on');
	await page.waitForFunction(() => !/…/.test(document.querySelector('.tally').textContent), null, { timeout: 120000 });
	const channels = await page.getAttribute('[role=grid]', 'aria-rowcount');
	await page.evaluate(observe);
	for (const speed of [undefined, 3000, 8000])
		print(`guide, ${speed ? `${speed} px/s` : 'wheel'}`, await scrolling(page, speed));
	const [tasks, [rows, empty]] = await page.evaluate(() => [window.tasks, window.rows]);
	print(`guide, ${channels} channels`, `long tasks of the page (over 50 ms): ${tasks.length ? tasks.join(', ') : 'none'}; ${(100 * empty / rows).toFixed(1)} % of the rows seen were waiting for their programmes`);
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
