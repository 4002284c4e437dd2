// Scenarios of the app; started by app.t with its server, accounts and the ids of what has hostile names.
import { axeSource, clean, comes, diag, done, is, launch, ok, openPage, ownTime, signIn, skip, together } from './lib.mjs';

const [base, email, password, admin, idsText, only] = process.argv.slice(2);
const ids = JSON.parse(idsText);
// Refusals that the pages handle: Chromium writes each of them to the console by itself.
const expected = /status of (401|403|404|409|422)/;
const browser = await launch();
const open = (options) => openPage(browser, base, { expected, ...options });
const wanted = (name) => !only || only.split(',').includes(name);

const scenarios = [];
const run = (name, work) => { if (wanted(name)) scenarios.push([name, work]); };

const heading = (page) => page.locator('main h1').first().textContent();

/** Waits until a page shows what it has: no skeleton, and a heading. */
async function settled(page) {
	await page.waitForSelector('main h1, main .state', { state: 'attached', timeout: 4000 });
	await page.waitForFunction(() => !document.querySelector('main .ghosts, main .hero-ghost, main .button-ghost'), null, { timeout: 4000 });
}

run('mouse', async () => {
	const page = await open();
	await page.goto('/app/movies?sort=title');
	await page.waitForURL(/sign-in\?to=/);
	ok(true, 'a page that needs an account leads to signing in');
	await page.fill('input[name=email]', email);
	await page.fill('input[name=password]', 'not the password');
	await page.click('button[type=submit]');
	await page.waitForSelector('.notice');
	ok(/wrong/.test(await page.textContent('.notice')), 'a wrong password is told in words');
	await page.fill('input[name=password]', password);
	await page.click('button[type=submit]');
	await page.waitForURL(/\/app\/who/);
	await page.waitForSelector('.person:not(.add)');
	is(await page.locator('.person:not(.add)').count(), 2, 'the profiles are there to choose from');
	await page.locator('.person:not(.add)').first().click();
	await page.waitForURL(/\/app\/movies\?sort=title/);
	ok(true, 'and then on to where one wanted to go');
	is(await page.evaluate(() => document.cookie), '', 'no script sees the refresh token');
	is(await page.evaluate(() => Object.keys(localStorage).concat(Object.keys(sessionStorage)).filter((k) => /\bey[\w-]{20,}/.test(localStorage.getItem(k) || sessionStorage.getItem(k) || '')).length), 0, 'and no token is in storage');
	await page.waitForSelector('.card');
	const all = await page.locator('.card').count();
	await page.selectOption('select[name=genre]', 'drama');
	await page.waitForURL(/genre=drama/);
	await settled(page);
	ok(all > 5 && await page.locator('.card').count() > 0, 'titles, and fewer by genre');
	await page.locator('.card').first().click();
	await page.waitForURL(/\/app\/movies\/\d+/);
	await settled(page);
	const title = await heading(page);
	await page.click('button[aria-label="Add to my list"]');
	await page.waitForSelector('button[aria-label="Remove from my list"]');
	await page.reload();
	await page.waitForSelector('button[aria-label="Remove from my list"]');
	is(await heading(page), title, 'a reload is the same page, and one is still signed in');
	const like = page.locator('section[aria-label="More like this"] a.card').first();
	const there = await like.getAttribute('href');
	await like.click();
	await page.waitForURL(`**${there}`);
	ok(await comes(page, (before) => ![null, undefined, before].includes(document.querySelector('main h1')?.textContent), title), 'what is like it leads to another title');
	await page.goBack();
	await page.waitForURL(/\/app\/movies\/\d+/);
	await page.goBack();
	await page.waitForSelector('.card');
	ok(/genre=drama/.test(page.url()), 'back is where one was');
	await page.goto('/app');
	const soon = page.locator('section[aria-label="Coming soon"]');
	ok(/^From \d/.test(await soon.locator('.card .meta').first().textContent()), 'what is to come says from when on');
	is(await soon.locator('a.card').count(), 0, 'and cannot be opened');
	await page.click('nav >> text=My list');
	await page.waitForSelector('main:has(h1:text-is("My list")) .card');
	is(await page.locator('.card .name').first().textContent(), title, 'the list has it');
	await page.click('nav >> text=Guide');
	await page.waitForSelector('.cell.on');
	await page.locator('.cell.on').first().click();
	await page.waitForSelector('dialog[open] .facts');
	ok(await page.locator('dialog a.button').count() >= 1, 'a programme opens, with ways to watch it');
	await page.keyboard.press('Escape');
	await page.waitForSelector('dialog', { state: 'detached' });
	await page.click('button:has-text("Tomorrow")');
	await page.waitForURL(/day=1/);
	await page.click('nav >> text=Live');
	await page.waitForSelector('.on-air');
	ok(await page.locator('.on-air .progress i').count() > 3, 'live shows what is on, and how far');
	await page.click('.who');
	await page.click('.drop >> text=Sign out');
	await page.waitForURL(/sign-in/);
	await page.reload();
	ok(/sign-in/.test(page.url()), 'signed out is signed out');
	clean(page, 'mouse');
	await page.context().close();
});

run('keyboard', async () => {
	const page = await open();
	const press = (key, n = 1) => Array.from({ length: n }).reduce((before) => before.then(() => page.keyboard.press(key)), Promise.resolve());
	const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') || document.activeElement?.textContent?.trim() || '');
	const until = async (key, test, most = 30) => {
		for (let i = 0; i < most; i++) {
			if (test.test(await focused()))
				return true;
			await press(key);
			await page.waitForTimeout(30);
		}
		return false;
	};
	await page.goto('/');
	await page.waitForSelector('input[name=email]:focus');
	await page.keyboard.type(email);
	await press('ArrowDown');
	await page.keyboard.type(password);
	await press('Enter');
	await page.waitForURL(/\/app\/who/);
	await page.waitForSelector('.person');
	await press('ArrowDown');
	await press('Enter');
	await page.waitForURL(`${base}/`);
	await page.waitForSelector('.hero');
	await press('ArrowDown');
	ok(await until('ArrowDown', /^(Details|Play)$/), 'arrows reach the first thing to do');
	await until('ArrowDown', /^\d+ ?\w/, 4);
	await press('ArrowDown', 2);
	const first = await focused();
	await press('ArrowRight');
	const second = await focused();
	ok(first !== second && second !== '', 'right is the next card');
	await press('ArrowLeft');
	is(await focused(), first, 'left goes back');
	// the bar is above what is focused when the page has scrolled there, which takes a busy machine its time; which of it is above, chance
	const inBar = () => page.evaluate(() => !!document.activeElement.closest('.bar'));
	for (let n = 0; n < 300 && !await inBar(); n++) {
		await press('ArrowUp');
		await page.waitForTimeout(30);
	}
	ok(await inBar(), 'up reaches the bar');
	await page.locator('nav a', { hasText: 'Guide' }).focus();
	await press('Enter');
	await page.waitForSelector('.cell.on');
	await page.evaluate(() => document.querySelector('main').focus());
	await press('ArrowDown');
	ok(await until('ArrowDown', /\d\d:\d\d/), 'down reaches the guide');
	const here = await focused();
	await press('ArrowDown', 3);
	await page.waitForTimeout(100);
	ok(await focused() !== here && await page.locator('.line :focus').count() === 1, 'and moves in it');
	await press('ArrowRight');
	await page.waitForTimeout(100);
	const programme = await focused();
	await press('Enter');
	await page.waitForSelector('dialog[open] .facts');
	await press('Escape');
	await page.waitForSelector('dialog', { state: 'detached' });
	await page.waitForTimeout(100);
	is(await focused(), programme, 'a dialog gives the focus back');
	await press('5');
	await page.waitForSelector('.dial');
	await page.waitForSelector('.dial', { state: 'detached' });
	await page.waitForTimeout(150);
	const owned = await page.locator('.line:has(:focus)').getAttribute('aria-owns');
	ok(/Silver Screen/.test(await page.textContent(`#${owned}`)), 'a number is a channel');
	clean(page, 'keyboard');
	await page.context().close();
});

const PAGES = ['/', '/app/movies', '/app/series', '/app/live', '/app/guide', '/app/search', '/app/search?q=the', '/app/list', '/app/list?part=history', '/app/account/plan',
	'/app/account/purchases', '/app/account/devices', '/app/account/data', '/app/who', '/app/profiles/new', '/app/nowhere',
	`/app/movies/${ids.movie}`, `/app/series/${ids.series}`, `/app/episodes/${ids.episode}`, `/app/people/${ids.person}`, `/app/channels/${ids.channel}`, `/app/watch/movies/${ids.movie}`, `/app/watch/live/${ids.channel}`];
const ADMIN = ['titles', 'series', 'genres', 'people', 'channels', 'guide', 'users', 'plans', 'rules', 'grants', 'sales', 'why', 'search', 'audit',
	`titles/${ids.movie}`, `channels/${ids.channel}`, 'titles/new', `programmes?channel=${ids.channel}`].map((p) => `/app/admin/${p}`);

/** All pages, as somebody who may see all of them. */
async function everywhere(options, look) {
	const page = await open(options);
	await page.goto('/app/sign-in');
	await look(page, '/app/sign-in');
	await page.goto('/app/register');
	await look(page, '/app/register');
	await signIn(page, admin, password);
	for (const path of [...PAGES, ...ADMIN]) {
		await page.goto(path);
		await settled(page).catch(() => {});
		await look(page, path);
	}
	return page;
}

const WIDTHS = [[3840, 2160], [1920, 1080], [360, 740]];

run('hostile', async () => {
	const wide = [];
	const page = await everywhere({}, async (p, path) => {
		for (const [width, height] of WIDTHS) {
			await p.setViewportSize({ width, height });
			const over = await p.evaluate(() => document.documentElement.scrollWidth - innerWidth);
			if (over > 0)
				wide.push(`${path}: ${over} px more than ${width}`);
		}
	});
	ok(!wide.length, `no page is wider than the screen at ${WIDTHS.map((w) => w[0]).join(', ')}`, wide.join('\n'));
	is(await page.locator('img[src="x"]').count(), 0, 'no image of a name');
	await page.goto(`/app/movies/${ids.movie}`);
	await settled(page);
	is(await heading(page), '<img src=x onerror=alert(1)>"\'{{7*7}}</script><script>alert(2)</script>', 'a name is shown as it is');
	await page.goto('/app/search?q=%3Cimg%20src%3Dx%20onerror%3Dalert(4)%3E');
	await page.waitForTimeout(400);
	await page.goto('/app/sign-in?to=javascript:alert(5)');
	await page.goto('/app/sign-in?to=//evil.example/');
	await page.waitForTimeout(200);
	clean(page, 'hostile names on every page');
	await page.context().close();
});

run('words', async () => {
	for (const locale of ['en-GB', 'de-DE']) {
		const page = await open({ width: 360, height: 740, locale });
		await signIn(page, email, password);
		await page.goto('/app/who');
		await page.waitForSelector('.person.add');
		const cut = () => page.evaluate(() => [...document.querySelectorAll('.place span, .person.add .name')]
			.filter((e) => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1).map((e) => e.textContent).join(', '));
		const there = await cut();
		await page.goto('/app/movies');
		await page.waitForSelector('.place span');
		is([there, await cut()].filter(Boolean).join(', '), '', `${locale}: the words of the places, and of a new profile, fit a phone`);
		await page.setViewportSize({ width: 844, height: 390 });
		ok(await page.evaluate(() => {
			const [bar, ...inside] = ['.bar', '.brand', '.bar nav', '.bar .who'].map((s) => document.querySelector(s).getBoundingClientRect());
			return inside.every((r) => r.top >= 0 && r.bottom <= bar.bottom && r.right <= innerWidth);
		}), '  and the bar one on its side');
		await page.context().close();
	}
});

run('search', async () => {
	const page = await open();
	await signIn(page, email, password);
	await page.goto('/app/search?q=the');
	await page.waitForSelector('.found');
	await page.route(/pages\/(title|person|channel)\.js/, async (route) => {
		await page.waitForTimeout(300);
		await route.continue();
	});
	await page.evaluate(() => { // between two frames, as on a busy machine
		const field = document.querySelector('input[name=q]');
		field.value += 'r';
		field.dispatchEvent(new Event('input'));
		document.querySelector('.found').click();
	});
	ok(await page.waitForURL(/\/(movies|series|episodes|people|channels)\/\d+/, { timeout: 5000 }).then(() => true, () => false), 'who goes on right after a key gets there');
	clean(page, 'search');
	await page.context().close();
});

/** What of a page the arrow keys do not get to, from the first thing they get to. The guide's cells have their own keys. */
const unreached = (page) => page.evaluate(async () => {
	const seen = (e) => {
		const r = e.getBoundingClientRect();
		return r.width && r.height && r.right > 0 && e.checkVisibility({ visibilityProperty: true }) && !e.closest('.guide, .player-ui, [inert]');
	};
	const all = () => [...document.querySelectorAll('a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, summary')]
		.filter((e) => e.tabIndex >= 0 && seen(e) && !e.matches('.skip'));
	const wanted = new Set(all());
	const press = (key) => (document.activeElement || document.body).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
	document.activeElement?.blur();
	press('ArrowDown');
	const found = new Set([document.activeElement]);
	for (const e of found) {
		for (const key of ['ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight']) {
			e.focus();
			if (e.matches('input, textarea') && typeof e.selectionStart === 'number')
				e.setSelectionRange(key === 'ArrowRight' || key === 'ArrowDown' ? e.value.length : 0, key === 'ArrowRight' || key === 'ArrowDown' ? e.value.length : 0);
			press(key);
			found.add(document.activeElement);
		}
	}
	return [...wanted].filter((e) => e.isConnected && !found.has(e)).map((e) => `${e.tagName} ${e.getAttribute('aria-label') || e.textContent.trim().slice(0, 30) || e.name}`);
});

/** Keys of texts that stand on a page instead of their texts. */
const untranslated = (page) => page.evaluate(async () => {
	const { default: words } = await import('/js/text/en.js');
	// the record of changes names tables of the database
	const keys = (document.querySelector('.audit') ? '' : document.body.innerText).match(/\b[a-z]+\.[a-z_]+\b/g) || [];
	return keys.filter((k) => k in words || /^(kinds?|reason|v|f|said|look|problem)\./.test(k)).join(' ');
});

run('axe', async () => {
	const found = [];
	const beyond = [];
	const keys = [];
	const page = await everywhere({ bypassCSP: true, reducedMotion: 'reduce' }, async (p, path) => {
		await p.addScriptTag({ path: axeSource() });
		const { violations } = await p.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
		for (const v of violations.filter((x) => ['serious', 'critical'].includes(x.impact)))
			found.push(`${path}: ${v.id}: ${v.nodes.slice(0, 2).map((n) => `${n.target} ${n.failureSummary.split('\n')[1] || ''}`).join(' | ')}`);
		const texts = await untranslated(p);
		if (texts)
			keys.push(`${path}: ${texts}`);
		let left = await unreached(p);
		for (let i = 0; i < 3 && left.length; i++) { // what still loads moves things about
			await p.waitForTimeout(500);
			left = await unreached(p);
		}
		if (left.length)
			beyond.push(`${path}: ${left.length}: ${left.slice(0, 4).join(' | ')}`);
	});
	ok(!keys.length, 'every text is there', keys.join('\n'));
	ok(!beyond.length, 'arrow keys get to everything on every page', beyond.join('\n'));
	ok(!found.length, `axe finds nothing serious on ${PAGES.length + ADMIN.length + 2} pages`, found.join('\n'));
	await page.context().close();
});

/** The line of now is right of the channels, and on the screen. */
const atNow = () => {
	const [line, guide, head] = ['.now-line', '.guide', '.heads .head'].map((s) => document.querySelector(s)?.getBoundingClientRect());
	return line && line.left >= head.right && line.right <= guide.right;
};

run('sizes', async () => {
	const page = await open({ width: 3840, height: 2160 });
	await signIn(page, email, password);
	// the evening is where a narrower sheet would end
	await ownTime(page, new Date().setUTCHours(18, 40));
	await page.goto('/app/guide');
	await page.waitForSelector('.line button.cell');
	const stays = () => page.waitForFunction(atNow, undefined, { timeout: 5000 }).then(() => true, () => false);
	ok(await stays(), 'the guide of a large screen opens at now');
	for (const [width, height] of [[1280, 720], [360, 740], [740, 360], [1920, 1080]]) {
		await page.setViewportSize({ width, height });
		ok(await stays(), `  and is still there at ${width}`);
	}
	await page.setViewportSize({ width: 640, height: 280 });
	await page.click('.who');
	await page.locator('.drop button').scrollIntoViewIfNeeded();
	ok(await page.evaluate(() => {
		const out = document.querySelector('.drop button');
		const { left, right, top, bottom } = out.getBoundingClientRect();
		return bottom <= innerHeight && out.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
	}), 'where little fits, enlarged or on its side, all of the menu can be reached');
	await page.emulateMedia({ forcedColors: 'active' });
	const kept = (...selectors) => page.evaluate((all) => all.map((s) => getComputedStyle(document.querySelector(s)).forcedColorAdjust).join(' '), selectors);
	is(await kept('.days [aria-pressed=true]', '.days [aria-pressed=false]', '.place[aria-current]', '.now-line'), 'none auto none none', 'in the colours of the system what is chosen, and now, have one of their own');
	await page.goto('/app/live');
	await page.waitForSelector('.progress i', { state: 'attached' }); // of no width where one has just begun
	is(await kept('.progress i'), 'none', '  and how far a programme is');
	clean(page, 'sizes');
	await page.context().close();
});

run('tabs', async () => {
	const page = await open();
	await signIn(page, admin, password);
	const tabs = [page, ...await Promise.all([1, 2, 3].map(() => page.context().newPage()))];
	for (let round = 0; round < 3; round++) {
		await Promise.all(tabs.map((tab) => tab.goto('/app/movies')));
		await Promise.all(tabs.map((tab) => tab.waitForSelector('.card')));
	}
	ok(tabs.every((tab) => !/sign-in/.test(tab.url())), 'four tabs refresh at once, three times, and all stay signed in');
	const [other] = tabs.slice(1);
	await page.click('.who');
	await page.click('.drop >> text=Sign out');
	await other.waitForURL(/sign-in/);
	ok(true, 'signing out in one is signing out in all');
	await page.context().close();
});

/** Presses "Try again"; a page that has been faster with that has no such button any more. */
const again = (page) => page.evaluate(() => document.querySelector('.state button')?.click());

run('states', async () => {
	const page = await open({ expected: /status of|ERR_|Failed to load/ });
	await signIn(page, admin, password);
	await page.goto('/app/movies');
	await page.waitForSelector('.card');
	await page.route('**/ondemand/series*', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', headers: { 'Retry-After': '2' }, body: '{"status":503,"code":"unavailable","title":"x","request_id":"abcdefgh"}' }));
	await page.click('nav >> text=Series');
	await page.waitForSelector('.state');
	ok(/not available at the moment/.test(await page.textContent('.state')), 'a service that is away is told in words');
	await page.unroute('**/ondemand/series*');
	await again(page);
	await page.waitForSelector('.card');
	ok(true, 'and trying again shows the page');
	await page.route('**/ondemand/home', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"status":503,"code":"unavailable","title":"x"}' }));
	await page.goto('/');
	await page.waitForSelector('.state');
	await page.unroute('**/ondemand/home');
	await again(page);
	await page.waitForSelector('.hero h1');
	await page.waitForFunction(() => document.querySelectorAll('.rail').length > 3 && [...document.querySelectorAll('.rail')].some((rail) => rail.querySelectorAll('.card').length > 9));
	ok(true, '  the first one with all its rails, and all their cards');
	await page.context().setOffline(true);
	await page.waitForSelector('.offline');
	ok(true, 'being offline is shown');
	await page.context().setOffline(false);
	await page.waitForSelector('.offline', { state: 'detached' });
	const gate = {};
	gate.open = new Promise((done) => { gate.done = done; });
	await page.route('**/ondemand/series?*', (route) => gate.open.then(() => route.continue()));
	await page.emulateMedia({ reducedMotion: 'reduce' });
	await page.goto('/app/series');
	await page.waitForSelector('.ghosts[role=status] .ghost');
	is(await page.evaluate(() => getComputedStyle(document.querySelector('.ghost')).animationName), 'none', 'what is awaited has a shape, which is still for who wants it still');
	gate.done();
	await page.waitForSelector('.card');
	await page.evaluate(() => localStorage.setItem('antenna.language', 'de'));
	await page.goto('/');
	await page.waitForSelector('nav a');
	is(await page.locator('nav a').nth(1).innerText(), 'Filme', 'German is one setting away');
	is(await page.getAttribute('html', 'lang'), 'de', '  and the page says so');
	await page.context().close();
});

run('missing', async () => {
	const page = await open({ expected: /./ });
	await page.route('**/vendor/**', (route) => route.fulfill({ status: 404, contentType: 'application/problem+json', body: '{}' }));
	await page.goto('/');
	await page.waitForSelector('main.boot h1');
	ok(/libraries are not installed/.test(await page.textContent('main')), 'without libraries the page says what is missing');
	await page.context().close();
});

run('player', async () => {
	const page = await open({ expected: /status of (403|404|409)/ });
	await signIn(page, admin, password);
	await page.goto(`/app/watch/movies/${ids.movie}`);
	const shown = await page.waitForSelector('.refusal, .spinner, .buttons');
	ok(shown, 'what cannot be played yet says so');
	await page.waitForSelector('.refusal button');
	await page.click('.refusal button:has-text("Back")');
	await page.waitForURL((url) => !/watch/.test(url.pathname));
	ok(true, 'and lets one go back');
	clean(page, 'player');
	await page.context().close();
});

run('speed', async () => {
	const page = await open();
	await signIn(page, admin, password);
	await page.goto('/');
	await page.waitForSelector('.hero .actions');
	const bytes = await page.evaluate(() => performance.getEntriesByType('resource').filter((r) => /\.js$/.test(r.name)).reduce((sum, r) => sum + r.encodedBodySize, 0));
	diag(`JavaScript for the first screen, packed: ${bytes} bytes`);
	ok(bytes > 1000 && bytes < 130000, 'and takes little JavaScript');
	await page.context().close();
});

if (!scenarios.length)
	skip('nothing', `no scenario is called ${only}`);
await together(scenarios);
await browser.close();
done();
