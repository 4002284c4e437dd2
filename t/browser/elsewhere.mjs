// Playing what other hosts give; started by elsewhere.t.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { account, ask, close, comes, done, drawn, is, launch, ok, openAs, root, skip, subscribe, together } from './lib.mjs';

const [base, strict, providerPort, cdnPort, ...channels] = process.argv.slice(2);
const [open, closed, gone, scheduled] = channels;
const provider = `http://127.0.0.1:${providerPort}`;
const cdn = `http://127.0.0.1:${cdnPort}`;
const browser = await launch();
const BEAT_SECONDS = 2;
const anybody = { 'Access-Control-Allow-Origin': '*' };
/** Another host is asked, and what it does not give is said in the console. */
const elsewhere = new RegExp(`left the host: http://127.0.0.1:(${providerPort}|${cdnPort})/|Content Security Policy|CORS policy|ERR_FAILED|status of 40[34]|status of 410`);

/** What was asked for there, as { url, headers }. */
const asked = { provider: [], cdn: [] };

async function listen(port, log, answer) {
	const server = createServer(async (request, response) => {
		log.push({ url: request.url, headers: request.headers });
		const [status, headers, body] = await answer(request).catch(() => [404, anybody, '']);
		response.writeHead(status, headers).end(body);
	});
	await new Promise((up) => { server.listen(Number(port), '127.0.0.1', up); });
}

await listen(providerPort, asked.provider, async ({ url }) => {
	const [, what, file] = /^\/(open|closed)\/([\w/]+\.\w+)(?:\?|$)/.exec(url);
	return [200, what === 'open' ? anybody : {}, await readFile(`${root}sql/demo/media/test-transmission/${file}`)];
});
await listen(cdnPort, asked.cdn, async ({ url, headers }) => {
	const origin = await fetch(base + url, { headers: headers.range ? { Range: headers.range } : {} });
	const { 'content-type': type, 'content-range': range } = Object.fromEntries(origin.headers);
	return [origin.status, { ...anybody, ...(type && { 'Content-Type': type }), ...(range && { 'Content-Range': range }) }, Buffer.from(await origin.arrayBuffer())];
});

const playing = (page, from = 0) => page.waitForFunction((t) => document.querySelector('video')?.currentTime > t && !document.querySelector('video').paused, from);

async function viewer(of) {
	const who = await account(base, 'Vic');
	await subscribe(base, who);
	const page = await openAs(browser, of, who, { expected: elsewhere });
	await page.route(/\/play\/(ondemand|live)\//, async (route) => {
		const answer = await route.fetch();
		await route.fulfill({ response: answer, json: { ...await answer.json(), heartbeat_seconds: BEAT_SECONDS } });
	});
	return { who, page };
}

/** The requests for media of a page, by the host. */
function mediaOf(page) {
	const seen = [];
	page.on('request', (r) => { if (/\.(m4s|mp4|m3u8)(\?|$)/.test(r.url())) seen.push(new URL(r.url()).origin); });
	return seen;
}

async function external() {
	const { page } = await viewer(base);
	await page.goto(`/app/watch/live/${open}`);
	await playing(page, 3);
	ok(true, "a provider's stream plays");
	is(asked.provider.find((r) => r.url.startsWith('/open/'))?.url, '/open/master.m3u8?ticket=me', '  by its whole address');
	await page.waitForResponse(/heartbeat/);
	await playing(page, 7);
	ok(true, '  and goes on after heartbeats');
	const told = asked.provider.filter(({ headers }) => headers.cookie || headers.authorization || headers.referer);
	is(JSON.stringify(told), '[]', '  nobody there is told who watches, nor where');
	await close(page, 'a stream of a provider');
}

/** With the player of the browser. */
async function byItself() {
	const { page } = await viewer(base);
	if (!await page.evaluate(() => document.createElement('video').canPlayType('application/vnd.apple.mpegurl')))
		return skip('a browser that plays HLS itself', 'this one does not');
	await page.addInitScript(() => { delete window.MediaSource; delete window.ManagedMediaSource; });
	await page.goto(`/app/watch/live/${open}`);
	await playing(page, 3);
	is(await page.evaluate(() => document.querySelector('video').currentSrc), `${provider}/open/master.m3u8?ticket=me`, 'a browser that plays HLS itself is given the address');
	await close(page, 'a browser that plays HLS itself');
}

/** It says so, once, and for the service nothing plays. */
async function refused(of, channel, name, native = false) {
	const { who, page } = await viewer(of);
	await page.clock.install();
	if (native)
		await page.addInitScript(() => { delete window.MediaSource; delete window.ManagedMediaSource; });
	const media = mediaOf(page);
	await page.goto(`/app/watch/live/${channel}`);
	await page.waitForSelector('.refusal');
	ok(/from another host, and this browser cannot get it from there/.test(await page.textContent('.refusal p')), `${name}: it is said what is wrong`);
	ok(await comes(page, async (token) => {
		const answer = await fetch('/play/sessions', { headers: { Authorization: `Bearer ${token}` } });
		return (await answer.json()).items.length === 0;
	}, who.token), '  nothing counts as playing');
	const before = media.length;
	await page.clock.fastForward(120000);
	await drawn(page);
	is(media.length, before, '  it is not tried again by itself');
	const again = page.waitForResponse(/\/play\/live\//);
	await page.click('.refusal button:has-text("Try again")');
	await again;
	await page.waitForSelector('.refusal');
	ok(media.length > before || native, '  but at a press');
	await page.click('.refusal button:has-text("Back")');
	await page.waitForURL(/\/app\/live/);
	await close(page, name);
}

/** Films, whose addresses are renewed, and channels without an encoder. */
async function byCdn() {
	const { who, page } = await viewer(base);
	const { items: [series] } = await ask(base, 'GET', '/ondemand/series?limit=1', who);
	const { items: [episode] } = await ask(base, 'GET', `/ondemand/series/${series.id}/episodes?limit=1`, who);
	const media = mediaOf(page);
	await page.goto(`/app/watch/episodes/${episode.id}`);
	await playing(page, 16);
	await page.mouse.move(300, 200);
	await page.fill('.seek input', '140');
	await playing(page, 141);
	const tokens = asked.cdn.map((r) => r.url.match(/^\/media\/[^/]+\/(\d+-[0-9a-f]+)\//)?.[1]);
	ok(tokens[0] !== tokens.at(-1), 'media of a CDN play, and after a renewal by the new address', [...new Set(tokens)].join('\n'));
	is([...new Set(media)].join(), cdn, '  all of them are asked for there');
	await page.goto(`/app/watch/live/${scheduled}`);
	media.length = 0;
	await playing(page);
	is([...new Set(media)].sort().join(), [base, cdn].sort().join(), 'a channel without an encoder has its playlists from here, and media from there');
	await close(page, 'a CDN');
}

await together([
	['external', external],
	['by itself', byItself],
	['not allowed', () => refused(strict, open, 'not allowed by the policy')],
	['no header', () => refused(base, closed, 'without Access-Control-Allow-Origin')],
	['gone', () => refused(base, gone, 'what is not there')],
	['native', () => refused(strict, open, 'a browser that plays HLS itself', true)],
	['CDN', byCdn],
]);
await browser.close();
done();
