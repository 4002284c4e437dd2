// Another e-mail address: asked for among the account's data, and confirmed by the link that comes there; started by email.t.
// The second argument is where the post office of the test keeps its letters.
import { accessible, account, clean, close, comes, done, is, launch, linkTo, ok, openAs, openPage, picture, scenario } from './lib.mjs';

const [base, letters] = process.argv.slice(2);
const browser = await launch();
const expected = /status of 4(01|03|09)/; // the browser says of each refusal that there was one

await scenario('another address', async () => {
	const who = await account(base, 'Ada');
	const taken = await account(base, 'Bea');
	const wanted = `new-${who.email}`;
	const page = await openAs(browser, base, who, { expected, bypassCSP: true });
	await page.goto('/app/account/data');

	/** Fills the form in by keyboard. */
	async function change(email, password) {
		await page.fill('input[name=email]', email);
		await page.fill('input[name=email_password]', password);
		await page.keyboard.press('Enter');
	}
	await change(wanted, 'a wrong kettle');
	await page.waitForSelector('[role=alert]:has-text("password is wrong")');
	await change(taken.email, who.password);
	await page.waitForSelector('[role=alert]:has-text("account with this address already")');
	await change(wanted, who.password);
	await page.waitForSelector(`[role=status]:has-text("on its way to ${wanted}")`);
	is(await page.inputValue('input[name=email_password]'), '', 'the password does not stay');
	await accessible(page, 'the form');
	await picture(page, 'email-asked');
	const link = await linkTo(letters, wanted);

	const fresh = await openPage(browser, base, { expected, bypassCSP: true, width: 360, height: 740 });
	await fresh.goto(link);
	ok(await comes(fresh, () => document.activeElement?.textContent === 'Use this address'), 'the link leads to a button');
	await page.reload();
	ok(await comes(page, (email) => document.body.textContent.includes(email), who.email), 'and looking at it changes nothing');
	await accessible(fresh, 'the question');
	await picture(fresh, 'email-confirm');
	await fresh.keyboard.press('Enter');
	await fresh.waitForSelector('[role=status]:has-text("The new address holds")');
	await fresh.getByRole('link', { name: 'Sign in' }).click();
	await fresh.waitForSelector('input[name=password]');
	await fresh.fill('input[name=email]', wanted);
	await fresh.fill('input[name=password]', who.password);
	await fresh.keyboard.press('Enter');
	await fresh.waitForURL((url) => url.pathname === '/');
	ok(true, 'who has confirmed it signs in with it');
	await page.reload();
	ok(await comes(page, (email) => [...document.querySelectorAll('p')].some((p) => p.textContent === email), wanted), 'where it was asked for nobody is signed out, and it is shown');

	await page.goto(link);
	await page.getByRole('button', { name: 'Use this address' }).press('Enter');
	await page.waitForSelector('[role=alert]:has-text("This link was used")');
	await close(fresh, 'where the link was opened');
	clean(page, 'where it was asked for');
});

await browser.close();
done();
