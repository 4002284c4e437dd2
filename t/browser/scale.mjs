// Long lists; started by scale.t.
import { diag, done, is, launch, ok, openPage, scenario, signIn } from './lib.mjs';

const [base, email, password, titlesText, channelsText] = process.argv.slice(2);
const [titles, channels] = [Number(titlesText), Number(channelsText)];
const browser = await launch();
const page = await openPage(browser, base);
await signIn(page, email, password);

const work = await page.context().newCDPSession(page);
await work.send('Performance.enable');
const busy = async () => {
	const { metrics } = await work.send('Performance.getMetrics');
	return ['ScriptDuration', 'LayoutDuration', 'RecalcStyleDuration'].reduce((sum, name) => sum + metrics.find((m) => m.name === name).value, 0);
};

/** Frames of some scrolling, in ms; work: what script, style and layout take of each. */
async function frames(selector, step, count) {
	const before = await busy();
	const seen = await scroll(selector, step, count);
	return { ...seen, work: ((await busy() - before) * 1000 / count).toFixed(1) };
}

const scroll = (selector, step, count) => page.evaluate(async ([s, by, n]) => {
	const e = s ? document.querySelector(s) : document.scrollingElement;
	const times = [];
	let last = performance.now();
	for (let i = 0; i < n; i++) {
		e.scrollTop += by;
		await new Promise(requestAnimationFrame);
		times.push(performance.now() - last);
		last = performance.now();
	}
	times.sort((a, b) => a - b);
	return { frames: n, median: times[n >> 1].toFixed(1), p95: times[Math.floor(n * 0.95)].toFixed(1), slow: times.filter((t) => t > 34).length };
}, [selector, step, count]);

/** How many layers the page was drawn in, each time that changed. A layer a row is what makes scrolling slow. */
async function layers(meanwhile) {
	const seen = [];
	work.on('LayerTree.layerTreeDidChange', ({ layers: list }) => { if (list) seen.push(list.filter((l) => l.drawsContent).length); });
	await work.send('LayerTree.enable');
	await meanwhile();
	await work.send('LayerTree.disable');
	return seen;
}

await scenario('a wall of titles', async () => {
	await page.goto('/app/movies?sort=title');
	await page.waitForSelector('.card');
	const before = await page.evaluate(() => document.querySelectorAll('*').length);
	const begin = Date.now();
	const loaded = await page.evaluate(async ([n, most]) => {
		for (const end = Date.now() + most; Date.now() < end;) {
			window.scrollTo(0, document.documentElement.scrollHeight);
			await new Promise(requestAnimationFrame);
			const last = [...document.querySelectorAll('.card .name')].pop()?.textContent || '';
			if (Number(last.match(/\d+/)?.[0]) >= n)
				return n;
		}
		return [...document.querySelectorAll('.card .name')].pop()?.textContent;
	}, [titles, 60000 + titles * 10]);
	is(loaded, titles, 'endless scrolling ends with the last title');
	diag(`${titles} titles in ${Date.now() - begin} ms of scrolling`);
	const after = await page.evaluate(() => document.querySelectorAll('*').length);
	ok(after < before * 2 + 400, `the document has not grown (${before}, then ${after} elements)`);
	await page.evaluate(() => window.scrollTo(0, 0));
	await page.waitForTimeout(200);
	diag(`frames while scrolling: ${JSON.stringify(await frames('', 60, 240))}`);
	const blank = await page.evaluate(async (n) => {
		let empty = 0;
		for (let i = 1; i <= 20; i++) {
			window.scrollTo(0, document.documentElement.scrollHeight * i / 21);
			await new Promise(requestAnimationFrame);
			await new Promise(requestAnimationFrame);
			const seen = [...document.querySelectorAll('.card')].filter((c) => {
				const r = c.getBoundingClientRect();
				return r.bottom > 0 && r.top < innerHeight;
			});
			empty += seen.length < 4 ? 1 : 0;
		}
		return empty && n;
	}, titles);
	is(blank, 0, 'wherever one jumps to, there are titles');
});

await scenario('the guide', async () => {
	await page.goto('/app/guide');
	await page.waitForSelector('.line .cell.on');
	const begin = Date.now();
	await page.waitForFunction((n) => Number(document.querySelector('[role=grid]').getAttribute('aria-rowcount')) === n, channels, { timeout: 120000 });
	diag(`${channels} channels are in the guide after ${Date.now() - begin} ms`);
	ok(true, 'every channel has its place');
	const before = await page.evaluate(() => document.querySelectorAll('*').length);
	const blank = await page.evaluate(async (n) => {
		const guide = document.querySelector('.guide');
		const wrong = [];
		for (let i = 0; i <= 60; i++) {
			guide.scrollTop = (guide.scrollHeight - guide.clientHeight) * i / 60;
			await new Promise(requestAnimationFrame);
			await new Promise(requestAnimationFrame);
			const { top, bottom } = guide.getBoundingClientRect();
			const rows = [...document.querySelectorAll('.line')].filter((l) => l.getBoundingClientRect().bottom > top + 40 && l.getBoundingClientRect().top < bottom);
			const height = rows.reduce((sum, l) => sum + l.getBoundingClientRect().height, 0);
			if (height < bottom - top - 110 || rows.some((l) => !/Channel \d+/.test(document.getElementById(l.getAttribute('aria-owns')).textContent) || !l.querySelector('.cell')))
				wrong.push(`${i}: ${rows.length} rows`);
		}
		return wrong.join(', ');
	}, channels);
	is(blank, '', 'no row is blank, wherever one jumps to');
	await page.waitForFunction(() => !document.querySelector('.line .cell.ghost:not([hidden])'));
	ok(/Programme/.test(await page.locator('.line').last().textContent()), 'and the last ones have their programmes');
	await page.evaluate(() => { document.querySelector('.guide').scrollTop = 0; });
	diag(`frames while scrolling: ${JSON.stringify(await frames('.guide', 40, 240))}`);
	const after = await page.evaluate(() => document.querySelectorAll('*').length);
	ok(after < before * 1.5 + 200, `the document has not grown (${before}, then ${after} elements)`);
	const most = Math.max(...await layers(() => frames('.guide', 40, 20)));
	ok(most > 1 && most <= 10, `the browser draws it in few layers (${most})`);
	await page.locator('.guide [tabindex="0"]').focus();
	await page.keyboard.type(String(channels - 3));
	await page.waitForFunction((n) => document.getElementById(document.activeElement.closest('.line')?.getAttribute('aria-owns') || document.activeElement.id)?.textContent.includes(`Channel ${String(n).padStart(6, '0')}`), channels - 3);
	ok(true, 'a typed number goes there');
	const row = () => page.evaluate(() => Number((document.querySelector(`[aria-owns="${document.activeElement.id}"]`) || document.activeElement.closest('.line'))?.ariaRowIndex));
	const there = await row();
	await page.hover('.guide');
	await page.mouse.wheel(0, -20000);
	await page.waitForFunction((n) => ![...document.querySelectorAll('.line')].some((l) => Math.abs(Number(l.ariaRowIndex) - n) === 3), there);
	is(await row(), there, 'what has the focus keeps it when it is scrolled away');
	await page.keyboard.press('ArrowUp');
	is(await row(), there - 1, '  and the arrows go on from there');
	await page.fill('.guide-tools input', '7');
	await page.waitForFunction(() => [...document.querySelectorAll('.head b')].every((b) => b.textContent.includes('7')));
	is(Number(await page.getAttribute('[role=grid]', 'aria-rowcount')), Array.from({ length: channels }, (_, i) => String(i + 1)).filter((n) => n.includes('7')).length, 'a number finds its channels');
	await page.waitForFunction(() => /^Programme 7\//.test(document.querySelector('.cell strong')?.textContent));
	ok(true, '  with their programmes');
});

is([...new Set(page.wrong)].join('\n'), '', 'no error');
await browser.close();
done();
