// The player against the service; started by play.t, whose addresses of media hold for seconds.
import { account, ask, done, is, launch, ok, openPage, signIn, subscribe, together } from './lib.mjs';

const [base] = process.argv.slice(2);
const browser = await launch();
const BEAT_SECONDS = 2;

const video = (page, read) => page.evaluate(`(${read})(document.querySelector('video'))`);
const playing = (page, from = 0) => page.waitForFunction((t) => document.querySelector('video')?.currentTime > t && !document.querySelector('video').paused, from);
const seek = async (page, to) => {
	await page.mouse.move(300, 200 + to % 100);
	await page.fill('.seek input', String(to));
};

// Takes an entry of one of the player's menus. Controls hide while something plays: the mouse moves before it clicks, and again when
// a busy machine took too long over it. A click that was reported too late has opened the menu all the same; another would close it.
async function choose(page, menu, entry) {
	const wanted = page.locator('.player-menu button', { hasText: entry });
	for (let n = 1; !await wanted.isVisible(); n++) {
		await page.mouse.move(300, 200 + n);
		await page.click(`[aria-label="${menu}"][aria-expanded="false"]`, { timeout: 2000 }).catch((late) => {
			if (n === 10)
				throw late;
		});
	}
	await wanted.click();
}

/** An address that holds twenty seconds may be over when a busy machine comes to use it: the player then asks for another. */
const mayBeOver = { expected: /status of 410/ };

/** Signed in as somebody new with a plan. */
async function viewer(plan, options) {
	const who = await account(base, 'Vic');
	if (plan)
		await subscribe(base, who, plan);
	const page = await openPage(browser, base, options);
	page.setDefaultTimeout(20000);
	await signIn(page, who.email, who.password);
	return { who, page };
}

async function firstEpisode(who) {
	const { items } = await ask(base, 'GET', '/ondemand/series?limit=1', who);
	return (await ask(base, 'GET', `/ondemand/series/${items[0].id}/episodes?limit=2`, who)).items;
}

const close = async (page, name) => {
	is([...new Set(page.wrong)].join('\n'), '', `${name}: no error, nothing left the host`);
	await page.context().close();
};

// Heartbeats come more often than the service asks for: what they bring is its own.
async function renewal() {
	const { who, page } = await viewer('premium');
	const addresses = new Set();
	const beats = [];
	page.on('request', (r) => {
		const token = r.url().match(/\/media\/[^/]+\/(\d+-[0-9a-f]+)\//);
		if (token)
			addresses.add(token[1]);
	});
	page.on('response', async (r) => { if (/heartbeat/.test(r.url())) beats.push(await r.json().catch(() => null)); });
	await page.route('**/play/ondemand/*', async (route) => {
		const answer = await route.fetch();
		await route.fulfill({ response: answer, json: { ...await answer.json(), heartbeat_seconds: BEAT_SECONDS } });
	});
	const [episode] = await firstEpisode(who);
	await page.goto(`/app/watch/episodes/${episode.id}`);
	await playing(page);
	// A loaded machine decodes late; a player that was refused a file waits for seconds.
	await video(page, (v) => {
		v.waited = 0;
		let since = 0;
		v.addEventListener('waiting', () => { since = performance.now(); });
		v.addEventListener('playing', () => { v.waited = Math.max(v.waited, since && performance.now() - since); });
	});
	const first = [...addresses][0];
	await page.waitForFunction(() => document.querySelector('video').currentTime > 14);
	ok(beats.some((b) => b?.playback_url), 'a heartbeat brings a new address');
	const waited = await video(page, (v) => v.waited);
	ok(waited < 2000, '  and playing goes on without a stall', `${waited} ms`);
	await seek(page, 140);
	await page.waitForFunction(() => document.querySelector('video').currentTime > 141 && !document.querySelector('video').paused);
	const last = [...addresses].pop();
	ok(addresses.size > 1 && last !== first, '  what is loaded next comes by the new one', [...addresses].join('\n'));
	await close(page, 'renewal');
}

async function limit() {
	const { who, page } = await viewer('basic', { expected: /status of 410/ }); // by which the end is told
	const other = await openPage(browser, base, { expected: /status of 409/ }); // by which the limit is told
	await signIn(other, who.email, who.password);
	const [a, b] = await firstEpisode(who);
	await page.route('**/play/ondemand/*', async (route) => {
		const answer = await route.fetch();
		await route.fulfill({ response: answer, json: { ...await answer.json(), heartbeat_seconds: BEAT_SECONDS } });
	});
	await page.goto(`/app/watch/episodes/${a.id}`);
	await playing(page);
	await other.goto(`/app/watch/episodes/${b.id}`);
	await other.waitForSelector('dialog .lines li');
	ok((await other.textContent('dialog .lines')).includes(a.title), 'one stream too many: what plays is named');
	const [name, device] = await Promise.all(['strong', '.small'].map((part) => other.locator(`dialog .lines ${part}`).first().boundingBox()));
	ok(device.y >= name.y + name.height - 1, '  and below it, on which device');
	await other.click('dialog .lines button');
	await playing(other);
	ok(true, '  taking over plays here');
	await page.waitForSelector('.refusal [role=alert], .refusal');
	ok(/Chrome, Linux plays instead of this device/.test(await page.textContent('.refusal')), '  and says there which device it is');
	await close(page, 'limit');
	await close(other, 'limit, elsewhere');
}

async function nextEpisode() {
	const { who, page } = await viewer('premium', mayBeOver);
	const [a, b] = await firstEpisode(who);
	await page.goto(`/app/watch/episodes/${a.id}`);
	await playing(page);
	await choose(page, 'Subtitles', 'English');
	await page.waitForFunction(() => [...document.querySelector('video').textTracks].some((t) => t.mode === 'showing' && t.cues?.length));
	ok(true, 'subtitles are shown');
	await choose(page, 'Quality', '180p');
	await page.waitForFunction(() => document.querySelector('video').videoHeight === 180);
	ok(true, 'and the quality that was chosen');
	await seek(page, 169);
	await page.waitForSelector('.prompt strong');
	is(await page.textContent('.prompt strong'), b.title, 'near the end the next episode is offered');
	await page.click('.prompt button:has-text("Cancel")');
	await page.waitForSelector('.prompt', { state: 'detached' });
	await seek(page, 160);
	await page.reload();
	await playing(page);
	await seek(page, 169);
	await page.waitForSelector('.prompt strong');
	await page.waitForURL(`**/app/watch/episodes/${b.id}*`, { timeout: 15000 });
	await page.waitForFunction((title) => document.querySelector('.player-top p')?.textContent.includes(title), b.title);
	await playing(page);
	ok(await video(page, (v) => v.currentTime) < 60, 'and begins by itself when nobody says no');
	await close(page, 'next episode');
}

/** A free film so short that some seconds of it are worth going on from. */
async function shortFilm(who) {
	const { items } = await ask(base, 'GET', '/ondemand/movies?limit=100&sort=year&year_to=1910', who);
	return items.find((i) => i.runtime < 1000);
}

async function goingOn() {
	const { who, page } = await viewer('premium', mayBeOver);
	const film = await shortFilm(who);
	await page.goto(`/app/watch/movies/${film.id}`);
	await playing(page);
	await seek(page, 100);
	await playing(page, 100);
	await page.keyboard.press('Escape');
	await page.waitForSelector('.title-page, .home');
	await page.goto('/');
	await page.waitForSelector('.rail:has-text("Continue")');
	await page.click(`.rail .card:has-text("${film.title}")`);
	await playing(page, 95);
	ok(true, 'what was begun is on the first page, and goes on where it was left');
	await page.keyboard.press('k');
	await page.waitForFunction(() => document.querySelector('video').paused);
	await page.keyboard.press('ArrowLeft');
	await page.keyboard.press('m');
	ok(await video(page, (v) => v.muted), 'keys pause, and mute');
	await page.goto('/app/account/devices');
	await page.waitForSelector('h2:has-text("Playing now")');
	await page.waitForFunction(() => /Nothing is playing/.test(document.querySelector('main').textContent));
	ok(true, 'leaving the page ends it for the service too');
	await page.goto('/app/list?part=begun');
	await page.waitForSelector('.card');
	ok((await page.textContent('.card')).includes(film.title), 'and it is among what was begun');
	await close(page, 'going on');
}

/** On a phone all that can be pressed is on the screen, of a channel and of an episode. */
async function narrow() {
	const { who, page } = await viewer('premium', { width: 360, height: 740 });
	const [{ id: episode }] = await firstEpisode(who);
	const { items } = await ask(base, 'GET', '/livetv/now?limit=20', who);
	const { channel } = items.find((i) => i.now);
	for (const [name, path] of [['a channel', `/app/watch/live/${channel.id}`], ['an episode', `/app/watch/episodes/${episode}`]]) {
		await page.goto(path);
		await playing(page);
		const outside = await page.evaluate(() => [...document.querySelectorAll('.player-bottom button')].filter((b) => {
			const { left, right, bottom, height } = b.getBoundingClientRect();
			return left < 0 || right > innerWidth || bottom > innerHeight || height > 48;
		}).map((b) => b.getAttribute('aria-label') || b.textContent));
		is(outside.join(', '), '', `the controls of ${name} fit a phone`);
	}
	for (const [width, height] of [[360, 740], [844, 390], [1920, 1080]]) {
		await page.setViewportSize({ width, height });
		await page.waitForSelector('.prompt');
		await page.evaluate(() => document.querySelector('[data-menu=levels][aria-expanded=false]')?.click());
		await page.waitForSelector('.player-menu');
		ok(await page.evaluate(() => {
			const [a, b] = ['.prompt', '.player-menu'].map((s) => document.querySelector(s).getBoundingClientRect());
			return a.right <= b.left || a.bottom <= b.top;
		}), `a menu covers nothing that is offered, at ${width}`);
	}
	await close(page, 'narrow');
}

await together([['narrow', narrow], ['renewal', renewal], ['limit', limit], ['next episode', nextEpisode], ['going on', goingOn]]);
await browser.close();
done();
