// What only slow machines, bad networks and quick fingers show; started by unlucky.t. Answers are held back, refused or cut
// off; nothing waits for a time that a machine is hoped to need.
import { createServer, request } from 'node:http';
import { LATE_MS, account, ask, close, comes, done, drawn, filmThat, is, launch, ok, openAs, ownTime, requests, sells, subscribe, together } from './lib.mjs';

const [base, admin, adminPassword, only] = process.argv.slice(2);
const browser = await launch();

const open = (who, options) => openAs(browser, options?.base || base, who, { expected: /status of|ERR_|module/, ...options });

const focused = (page) => page.evaluate(() => document.activeElement.tagName === 'BODY' ? 'nothing' : document.activeElement.textContent.trim() || document.activeElement.ariaLabel);

/** Holds answers back. asked: one is on its way; let go: all that came and come. */
async function hold(page, pattern, { served = false, test = () => true } = {}) {
	const gate = {};
	const opened = new Promise((go) => { gate.go = go; });
	const held = [];
	gate.asked = new Promise((came) => {
		page.route(pattern, async (route) => {
			if (!test(route.request()))
				return route.fallback();
			held.push(route.request().response().then((r) => r?.finished()).catch(() => {}));
			const response = served ? await route.fetch() : null;
			came();
			await opened;
			await (served ? route.fulfill({ response }) : route.continue()).catch(() => {}); // nobody waits for it any more
		});
	});
	gate.letGo = async () => {
		gate.go();
		await Promise.all(held);
		await drawn(page);
	};
	return gate;
}

/** The same thing twice within one task, as a busy page gets two presses. */
const twice = (page, selector) => page.locator(selector).first().evaluate((e) => { e.click(); e.click(); });
const pressTwice = (page, key) => page.evaluate((k) => { for (const _ of [1, 2]) document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: k, bubbles: true, cancelable: true })); }, key);

async function left() {
	const who = await account(base, 'Lea');
	const film = await filmThat(base, who, (d) => d.reason === 'free');
	const page = await open(who);
	await page.goto('/app/movies?sort=year');
	await page.waitForSelector('.card');
	await page.evaluate(() => document.querySelector('.card').click());
	await page.waitForSelector('.title-page');
	await page.goto(`/app/movies/${film.id}`);
	const gate = await hold(page, '**/play/ondemand/*', { served: true });
	const media = requests(page, 'GET', /\/media\//);
	const starts = requests(page, 'POST', /heartbeat/);
	await page.click('.access a.main');
	await gate.asked;
	await pressTwice(page, 'Escape');
	await page.waitForSelector('.title-page h1');
	is(await page.textContent('.title-page h1'), film.title, 'Escape twice goes back once');
	await gate.letGo();
	const running = async () => (await ask(base, 'GET', '/play/sessions', who)).items.length;
	for (const end = Date.now() + LATE_MS; Date.now() < end && await running(); )
		await drawn(page);
	is(await running(), 0, 'a player that was left before it began does not play');
	is(media.length + starts.length, 0, '  and loads nothing');
	is(await page.title(), `${film.title} – Antenna`, '  and the title is that of the page one is on');
	await page.click('.brand');
	await page.waitForSelector('.hero');
	is(await page.title(), 'Home – Antenna', '  also of the next one');
	await close(page, 'left');
}

/** What is done every second is done when the test says so. */
const ownSeconds = () => {
	const { setInterval: real, clearInterval: end } = window;
	const ticks = new Map();
	window.setInterval = (work, ms, ...more) => ms === 1000 ? ticks.set(-ticks.size - 1, work) && -ticks.size : real(work, ms, ...more);
	window.clearInterval = (id) => ticks.delete(id) || end(id);
	window.pass = (n) => { for (; n; n--) ticks.forEach((work) => work()); };
};
const seconds = (page, n) => page.evaluate((most) => window.pass(most), n);

async function nextOne() {
	const who = await account(base, 'Nil');
	await subscribe(base, who);
	const { items } = await ask(base, 'GET', '/ondemand/series?limit=1', who);
	const [episode] = (await ask(base, 'GET', `/ondemand/series/${items[0].id}/episodes?limit=1`, who)).items;
	const page = await open(who);
	await page.addInitScript(ownSeconds);
	await page.goto(`/app/watch/episodes/${episode.id}`);
	await page.waitForFunction(() => document.querySelector('video')?.currentTime > 0);
	await page.keyboard.press('k');
	await page.waitForFunction(() => document.querySelector('video').paused);
	const seek = (to) => page.fill('.seek input', String(to));
	const here = () => page.url().endsWith(`/episodes/${episode.id}`);
	await seek(170);
	await page.waitForSelector('.prompt:has-text("Next episode")');
	await seconds(page, 20);
	await drawn(page);
	ok(here() && await page.locator('.prompt').count() === 1, 'the next episode waits for who has paused');
	await seek(20);
	ok(await comes(page, () => !document.querySelector('.prompt')), '  and is not offered to who has gone back');
	await page.waitForFunction(() => document.querySelector('.times').textContent.startsWith('0:20'));
	await pressTwice(page, 'l');
	ok(await comes(page, () => Math.round(document.querySelector('video').currentTime) === 40), 'two steps within one task are two steps', await page.evaluate(() => document.querySelector('video').currentTime));
	await seek(170);
	await page.waitForSelector('.prompt:has-text("Next episode")');
	await page.evaluate(() => { document.querySelector('video').playbackRate = 0.1; }); // or a busy machine comes to its end
	await page.route('**/heartbeat', (route) => route.fulfill({ status: 410, contentType: 'application/problem+json', body: '{"status":410,"code":"taken_over","by":{"device_name":"The kitchen"}}' }));
	await page.keyboard.press('k');
	await page.waitForSelector('.refusal:has-text("The kitchen plays")');
	await seconds(page, 20);
	await drawn(page);
	ok(here() && await page.locator('.refusal').count() === 1, 'a device that was taken over from does not go on to the next episode');
	await close(page, 'next one');
}

async function order() {
	const who = await account(base, 'Ode');
	const page = await open(who);
	const { items } = await ask(base, 'GET', '/livetv/channels?limit=1', who);
	await page.goto(`/app/channels/${items[0].id}`);
	await page.waitForSelector('.schedule li');
	const titles = () => page.locator('.schedule strong').allTextContents();
	const today = await titles();
	const tomorrow = new Date(Date.now() + 86400000).toLocaleDateString('sv', { timeZone: 'Europe/Oslo' });
	const gate = await hold(page, '**/epg?*', { test: (r) => r.url().includes(tomorrow) });
	await page.click('.days button:has-text("Tomorrow")');
	await gate.asked;
	await page.click('.days button:has-text("Today")');
	await page.waitForSelector('.schedule li');
	await gate.letGo();
	is((await titles()).join('|'), today.join('|'), 'a day that comes late does not stand where another was asked for');

	const film = await filmThat(base, who, () => true);
	const list = await hold(page, '**/users/watchlist?*', { served: true });
	await page.goto(`/app/movies/${film.id}`);
	await list.asked;
	await page.click('[aria-label="Add to my list"]');
	await page.waitForSelector('[aria-label="Remove from my list"]');
	await list.letGo();
	is(await page.locator('[aria-label="Remove from my list"]').count(), 1, 'what was added before the list came is still on it');
	const change = await hold(page, '**/users/watchlist/*', { test: (r) => r.method() === 'DELETE' });
	await twice(page, '[aria-label="Remove from my list"]');
	await change.asked;
	const told = page.waitForResponse((r) => r.request().method() === 'PUT' && r.url().includes('/users/watchlist/')); // it is shown before
	await change.letGo();
	await told;
	await page.waitForSelector('[aria-label="Remove from my list"]');
	is((await ask(base, 'GET', '/users/watchlist', who)).items.length, 1, 'off the list and on it again: the service has it as it is shown');
	await close(page, 'order');
}

/** Somebody with two profiles opens the app, and goes on before it knows that there are two. */
async function elsewhere() {
	const who = await account(base, 'Ella');
	await ask(base, 'POST', '/users/profiles', { ...who, body: { name: 'Bo' } });
	const page = await open(who);
	await page.click('.person');
	await page.waitForSelector('.hero');
	await page.evaluate(() => sessionStorage.clear());
	const profiles = await hold(page, '**/users/profiles');
	await page.goto('/');
	await profiles.asked;
	const module = await hold(page, '**/pages/browse.js');
	await page.click('nav >> text=Movies');
	await module.asked;
	await profiles.letGo();
	ok(await comes(page, () => document.querySelector('.under-way')), 'that a page is on its way is shown');
	await module.letGo();
	ok(await comes(page, () => /movies/.test(location.pathname) && document.querySelector('main .card')), 'nobody is taken from where they went to choose a profile');
	await page.route('**/pages/title.js', (route) => route.abort());
	await page.click('.card');
	ok(await comes(page, () => document.querySelector('.toast.bad')), 'a page that cannot be loaded is told');
	await page.unroute('**/pages/title.js');
	await page.click('.card');
	ok(await comes(page, () => document.querySelector('.title-page')), '  and loaded when it is asked for again');
	await page.unrouteAll();
	await page.route('**/users/profiles/*', (route) => route.request().method() === 'GET' ? route.fulfill({ status: 503, body: 'no' }) : route.fallback());
	await page.goto('/app/who');
	await page.click('button:has-text("Manage")');
	await page.click('.person:not(.add)');
	ok(await comes(page, () => /not available at the moment/.test(document.querySelector('.state')?.textContent)), 'a profile that cannot be had says why');
	await page.unrouteAll();
	await page.click('.state button');
	await page.click('button.danger');
	await page.waitForSelector('dialog');
	await page.goBack();
	ok(await comes(page, () => /who/.test(location.pathname) && !document.querySelector('dialog')), 'a question does not outlive its page');
	await close(page, 'elsewhere');
}

/** The service behind a wire that may be cut: cut is the pattern of addresses whose answers come to their middle. */
async function wire() {
	const line = { cut: null };
	const server = createServer((from, to) => {
		const { hostname, port } = new URL(base);
		const on = request({ hostname, port, path: from.url, method: from.method, headers: from.headers }, (answer) => {
			to.writeHead(answer.statusCode, answer.headers);
			if (!line.cut?.test(from.url))
				return answer.pipe(to);
			answer.once('data', (part) => to.write(part.subarray(0, 20)));
		});
		from.pipe(on);
		to.on('close', () => on.destroy());
		on.on('error', () => to.destroy());
	});
	await new Promise((go) => { server.listen(0, '127.0.0.1', go); });
	line.base = `http://127.0.0.1:${server.address().port}`;
	line.end = () => { server.closeAllConnections(); server.close(); };
	return line;
}

async function wordByWord() {
	const who = await account(base, 'Wim');
	const line = await wire();
	const page = await open(who, { base: line.base });
	await page.goto('/app/search?q=the');
	await page.waitForSelector('.found');
	line.cut = /search.*q=ther/;
	await Promise.all([page.waitForResponse(/q=ther/), page.fill('input[name=q]', 'ther')]);
	await page.evaluate(() => {
		window.failures = 0;
		new MutationObserver(() => { window.failures += document.querySelectorAll('main .state[role=alert]').length; }).observe(document.querySelector('main'), { childList: true, subtree: true });
	});
	await page.fill('input[name=q]', 'the');
	await page.waitForSelector('[data-query="the"]');
	is(await page.evaluate(() => window.failures), 0, 'an answer that nobody waits for any more is no failure');
	await close(page, 'word by word');
	line.end();
}

async function focus() {
	const who = await account(base, 'Fay');
	const page = await open(who);
	await ask(base, 'POST', '/auth/login', { body: { email: who.email, password: who.password, device_name: 'the other one' } });
	await page.goto('/app/account/devices');
	await page.waitForSelector('.lines button');
	const deletions = requests(page, 'DELETE', /sessions/);
	const gate = await hold(page, '**/auth/sessions/*');
	await page.locator('.lines:has-text("the other one") button').first().focus();
	await twice(page, '.lines button:focus');
	await gate.asked;
	await gate.letGo();
	await page.waitForFunction(() => document.querySelectorAll('.lines li').length <= 2);
	is(deletions.length, 1, 'pressed twice, a device is signed out once');
	is(await page.locator('.toast.bad').count(), 0, '  and nothing is complained about');
	ok(await comes(page, () => document.activeElement.matches('main button, main a')), '  and the focus goes to what is nearest', await focused(page));

	const film = await filmThat(base, who, sells('purchase'));
	await page.goto(`/app/movies/${film.id}`);
	const offer = page.locator('.offer:has-text("Buy")');
	await offer.focus();
	await page.keyboard.press('Enter');
	await page.click('dialog button:has-text("Cancel")');
	await page.waitForSelector('dialog', { state: 'detached' });
	ok(await offer.evaluate((e) => e === document.activeElement), 'Cancel gives the focus back', await focused(page));
	await page.keyboard.press('Enter');
	await page.waitForSelector('dialog');
	await page.evaluate(() => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'GoBack', bubbles: true, cancelable: true })));
	await page.waitForSelector('dialog', { state: 'detached' });
	ok(/movies/.test(page.url()), 'the back key of a remote closes the dialog, and leaves no page');
	await page.keyboard.press('Enter');
	const bought = requests(page, 'POST', /purchase/);
	await page.locator('dialog button.main').evaluate((e) => {
		e.click();
		e.click();
		e.closest('dialog').close();
	});
	await page.waitForSelector('.access:has-text("Bought")');
	is(`${bought.length} ${(await ask(base, 'GET', '/users/purchases', who)).items.length}`, '1 1', 'bought once by two presses, and known when the dialog was closed before it was');
	is(await focused(page), 'Play', '  and Play has the focus');
	const listed = requests(page, 'PUT', /watchlist/);
	const unlisted = requests(page, 'DELETE', /watchlist/);
	const stored = page.waitForResponse((answer) => answer.request().method() === 'PUT' && /watchlist/.test(answer.url()));
	await page.focus('[aria-label="Add to my list"]');
	for (let n = 0; n < 4; n++)
		await page.keyboard.down('Enter');
	await page.keyboard.up('Enter');
	await stored; // the button is as it will be before that
	await page.waitForSelector('[aria-label="Remove from my list"]');
	is(`${listed.length} ${unlisted.length}`, '1 0', 'a key that is held presses once');
	await ask(base, 'DELETE', '/auth/sessions', who);
	await page.click('[aria-label="Remove from my list"]');
	ok(await comes(page, () => /signed out here/.test(document.querySelector('.notice')?.textContent)), 'who was signed out from elsewhere is told');
	await page.fill('[name=email]', who.email);
	await page.fill('[name=password]', who.password);
	await page.click('button.main');
	ok(await comes(page, (id) => location.pathname.endsWith(`/${id}`) && document.querySelector('[aria-label="Remove from my list"]'), film.id), '  and goes on where that was');
	await close(page, 'focus');
}

async function back() {
	const who = await account(base, 'Bill');
	const page = await open(who, { reducedMotion: 'reduce' });
	await page.goto('/');
	const card = page.locator('.rail[aria-label=Popular] .card').nth(14); // which comes late
	await card.focus();
	const title = await focused(page);
	await page.keyboard.press('Enter');
	await page.waitForSelector('.title-page h1');
	const again = await hold(page, '**/ondemand/home');
	await page.goBack();
	await again.asked;
	await again.letGo();
	const there = (name) => document.activeElement.matches('a.card') && document.activeElement.textContent.trim() === name && document.activeElement.getBoundingClientRect().bottom <= innerHeight + 1;
	ok(await comes(page, there, title), 'back is on the card one came from, on a page that is loaded anew', await focused(page));
	await page.goto('/app/movies?sort=title');
	await page.waitForSelector('.card');
	await page.evaluate(() => scrollTo(0, 2500));
	await page.waitForFunction(() => scrollY > 2000 && document.elementFromPoint(300, 400)?.closest('a.card'));
	await page.evaluate(() => document.elementFromPoint(300, 400).closest('a.card').focus({ preventScroll: true }));
	const far = await focused(page);
	await page.keyboard.press('Enter');
	await page.waitForSelector('.title-page h1');
	await page.reload();
	await page.waitForSelector('.title-page h1');
	await page.goBack();
	ok(await comes(page, there, far), '  and far down a wall, after a reload', await focused(page));
	await close(page, 'back');
}

async function kept() {
	const who = await account(base, 'Kai');
	const page = await open(who);
	await page.clock.install();
	await page.goto('/');
	await page.waitForSelector('.rail.wide .on-air');
	let refused = 0;
	await page.route(/livetv\/now/, (route) => {
		refused++;
		return route.fulfill({ status: 503, body: 'busy' });
	});
	await page.clock.fastForward(61000);
	for (const end = Date.now() + LATE_MS; Date.now() < end && !refused; )
		await drawn(page);
	await drawn(page);
	is(`${refused} ${await page.locator('.rail.wide .on-air').count() > 0}`, '1 true', 'what is on stays when it cannot be had anew');
	await page.route('**/auth/refresh', (route) => route.fulfill({ status: 503, body: '<h1>busy</h1>' }));
	await page.clock.fastForward(820000);
	await page.click('nav >> text=Movies');
	ok(await comes(page, () => document.querySelector('.wall .card')), 'a token that still holds is used when there is no other', await page.textContent('main'));
	await page.unrouteAll();
	await page.route('**/ondemand/series?*', (route) => route.fulfill({ status: 504, body: 'late' }));
	await page.click('nav >> text=Series');
	await page.waitForSelector('.state:has-text("It will be back")');
	await page.unrouteAll();
	await page.clock.runFor(10000);
	ok(await comes(page, () => document.querySelector('.wall .card')), 'a page comes by itself when the service is back');
	await close(page, 'kept');
}

async function midnight() {
	const who = await account(base, 'Mona');
	const page = await open(who, { timezoneId: 'UTC' });
	const day = 86400000;
	await ownTime(page, Math.ceil(Date.now() / day) * day - 600000);
	await page.goto('/app/guide');
	await page.waitForSelector('.line button.cell');
	await page.clock.fastForward(7 * 3600000);
	await page.clock.runFor(20000);
	await page.click('button.now');
	ok(await comes(page, () => {
		const [line, guide] = ['.now-line', '.guide'].map((s) => document.querySelector(s)?.getBoundingClientRect());
		return line && line.left > guide.left && line.right < guide.right;
	}), 'a guide that is left on over night shows the new day');
	let fails = 1;
	await page.route(/livetv\/channels\?/, async (route) => {
		const response = await route.fetch({ url: `${base}/livetv/channels?limit=3${route.request().url().includes('cursor') ? `&${route.request().url().match(/cursor=[^&]*/)[0]}` : ''}` });
		if (route.request().url().includes('cursor') && fails-- > 0)
			return route.fulfill({ status: 504, body: 'late' });
		return route.fulfill({ response });
	});
	await page.goto('/app/guide');
	await page.waitForSelector('.tally:has-text("…")');
	await page.clock.runFor(10000);
	ok(await comes(page, () => !document.querySelector('.tally').textContent.includes('…')), 'channels that could not be had are asked for again');
	await page.unrouteAll({ behavior: 'ignoreErrors' });
	await close(page, 'midnight');
}

async function editing() {
	const token = (await ask(base, 'POST', '/auth/login', { body: { email: admin, password: adminPassword } })).access_token;
	const make = (path, body) => ask(base, 'POST', path, { token, body });
	const people = await Promise.all(['Ann One', 'Ben Two'].map((name) => make('/admin/ondemand/people', { name })));
	const film = await make('/admin/ondemand/movies', { title: 'Twice Told', min_age: 0, state: 'draft', credits: people.map((p) => ({ person_id: p.id, role: 'actor' })) });
	const page = await open({ email: admin, password: adminPassword });
	await page.goto(`/app/admin/titles/${film.id}`);
	await page.fill('#f-title', 'Mine');
	await page.click('.admin-menu >> text=Genres');
	await page.waitForSelector('dialog:has-text("without saving")');
	await page.click('dialog button:has-text("Cancel")');
	await page.waitForSelector('dialog', { state: 'detached' });
	is(`${/titles/.test(page.url())} ${await page.inputValue('#f-title')}`, 'true Mine', 'what is not saved is not left without a question');
	const before = await ask(base, 'GET', `/admin/ondemand/movies/${film.id}`, { token });
	await ask(base, 'PUT', `/admin/ondemand/movies/${film.id}`, { token, body: { title: 'Theirs', min_age: 0, state: 'draft', credits: before.credits.map(({ person_id, role }) => ({ person_id, role })) } });
	await page.click('.editor button:has-text("Save")');
	await page.waitForSelector('.notice:has-text("Somebody else")');
	await page.click('button:has-text("Load again")');
	await page.waitForFunction(() => document.querySelector('#f-title').value === 'Theirs');
	is(await page.locator('.notice').count(), 0, 'what somebody else changed is told, and loaded');
	const second = await page.locator('.row-of').nth(1).locator('.picker input[type=text]').inputValue();
	await page.locator('.row-of').first().locator('button[aria-label="Delete"]').click();
	await page.waitForFunction(() => document.querySelectorAll('.row-of').length === 1);
	is(await page.locator('.row-of .picker input[type=text]').inputValue(), second, 'without the first of two rows the second is there');
	await page.click('.admin-menu >> text=Genres');
	await page.click('dialog button.danger');
	await page.waitForURL(/genres/);
	ok(true, 'and what is given up is left');
	const list = await hold(page, '**/admin/ondemand/people?*');
	await page.click('.admin-menu >> text=People');
	await list.asked;
	await page.fill('[name=find]', 'ben two');
	await list.letGo();
	await page.waitForSelector('.table');
	is(await page.inputValue('[name=find]'), 'ben two', 'what is typed while a list is on its way stays');
	await page.press('[name=find]', 'Enter');
	ok(await comes(page, () => new URLSearchParams(location.search).get('q') === 'ben two'), '  and is looked for');
	await close(page, 'editing');
}

// A page that was open while the service got another version: what it holds are cursors of before.
async function upgraded() {
	const who = await account(base, 'Una');
	const page = await open(who);
	const all = (await ask(base, 'GET', '/ondemand/movies?limit=100&sort=year', who)).items;
	let first = true;
	await page.route('**/ondemand/movies?*', async (route) => {
		const response = await route.fetch({ url: route.request().url().replace('limit=100', 'limit=30') });
		const json = await response.json();
		await route.fulfill(first ? { response, json: { ...json, next: 'before' } } : { response });
		first = false;
	});
	await page.goto('/app/movies?sort=year');
	await page.waitForSelector('.card');
	// Of a long list the part is drawn that is seen.
	ok(all.length > 30 && await comes(page, (id) => {
		scrollTo(0, document.body.scrollHeight);
		return document.querySelector(`main a.card[href$="/${id}"]`);
	}, all.at(-1).id), 'a list goes on where its cursor is none any more');
	const shown = await page.locator('main a.card').evaluateAll((cards) => cards.map((c) => Number(c.pathname.split('/').pop())));
	is(shown.join(), all.slice(-shown.length).map((i) => i.id).join(), '  in its order');
	await page.unrouteAll({ behavior: 'ignoreErrors' });
	await close(page, 'upgraded');
}

const scenarios = { upgraded, left, nextOne, order, elsewhere, wordByWord, focus, back, kept, midnight, editing };
await together(Object.entries(scenarios).filter(([name]) => !only || only.split(',').includes(name)));
await browser.close();
done();
