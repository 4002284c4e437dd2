// Something is away for a while: the service, the network, who watches, the machine; started by away.t. Time passes when the test
// says so.
import { LATE_MS, account, ask, close, comes, done, drawn, filmThat, is, launch, noon, ok, openAs, openPage, requests, sells, signIn, together } from './lib.mjs';

const [base, admin, adminPassword, only] = process.argv.slice(2);
const browser = await launch();
const HOUR = 3600000;

const open = (who, options) => openAs(browser, base, who, { expected: /status of|ERR_/, ...options });

const AWAY = { status: 503, contentType: 'application/problem+json', headers: { 'Retry-After': '1' }, body: '{"status":503,"code":"database_away"}' };
const away = (page, pattern) => page.route(pattern, (route) => route.fulfill(AWAY));

/** Time passes, some seconds at a time, until something is so. */
async function inTime(page, test, { steps = 15, seconds = 1 } = {}) {
	for (const end = Date.now() + LATE_MS; steps > 0 || Date.now() < end; ) {
		if (await page.evaluate(test))
			return true;
		if (steps-- > 0)
			await page.clock.runFor(1000 * seconds);
		await drawn(page);
	}
	return false;
}

async function pass(page, seconds) {
	for (; seconds > 0; seconds--) {
		await page.clock.runFor(1000);
		await drawn(page);
	}
}

/** A tab that nobody looks at, and then somebody does. */
const hide = (page, hidden) => page.evaluate((h) => {
	Object.defineProperty(document, 'hidden', { configurable: true, get: () => h });
	document.dispatchEvent(new Event('visibilitychange'));
}, hidden);

const transition = (page, type) => page.evaluate((t) => dispatchEvent(new PageTransitionEvent(t, { persisted: true })), type);

const video = (page) => page.evaluate(() => {
	const { currentTime, paused } = document.querySelector('video');
	return { at: Math.floor(currentTime), paused };
});

/** Somebody new is at the hundredth second of a free film. */
async function watching(name, query = '') {
	const who = await account(base, name);
	const film = await filmThat(base, who, (d) => d.reason === 'free');
	const page = await open(who);
	await page.clock.install();
	await page.goto(`/app/watch/movies/${film.id}${query}`);
	await page.waitForFunction(() => document.querySelector('video')?.currentTime > 0);
	await page.fill('.seek input', '100');
	await page.waitForFunction(() => document.querySelector('video').currentTime > 100.5);
	return { who, film, page };
}

const pause = async (page) => {
	await page.keyboard.press('k');
	await page.waitForFunction(() => document.querySelector('video').paused);
	return video(page);
};

async function longAway() {
	const { page } = await watching('Lola');
	const beats = requests(page, 'POST', /heartbeat/);
	await away(page, '**/heartbeat');
	await page.route('**/media/**', (route) => route.fulfill({ status: 410, body: '' }));
	await page.fill('.seek input', '160');
	ok(await comes(page, () => /not available at the moment/.test(document.querySelector('.stalled')?.textContent)), 'what cannot go on says why');
	const before = beats.length;
	await pass(page, 60);
	ok(beats.length > before && beats.length - before <= 12, 'for a new address the service is asked again, not all the time', beats.length - before);
	is(await page.locator('.refusal').count(), 0, '  and it is not given up');
	await page.unrouteAll();
	ok(await inTime(page, () => document.querySelector('video').currentTime > 161 && !document.querySelector('.stalled')), 'it goes on when the service is back');
	await close(page, 'long away');
}

async function cutOff() {
	const { page } = await watching('Cato', '?from=start');
	await page.route(/\/media\/|heartbeat/, (route) => route.abort());
	await page.fill('.seek input', '160');
	ok(await inTime(page, () => /cannot be reached/.test(document.querySelector('.refusal')?.textContent), { steps: 60, seconds: 5 }), 'without a network playing stops');
	await away(page, '**/play/ondemand/*');
	ok(await inTime(page, () => /not available at the moment/.test(document.querySelector('.refusal')?.textContent)), '  and is tried again');
	await page.unrouteAll();
	ok(await inTime(page, () => document.querySelector('video')?.currentTime > 160.5), '  until it goes on');
	const { at } = await video(page);
	ok(at >= 160, '  where it stopped, although it was begun from the start', at);
	await close(page, 'cut off');
}

/** The first file that is loaded is refused: once more than hls.js asks again for by itself. */
async function lateStart() {
	const who = await account(base, 'Lin');
	const film = await filmThat(base, who, (d) => d.reason === 'free');
	const page = await open(who);
	await page.clock.install();
	let asked = 0;
	await page.route('**/master.m3u8', (route) => ++asked <= 3 ? route.fulfill({ status: 503, body: '' }) : route.continue());
	await page.goto(`/app/watch/movies/${film.id}`);
	ok(await inTime(page, () => document.querySelector('video')?.currentTime > 0), 'media that are away at first are asked for again', `asked ${asked} times`);
	await page.unrouteAll();
	await page.route('**/master.m3u8', (route) => route.fulfill({ status: 404, body: '' }));
	await page.reload();
	ok(await inTime(page, () => /could not go on/.test(document.querySelector('.refusal')?.textContent), { steps: 60 }), '  and where there are none, it is said');
	await close(page, 'late start');
}

async function another() {
	const { who, film, page } = await watching('Ann');
	const { at } = await pause(page);
	await transition(page, 'pagehide');
	await page.waitForFunction(() => document.querySelector('video').readyState === 0);
	await transition(page, 'pageshow');
	await page.waitForFunction(() => document.querySelector('video').readyState >= 2 && !document.querySelector('.spinner'));
	const back = await video(page);
	is(`${back.at} ${back.paused}`, `${at} true`, 'a page that the browser kept is paused where it was paused');
	const known = async () => (await ask(base, 'GET', '/users/continue-watching', who)).items.find((i) => i.content.id === film.id)?.position;
	is(await known(), at, '  and for the service as well');

	for (const s of (await ask(base, 'GET', '/play/sessions', who)).items)
		await ask(base, 'DELETE', `/play/sessions/${s.id}`, who);
	const began = requests(page, 'GET', /\/play\/ondemand/);
	await page.clock.fastForward(8 * HOUR);
	for (const end = Date.now() + LATE_MS; Date.now() < end && !began.length; )
		await drawn(page);
	await page.waitForFunction(() => document.querySelector('video').readyState >= 2 && !document.querySelector('.spinner'));
	const woken = await video(page);
	is(`${began.length} ${woken.at} ${woken.paused}`, `1 ${at} true`, 'a machine that slept does not begin to play what was paused');
	await close(page, 'another site');
}

/** A page that is told nothing, as one that the browser keeps; others of the same browser. */
async function kept() {
	const who = await account(base, 'Kay');
	const other = await ask(base, 'POST', '/users/profiles', { ...who, body: { name: 'Bo' } });
	const page = await openPage(browser, base, { expected: /status of/ });
	await page.addInitScript(() => { window.BroadcastChannel = class extends EventTarget { postMessage() {} }; });
	await signIn(page, who.email, who.password);
	await page.click('.person >> text=Kay');
	await page.waitForSelector('.hero');
	const beside = await page.context().newPage();
	await beside.goto('/app/who');
	await beside.click('.person >> text=Bo');
	await beside.waitForSelector('.hero');
	await transition(page, 'pageshow');
	ok(await comes(page, (name) => document.querySelector('.hero') && document.querySelector('.who')?.ariaLabel.includes(name), other.name), 'a page that comes back is for the profile that was chosen meanwhile');
	await page.goto('/app/account/data');
	await page.waitForSelector('[name=country]');
	await beside.click('.who');
	await beside.click('.drop button:has-text("Sign out")');
	await beside.waitForURL(/sign-in/);
	await hide(page, true);
	await hide(page, false);
	ok(await comes(page, () => /sign-in/.test(location.pathname) && !document.querySelector('[name=country]')), 'who signed out in another tab is not shown again');
	is((await page.content()).includes(who.email), false, '  nothing of theirs');
	await page.addInitScript(() => { Storage.prototype.setItem = () => { throw new Error('full'); }; });
	await signIn(page, who.email, who.password);
	await page.waitForSelector('.person');
	await hide(page, true);
	await hide(page, false);
	await drawn(page);
	is(await page.locator('.person').count() > 0, true, 'who has no storage is not signed out by that');
	await close(page, 'kept');
}

/** What plays in one tab, when another one of the same browser signs out. */
async function elsewhere() {
	const { who, film, page } = await watching('Lars');
	const beside = await page.context().newPage();
	await beside.goto('/app/movies');
	await beside.click('.who');
	const told = beside.waitForResponse(/logout/);
	await beside.click('.drop button:has-text("Sign out")');
	await told;
	const { items } = await ask(base, 'GET', '/users/continue-watching', who);
	ok(items.find((i) => i.content.id === film.id)?.position >= 100, 'where another tab plays is told before the session ends', items);
	ok(await comes(page, () => /sign-in/.test(location.pathname)), '  and then it plays no more');
	await close(page, 'elsewhere');
}

async function unsaved() {
	const page = await open({ email: admin, password: adminPassword });
	await page.goto('/app/admin/genres/new');
	await page.fill('#f-name', 'Half a');
	const beside = await page.context().newPage();
	await beside.goto('/app/movies');
	await beside.click('.who');
	await beside.click('.drop button:has-text("Sign out")');
	ok(await comes(page, () => /sign-in/.test(location.pathname) && document.querySelector('[name=email]') && !document.querySelector('dialog')), 'who is signed out while editing is asked to sign in, and nothing else');
	await close(page, 'unsaved');
}

async function hidden() {
	const who = await account(base, 'Hedy');
	const page = await open(who, { timezoneId: noon() });
	await page.clock.install();
	await page.goto('/');
	await page.waitForSelector('.rail.wide .on-air');
	const asked = requests(page, 'GET', /livetv\/now|livetv\/epg|ondemand\/series/);
	const quiet = async (name) => {
		await drawn(page);
		is(asked.length, 0, name);
	};
	await hide(page, true);
	await page.clock.runFor(HOUR / 12);
	await quiet('nothing is asked for where nobody looks');
	await hide(page, false);
	ok(await inTime(page, () => true) && asked.length === 1, '  and once when somebody does', asked.length);
	await page.goto('/app/guide');
	await page.waitForSelector('.line button.cell');
	const line = () => document.querySelector('.now-line').offsetLeft;
	const before = await page.evaluate(line);
	asked.length = 0;
	await hide(page, true);
	await page.clock.fastForward(HOUR / 2);
	is(await page.evaluate(line), before, 'a guide that nobody looks at stays as it is');
	await hide(page, false);
	ok(await comes(page, ([b]) => document.querySelector('.now-line').offsetLeft > b + 20, [before]), '  and has the time at once when somebody does');
	await away(page, '**/ondemand/series?*');
	await page.goto('/app/series');
	await page.waitForSelector('.state');
	asked.length = 0;
	await hide(page, true);
	await page.clock.runFor(60000);
	await quiet('what failed is not tried again where nobody looks');
	await page.unrouteAll();
	await hide(page, false);
	ok(await comes(page, () => document.querySelector('.wall .card')), '  and at once when somebody does');
	await close(page, 'hidden');
}

async function holes() {
	const who = await account(base, 'Hol');
	const page = await open(who);
	await page.clock.install();
	await away(page, '**/livetv/epg?*');
	const asked = requests(page, 'GET', /livetv\/epg/);
	await page.goto('/app/guide');
	await page.waitForSelector('.line .ghost');
	for (const end = Date.now() + LATE_MS; Date.now() < end && !asked.length; )
		await drawn(page);
	const blocks = new Set(asked).size;
	await pass(page, 30);
	ok(asked.length > blocks && asked.length <= blocks * 6, 'programmes that cannot be had are asked for again, not every second', `${asked.length} for ${blocks}`);
	await page.unrouteAll();
	ok(await inTime(page, () => document.querySelector('.line button.cell')), '  until they come');
	await close(page, 'holes');
}

async function wrongClock() {
	const who = await account(base, 'Wil');
	const { items } = await ask(base, 'GET', '/livetv/now?limit=60', who);
	// what neither begins nor ends during the test
	const on = items.find(({ now }) => now && Date.parse(now.end) - Date.now() > HOUR / 6);
	for (const [name, error] of [['ahead', HOUR], ['behind', -HOUR]]) {
		const page = await open(who);
		await page.clock.install({ time: Date.now() + error });
		await page.goto('/app/live');
		const card = page.locator('.channel', { hasText: on.channel.name }).first();
		await card.waitFor();
		ok((await card.textContent()).includes(on.now.title), `a clock an hour ${name}: what is on is what the service says`, await card.textContent());
		await page.goto(`/app/channels/${on.channel.id}`);
		await page.waitForSelector('.schedule li.on');
		ok((await page.textContent('.schedule li.on')).includes(on.now.title), '  on its channel as well');
		ok(await page.locator('.channel-top a:has-text("Watch live")').count(), '  where it can be watched');
		await page.goto('/app/guide');
		await page.waitForSelector('.line button.cell.on');
		const inside = await page.evaluate(() => {
			const [line, cell] = ['.now-line', '.line button.cell.on'].map((s) => document.querySelector(s).getBoundingClientRect());
			return line.left >= cell.left - 1 && line.left <= cell.right + 4;
		});
		ok(inside && (await page.locator('.cell.on').allTextContents()).some((text) => text.includes(on.now.title)), '  and in the guide, with the line through it');
		await close(page, `clock ${name}`);
	}
}

async function newcomer() {
	const page = await openPage(browser, base, { expected: /status of/ });
	let lost = 1;
	await page.route('**/auth/register', async (route) => {
		const response = await route.fetch();
		return lost-- > 0 ? route.fulfill(AWAY) : route.fulfill({ response });
	});
	await page.goto('/app/register');
	await page.fill('[name=name]', 'Nia');
	await page.fill('[name=email]', `nia-${process.pid}@example.org`);
	await page.fill('[name=password]', 'tall green kettle');
	await page.click('button.main');
	await page.waitForSelector('.notice:has-text("It will be back")');
	is(`${await page.inputValue('[name=name]')} ${await page.inputValue('[name=password]')}`, 'Nia tall green kettle', 'what was typed is still there');
	await page.click('button.main');
	ok(await comes(page, () => document.querySelector('.who')?.ariaLabel.includes('Nia')), 'an account that was made without an answer is who signs up again');
	await page.unrouteAll();
	await page.context().clearCookies();
	await page.evaluate(() => localStorage.clear());
	await page.goto('/app/register');
	await page.fill('[name=email]', `nia-${process.pid}@example.org`);
	await page.fill('[name=password]', 'tall green kettle');
	await page.click('button.main');
	ok(await comes(page, () => document.querySelector('.notice') && document.querySelector('#field-email-note, .notice').textContent.includes('account with this address')), '  and not who finds another');
	await close(page, 'newcomer');
}

async function typed() {
	const who = await account(base, 'Ty');
	const page = await open(who);
	await page.goto('/app/account/data');
	await page.fill('[name=name]', 'Tyra');
	await away(page, '**/users/me');
	await page.click('button:has-text("Save")');
	await page.waitForSelector('.notice:has-text("It will be back")');
	is(await page.inputValue('[name=name]'), 'Tyra', 'what was typed stays when it cannot be saved');
	await page.unrouteAll();
	await page.click('button:has-text("Save")');
	await page.waitForSelector('.toast:has-text("Saved")');
	is((await ask(base, 'GET', '/users/me', who)).name, 'Tyra', '  and is saved later');
	await close(page, 'typed');
}

async function inDoubt() {
	const who = await account(base, 'Ida');
	await ask(base, 'POST', '/users/profiles', { ...who, body: { name: 'Bo' } });
	const page = await open(who);
	await page.waitForSelector('.person');
	await away(page, '**/select');
	const told = requests(page, 'POST', /select|refresh/);
	await page.click('.person >> text=Bo');
	await page.waitForSelector('.toast.bad');
	await page.unrouteAll();
	await page.click('.person >> text=Bo');
	await page.waitForSelector('.hero');
	is(told.map((url) => url.split('/').pop()).join(' '), 'select refresh select', 'a choice that may have been made is settled before the next');
	await close(page, 'in doubt');
}

async function refunds() {
	const token = (await ask(base, 'POST', '/auth/login', { body: { email: admin, password: adminPassword } })).access_token;
	const who = await account(base, 'Rob');
	const film = await filmThat(base, who, sells('purchase'));
	await ask(base, 'POST', `/ondemand/purchase/${film.id}`, { ...who, body: {} });
	const { id } = await ask(base, 'GET', '/users/me', who);
	const page = await open({ email: admin, password: adminPassword });
	await page.goto(`/app/admin/sales?user_id=${id}`);
	await page.waitForSelector('.table button:has-text("Refund")');
	const sale = (await ask(base, 'GET', `/admin/rights/purchases?user_id=${id}`, { token })).items[0];
	await ask(base, 'POST', `/admin/rights/purchases/${sale.id}/refund`, { token });
	await page.click('.table button:has-text("Refund")');
	await page.click('dialog button.danger');
	ok(await comes(page, () => document.querySelector('.toast.bad')), 'what somebody else refunded meanwhile is told');
	await close(page, 'refunds');
}

const scenarios = { longAway, cutOff, lateStart, another, elsewhere, kept, unsaved, hidden, holes, wrongClock, newcomer, typed, inDoubt, refunds };
await together(Object.entries(scenarios).filter(([name]) => !only || only.split(',').includes(name)));
await browser.close();
done();
