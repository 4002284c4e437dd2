// Changes that people make to their accounts and administrators to the service, each looked at over the API afterwards;
// started by keep.t.
import { readFileSync } from 'node:fs';
import { account, ask, close as end, done, filmThat, is, launch, ok, openAs, sells, together } from './lib.mjs';

const [base, admin, adminPassword] = process.argv.slice(2);
const browser = await launch();
const EVIL = '<img src=x onerror=alert(1)>';

const open = (who, options) => openAs(browser, base, who, options);

const close = async (page, name) => {
	is(await page.locator('img[src="x"]').count(), 0, `${name}: markup in a field stays text`);
	await end(page, name);
};
const press = (page, name) => page.getByRole('button', { name }).first().click();
const said = (page, text) => page.waitForSelector(`.toast:has-text("${text}")`);

async function plans() {
	const who = await account(base, 'Pia');
	const page = await open(who);
	await page.goto('/app/account/plan');
	await page.click('.plan:has-text("Basic") button');
	await page.click('dialog button.main');
	await said(page, 'You have Basic now');
	await page.waitForSelector('.tile:has-text("Basic")');
	is((await ask(base, 'GET', '/subscriptions', who)).current.plan.code, 'basic', 'subscribed');
	await page.click('.plan:has-text("Premium") button');
	await page.click('dialog button.main');
	await said(page, 'You have Premium now');
	await page.waitForSelector('.plan[aria-current]:has-text("Premium")');
	is((await ask(base, 'GET', '/subscriptions', who)).current.plan.code, 'premium', 'changed');
	await press(page, 'Cancel subscription');
	await page.click('dialog button.danger');
	await page.waitForSelector('.tile:has-text("Ends on")');
	ok(!(await ask(base, 'GET', '/subscriptions', who)).current.renews_at, 'and cancelled, to the end of what is paid');
	await close(page, 'plans');
}

async function buying() {
	const who = await account(base, 'Bea');
	const film = await filmThat(base, who, sells('purchase'));
	const page = await open(who);
	await page.goto(`/app/movies/${film.id}`);
	await page.click('.offer:has-text("Buy")');
	await page.click('dialog button:has-text("Cancel")');
	await page.waitForSelector('dialog', { state: 'detached' });
	is((await ask(base, 'GET', '/users/purchases', who)).items.length, 0, 'cancel buys nothing');
	await page.click('.offer:has-text("Buy")');
	await page.click('dialog button.main');
	await page.waitForSelector('.access:has-text("Bought")');
	is((await ask(base, 'GET', '/users/purchases', who)).items.length, 1, 'bought once');
	await page.click('[aria-label="Add to my list"]');
	await page.waitForSelector('[aria-label="Remove from my list"]');
	await page.goto('/app/list');
	await page.waitForSelector('.card');
	await page.click('.card');
	await page.click('[aria-label="Remove from my list"]');
	await page.waitForSelector('[aria-label="Add to my list"]');
	await page.goto('/app/list');
	await page.waitForSelector('.state');
	ok(/add with \+/.test(await page.textContent('.state')), 'the list is empty again, and says what it is for');
	await page.goto('/app/account/purchases');
	await page.waitForSelector(`.lines:has-text("${film.title}")`);
	ok(true, 'the receipt is in the account');
	await close(page, 'buying');
}

async function data() {
	const who = await account(base, 'Dan');
	const page = await open(who, { expected: /status of (401|403)/, acceptDownloads: true });
	await page.goto('/app/account/data');
	await page.fill('[name=name]', EVIL);
	await page.fill('[name=country]', 'no');
	await press(page, 'Save');
	await said(page, 'Saved');
	const me = await ask(base, 'GET', '/users/me', who);
	is(`${me.name} ${me.country}`, `${EVIL} NO`, 'name and country are kept');
	const [file] = await Promise.all([page.waitForEvent('download'), press(page, 'Download my data')]);
	const all = JSON.parse(readFileSync(await file.path(), 'utf8'));
	ok(JSON.stringify(all).includes(who.email), 'all that is kept comes as a file');
	await page.fill('[name=current_password]', who.password);
	await page.fill('[name=new_password]', 'another green kettle');
	await press(page, 'Change password');
	await said(page, 'The password is changed');
	await press(page, 'Delete my account');
	await page.fill('dialog [name=password]', who.password);
	await page.click('dialog form button');
	await page.waitForSelector('dialog .notice');
	ok(/password is wrong/.test(await page.textContent('dialog .notice')), 'the old password deletes nothing');
	await page.fill('dialog [name=password]', 'another green kettle');
	await page.click('dialog form button');
	await page.waitForURL(/register/);
	const gone = await ask(base, 'POST', '/auth/login', { body: { email: who.email, password: 'another green kettle' } }).catch((cause) => cause.message);
	ok(/401/.test(gone), 'the new one deletes the account');
	await close(page, 'data');
}

/** Fills the form of a new one, saves, and waits for the list. */
async function make(page, part, fields) {
	await page.goto(`/app/admin/${part}/new`);
	await page.waitForSelector('.members');
	for (const [name, value] of Object.entries(fields)) {
		const at = page.locator(`#f-${name}`);
		if (await at.evaluate((e) => e.tagName) === 'SELECT')
			await at.selectOption(value);
		else
			await at.fill(value);
	}
	await press(page, 'Save');
	await page.waitForSelector('.table');
}

async function kept() {
	const token = (await ask(base, 'POST', '/auth/login', { body: { email: admin, password: adminPassword } })).access_token;
	const read = (path) => ask(base, 'GET', path, { token });
	const page = await open({ email: admin, password: adminPassword });
	await make(page, 'titles', { title: EVIL, year: '1999', synopsis: EVIL, min_age: '0', state: 'published', genres: 'drama' });
	const film = (await read('/admin/ondemand/movies?limit=1')).items[0];
	is(`${film.title} ${film.state} ${film.year ?? 1999}`, `${EVIL} published 1999`, 'a title');
	await page.click(`.table a:has-text("${EVIL}")`);
	await page.waitForSelector('#f-title');
	await page.fill('#f-title', 'Renamed');
	await press(page, 'Save');
	await page.waitForSelector('.table a:has-text("Renamed")');
	ok(true, '  gets another name');
	await make(page, 'rules', { type: 'rental', content_id: String(film.id), 'price-amount': '299', 'price-currency': 'EUR' });
	const rule = (await read(`/admin/rights/rules?content_id=${film.id}`)).items[0];
	is(`${rule.type} ${rule.price.amount}`, 'rental 299', 'a rule about it');
	await page.goto('/app/admin/titles');
	await page.click('.table a:has-text("Renamed")');
	await press(page, 'Delete');
	await page.click('dialog button.danger');
	await page.waitForSelector('.table');
	await page.waitForSelector('.table a:has-text("Renamed")', { state: 'detached' });
	ok(true, '  and goes');
	await make(page, 'channels', { name: EVIL, number: '777', state: 'published' });
	ok((await read('/admin/livetv/channels?limit=100')).items.some((c) => c.number === 777 && c.name === EVIL), 'a channel');
	await make(page, 'plans', { code: 'weekend', name: EVIL, 'price-amount': '199', 'price-currency': 'EUR', period: 'week' });
	ok((await read('/admin/rights/plans?limit=100')).items.some((p) => p.code === 'weekend' && p.period === 'week'), 'a plan');
	await make(page, 'feeds', { name: EVIL, url: 'https://ann:kettle@guide.example/tv.xml', format: 'xmltv', period: '7200' });
	const feed = (await read('/admin/livetv/feeds?limit=100')).items.find((f) => f.name === EVIL && f.period === 7200);
	await page.click('.table button:has-text("Fetch")');
	await page.waitForSelector('text=within a minute');
	ok(feed && Date.parse((await read(`/admin/livetv/feeds/${feed.id}`)).status.next_at) <= Date.now(), 'a feed, to be fetched');
	const email = `made-${process.pid}@example.org`;
	await make(page, 'users', { email, password: 'tall green kettle', name: EVIL });
	await page.goto(`/app/admin/users?q=${email}`);
	await page.click(`.table a:has-text("${email}")`);
	await page.waitForSelector('#f-status');
	await page.selectOption('#f-status', 'suspended');
	await press(page, 'Save');
	await page.waitForSelector('.tag.bad');
	is((await read(`/admin/users?q=${email}`)).items[0].status, 'suspended', 'an account is made, and suspended');
	await page.goto('/app/admin/plans/new');
	await page.waitForSelector('.members');
	await press(page, 'Save');
	await page.waitForSelector('.notice');
	ok(/name/.test(await page.textContent('.notice')), 'what is missing is named');
	await page.goto('/app/admin/audit');
	await page.waitForSelector('.audit li');
	await page.click('.audit summary');
	await page.waitForSelector('.audit ins, .audit del');
	ok(true, 'and all of it is in the record of changes');
	page.wrong = page.wrong.filter((text) => !/status of (400|422)/.test(text)); // the form without a name
	await close(page, 'administration');
}

await together([['plans', plans], ['buying', buying], ['data', data], ['administration', kept]]);
await browser.close();
done();
