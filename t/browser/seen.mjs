// What a viewer says of what was watched, by mouse and by the keys of a remote, each looked at over the API afterwards; started by seen.t.
import { keyboard, mouse } from './hands.mjs';
import { accessible, account, ask, close, comes, done, filmThat, is, launch, ok, openAs, subscribe, together } from './lib.mjs';

const [base] = process.argv.slice(2);
const browser = await launch();
const granted = (decision) => decision.granted;
const button = (page, name, scope = page) => scope.getByRole('button', { name, exact: true });
const told = (page, method, path) => page.waitForResponse((r) => r.request().method() === method && new URL(r.url()).pathname === path);
const picture = (page, name) => process.env.TV_BROWSER_PICTURES && page.screenshot({ path: `${process.env.TV_BROWSER_PICTURES}/${name}.png` });

/** Watches something to a position, beside the pages. */
async function watched(who, id, position) {
	const { session_id: session } = await ask(base, 'GET', `/play/ondemand/${id}`, who);
	await ask(base, 'POST', `/play/sessions/${session}/heartbeat`, { ...who, body: { position, seq: 1, event: 'stop' } });
}
const progress = async (who, ...ids) => (await ask(base, 'GET', `/users/progress?ids=${ids.join(',')}`, who)).items;
const seen = async (who, ...ids) => (await progress(who, ...ids)).map((i) => Number(i.seen)).join(' ');
const titles = async (who, list) => (await ask(base, 'GET', `/users/${list}`, who)).items.map((i) => i.content.title).join(', ');

/** A series of several seasons, for a subscriber: with the episodes of the first one. */
async function seriesFor(who) {
	await subscribe(base, who);
	const { items: [{ id }] } = await ask(base, 'GET', '/ondemand/series?limit=1&sort=title', who);
	return { ...await ask(base, 'GET', `/ondemand/series/${id}`, who), episodes: (await ask(base, 'GET', `/ondemand/series/${id}/episodes?season=1`, who)).items };
}

async function film(hand) {
	const who = await account(base, `Una-${hand.name}`);
	const movie = await filmThat(base, who, granted);
	await watched(who, movie.id, 60);
	const page = await openAs(browser, base, who, { bypassCSP: true });
	await page.waitForSelector('.rail h2:has-text("Continue watching")');
	await page.goto(`/app/movies/${movie.id}`);
	await page.waitForSelector('.access .button.main:has-text("Resume")');
	let said = told(page, 'PUT', `/users/history/${movie.id}`);
	await hand.press(page, button(page, 'Mark as seen'));
	await button(page, 'Seen: Mark as not seen').waitFor();
	await said;
	await page.waitForSelector('.access .button.main:has-text("Play")');
	is(await seen(who, movie.id), '1', `${hand.name}: a film is seen`);
	await accessible(page, `a film that is seen, by ${hand.name}`);
	await page.click('.brand');
	await page.waitForSelector('.rail');
	ok(await comes(page, () => document.querySelectorAll('.rail').length > 2 && !document.body.textContent.includes('Continue watching')), '  and is not gone on with on the first page');
	await page.goBack();
	said = told(page, 'DELETE', `/users/history/${movie.id}`);
	await hand.press(page, button(page, 'Seen: Mark as not seen'));
	await said;
	await button(page, 'Mark as seen').waitFor();
	is(await seen(who, movie.id), '0', '  and not seen');
	await page.route('**/users/history/*', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"status": 503, "code": "unavailable"}' }));
	page.wrong.length = 0;
	await hand.press(page, button(page, 'Mark as seen'));
	await page.waitForSelector('.toast.bad');
	await button(page, 'Mark as seen').waitFor();
	is(await seen(who, movie.id), '0', '  what the service refuses is taken back');
	page.wrong = page.wrong.filter((text) => !/503/.test(text));
	await close(page, `a film, by ${hand.name}`);
}

async function episodes(hand) {
	const who = await account(base, `Ole-${hand.name}`);
	const series = await seriesFor(who);
	const [one, two, three] = series.episodes;
	await watched(who, two.id, 60);
	const page = await openAs(browser, base, who, { bypassCSP: true });
	const playsNext = (id) => comes(page, (to) => document.querySelector('.access .button.main')?.getAttribute('href') === to, `/app/watch/episodes/${id}`);
	await page.waitForSelector(`.card.wide .meta:has-text("${series.title}")`);
	ok(true, `${hand.name}: what is gone on with names its series`);
	await page.goto(`/app/series/${series.id}`);
	ok(await playsNext(two.id), '  whose page goes on with the episode that was begun');
	await hand.press(page, button(page, `${two.title}: Mark as seen`));
	await page.waitForSelector('.facts:has-text("1 of")');
	ok(await playsNext(three.id), '  and with the next one, when that is seen');
	await hand.press(page, button(page, 'Mark season as seen'));
	await button(page, 'Season seen: Mark season as not seen').waitFor();
	await page.waitForSelector(`.facts:has-text("${series.episodes.length} of")`);
	is(await page.locator('.episodes li .seen[aria-pressed="true"]').count(), series.episodes.length, '  a season is all of its episodes');
	is(await seen(who, series.seasons[0].id, one.id, series.id), '1 1 0', '  as the service says');
	await accessible(page, `a series, by ${hand.name}`);
	await hand.press(page, button(page, 'Mark as seen'));
	await button(page, 'Seen: Mark as not seen').waitFor();
	await page.waitForSelector(`.facts:has-text("${(await progress(who, series.id))[0].episodes.count} of")`);
	is(await titles(who, 'continue-watching'), '', '  a series that is seen is not gone on with');
	await hand.press(page, button(page, 'Seen: Mark as not seen'));
	await hand.press(page, button(page, 'Cancel', page.locator('dialog')));
	is(await seen(who, series.id), '1', '  and stays seen until who is asked says yes');
	await hand.press(page, button(page, 'Seen: Mark as not seen'));
	await hand.press(page, button(page, 'Mark as not seen', page.locator('dialog')));
	await button(page, 'Mark as seen').waitFor();
	ok(await comes(page, () => !document.querySelector('.episodes li .seen[aria-pressed="true"]')), '  then none of it is');
	is(await titles(who, 'history'), '', '  nor was any watched');
	await close(page, `a series, by ${hand.name}`);
}

async function history(hand) {
	const who = await account(base, `Ida-${hand.name}`);
	const movie = await filmThat(base, who, granted);
	const { episodes: [one, two] } = await seriesFor(who);
	for (const id of [movie.id, one.id, movie.id, two.id])
		await watched(who, id, 60);
	const page = await openAs(browser, base, who, { bypassCSP: true });
	await page.goto('/app/list?part=history');
	await button(page, `Remove “${one.title}”`).waitFor();
	is(await page.locator('.cells .card').count(), 4, `${hand.name}: what was watched`);
	await accessible(page, `what was watched, by ${hand.name}`);
	await picture(page, `history-${hand.name}`);
	const said = told(page, 'DELETE', `/users/history/${movie.id}`);
	await hand.press(page, button(page, `Remove “${movie.title}”`));
	await said;
	ok(await comes(page, () => document.querySelectorAll('.cells .card').length === 2), '  without one title, however often');
	is(await titles(who, 'history'), `${two.title}, ${one.title}`, '  as the service says');
	ok(await page.evaluate(() => document.activeElement !== document.body), '  and the focus is not lost');
	await hand.press(page, button(page, 'Begun'));
	await hand.press(page, page.getByRole('button', { name: /^Remove “/ }));
	ok(await comes(page, () => !document.querySelector('.cells .card')), '  what is begun can be taken off its list');
	is(await titles(who, 'continue-watching'), '', '  as the service says');
	await hand.press(page, button(page, 'Watched'));
	await hand.press(page, button(page, 'Clear history'));
	await accessible(page, 'the question before it is cleared');
	await hand.press(page, button(page, 'Cancel', page.locator('dialog')));
	is(await titles(who, 'history'), `${two.title}, ${one.title}`, '  cancel clears nothing');
	await hand.press(page, button(page, 'Clear history'));
	await hand.press(page, button(page, 'Clear history', page.locator('dialog')));
	await page.waitForSelector('.toast:has-text("cleared")');
	is(await titles(who, 'history'), '', '  and then it is');
	is(await page.locator('.cells .card').count() + await button(page, 'Clear history').count(), 0, '  and there is nothing more to clear');
	await close(page, `what was watched, by ${hand.name}`);
}

/** Two tabs, and words in German. */
async function tabs() {
	const who = await account(base, 'Zoe');
	const movie = await filmThat(base, who, granted);
	const page = await openAs(browser, base, who, { locale: 'de-DE' });
	const other = await page.context().newPage();
	for (const tab of [page, other]) {
		await tab.goto(`/app/movies/${movie.id}`);
		await button(tab, 'Als gesehen markieren').waitFor();
	}
	const said = told(other, 'PUT', `/users/history/${movie.id}`);
	await button(other, 'Als gesehen markieren').click();
	await said;
	await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange'))); // of a browser without a screen, in which all tabs are seen
	await button(page, 'Gesehen: Als nicht gesehen markieren').waitFor();
	ok(true, 'a tab that is seen again knows what was marked in another one');
	await close(page, 'two tabs');
}

await together([
	...[mouse, keyboard].flatMap((hand) => [film, episodes, history].map((part) => [`${part.name}, ${hand.name}`, () => part(hand)])),
	['tabs', tabs],
]);
await browser.close();
done();
