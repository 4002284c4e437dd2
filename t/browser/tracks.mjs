// Sounds and subtitles in the player, by keys alone; started by tracks.t, which made the films. English is 500 Hz, French 1000, described 2000, one without a language 3000.
import { account, ask, comes, done, is, launch, ok, openAs, close, scenario, subscribe } from './lib.mjs';

const [base] = process.argv.slice(2);
const browser = await launch();

/** Two films that somebody may watch. */
async function twoFilms(who) {
	const { items } = await ask(base, 'GET', '/ondemand/movies?limit=50&sort=year', who);
	const { items: decisions } = await ask(base, 'GET', `/rights/access?ids=${items.map((i) => i.id).join(',')}`, who);
	return decisions.filter((d) => d.granted).slice(0, 2).map((d) => d.content_id);
}

const playing = (page, from = 0) => page.waitForFunction((t) => document.querySelector('video')?.currentTime > t && !document.querySelector('video').paused, from);

/** Whether that tone comes to be the loudest of what is heard. */
const heard = (page, tone) => comes(page, (wanted) => {
	if (!window.ear) {
		const context = new AudioContext();
		window.ear = context.createAnalyser();
		Object.assign(window.ear, { fftSize: 4096, smoothingTimeConstant: 0 });
		context.createMediaElementSource(document.querySelector('video')).connect(window.ear);
	}
	const levels = new Float32Array(window.ear.frequencyBinCount);
	window.ear.getFloatFrequencyData(levels);
	const loudest = levels.indexOf(Math.max(...levels));
	const hertz = loudest * window.ear.context.sampleRate / window.ear.fftSize;
	return levels[loudest] > -60 && Math.abs(hertz - wanted) < 50;
}, tone);

/** Whether that comes to be all that is read. */
const read = (page, text) => comes(page, (wanted) => Array.from(document.querySelector('video').textTracks).filter((x) => x.mode === 'showing').flatMap((x) => Array.from(x.activeCues || [], (c) => c.text)).join() === wanted, text);
const focused = (page) => page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.getAttribute('aria-label'));

/** Opens the menu with the keys of a remote, from wherever the focus is. */
async function openMenu(page) {
	await page.keyboard.press('ArrowDown'); // shows the controls
	await page.focus('[data-menu="tracks"]');
	await page.keyboard.press('Enter');
	await page.waitForSelector('.player-menu');
	await page.waitForFunction(() => document.activeElement.matches('.player-menu [aria-checked="true"]'));
}

async function down(page, entry) {
	for (let n = 0; n < 12 && await focused(page) !== entry; n++)
		await page.keyboard.press('ArrowDown');
	if (await focused(page) !== entry)
		throw new Error(`ArrowDown leads to “${await focused(page)}”, not to “${entry}”`);
	await page.keyboard.press('Enter');
	await page.waitForSelector('.player-menu', { state: 'detached' });
}

async function choosing() {
	const who = await account(base, 'Vic');
	await subscribe(base, who);
	const [first, second] = await twoFilms(who);
	// so low that the menu scrolls
	const page = await openAs(browser, base, who, { width: 740, height: 360, expected: /status of 410/ });
	// The sound comes so late that forced subtitles for whatever may be heard would be there before it.
	const subtitles = [];
	page.on('request', (r) => { if (/\/subtitles-\d+\//.test(r.url())) subtitles.push(r.url()); });
	await page.route(/\/sound-\d+\/.*(m4s|mp4)/, (route) => setTimeout(() => route.continue().catch(() => {}), 1500));
	await page.goto(`/app/watch/movies/${first}?from=start`);
	await playing(page);
	is(subtitles.filter((url) => url.endsWith('.vtt')).join(), '', 'no subtitles are loaded that nobody reads');
	await page.unrouteAll({ behavior: 'ignoreErrors' });
	ok(await heard(page, 500), 'the sound that the film names first');
	ok(await read(page, ''), '  and no subtitles');

	await openMenu(page);
	is(await page.locator('.player-menu').innerText().then((x) => x.replace(/\s*\n\s*/g, ', ')), 'Sound, English, French, English (audio description), Only music, Subtitles, Off, English, French, English (captions)', 'what there is, by the names of languages');
	is(await focused(page), 'English', '  beginning at what is chosen');
	await page.keyboard.press('Escape');
	await page.waitForSelector('.player-menu', { state: 'detached' });
	is(await focused(page), 'Sound and subtitles', '  and left to where it was opened');
	await openMenu(page);
	await down(page, 'French');
	ok(await heard(page, 1000), 'another sound is heard');
	ok(await read(page, 'Trois'), '  with the forced subtitles of its language');
	await openMenu(page);
	await down(page, 'English (captions)');
	ok(await read(page, 'Four'), 'captions are read');
	await openMenu(page);
	await down(page, 'Off');
	ok(await read(page, 'Trois'), '  and not any more');
	await openMenu(page);
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('ArrowDown');
	await down(page, 'English');
	ok(await read(page, 'One'), 'subtitles that are chosen are read, and no others');

	const sounds = [];
	page.on('request', (r) => { if (/\/sound-\d+\/.*m4s/.test(r.url())) sounds.push(r.url().match(/sound-\d+/)[0]); });
	await page.goto(`/app/watch/movies/${second}`);
	await playing(page);
	ok(await heard(page, 1000), 'the next title has the sound that was chosen');
	is([...new Set(sounds)].join(), 'sound-2', '  from its beginning on');
	ok(await read(page, 'One'), '  and the subtitles');
	await page.keyboard.press('c');
	ok(await read(page, 'Trois'), 'a key turns them off, but for forced ones');
	await page.reload();
	await playing(page);
	ok(await heard(page, 1000) && await read(page, 'Trois'), '  which is kept as well');
	await page.keyboard.press('c');
	ok(await read(page, 'Deux'), '  and the key turns them on in the language that is heard');

	await openMenu(page);
	await down(page, 'Only music');
	ok(await heard(page, 3000), 'a sound without a language goes by its name');
	await page.keyboard.press('c');
	ok(await read(page, 'Trois'), '  and has the only forced subtitles that there are');
	let begun = 0;
	await page.route('**/heartbeat', (route) => route.fulfill({ status: 410, json: { status: 410, code: 'gone' } }), { times: 1 });
	page.on('request', (r) => { begun += /\/play\/ondemand\//.test(r.url()); });
	const again = page.waitForResponse(/\/play\/ondemand\//);
	await page.keyboard.press('k'); // is told to the service, which has forgotten the session
	await again;
	await page.waitForSelector('.player-bottom [aria-label="Play"]');
	await page.waitForFunction(() => document.querySelector('video').readyState > 2);
	await page.keyboard.press('k');
	await playing(page);
	ok(await heard(page, 3000), '  and is kept where the session ends and begins anew');
	is(begun, 1, '  which it did');
	await close(page, 'choosing');
}

async function channel() {
	const who = await account(base, 'Ann');
	await subscribe(base, who);
	const { items } = await ask(base, 'GET', '/livetv/channels?limit=50', who);
	const { items: decisions } = await ask(base, 'GET', `/rights/access?ids=${items.map((i) => i.id).join(',')}`, who);
	const page = await openAs(browser, base, who);
	await page.goto(`/app/watch/live/${decisions.find((d) => d.granted).content_id}`);
	await playing(page);
	ok(await heard(page, 500), 'a channel that shows such a film has its first sound');
	const { width, at } = await page.evaluate(() => ({ width: document.querySelector('video').videoWidth, at: document.querySelector('video').currentTime }));
	ok(width >= 256, '  and its pictures');
	await playing(page, at + 6);
	ok(true, '  from one segment to the next');
	await close(page, 'channel');
}

await scenario('choosing', choosing);
await scenario('channel', channel);
await browser.close();
done();
