// A forgotten password, from the page for signing in to the one behind it, by keyboard and in both languages; started by forgot.t.
// The second argument is where the post office of the test keeps its letters.
import { accessible, account, clean, close, comes, done, is, launch, linkTo, ok, openAs, openPage, picture } from './lib.mjs';

const [base, letters] = process.argv.slice(2);
const browser = await launch();
const expected = /status of 4(01|03|22)/; // the browser says of each refusal that there was one

const who = await account(base, 'Flo');
const elsewhere = await openAs(browser, base, who, { expected });
const page = await openPage(browser, base, { expected, locale: 'en-GB', bypassCSP: true });

await page.goto('/app/sign-in?to=%2Fapp%2Flist');
await page.fill('input[name=email]', who.email);
await page.getByRole('link', { name: 'Forgot your password?' }).press('Enter');
await page.waitForURL(/\/app\/forgot/);
ok(await comes(page, () => document.activeElement?.getAttribute('name') === 'email'), 'the page that asks for the address has the focus in its field');
await accessible(page, 'asking');
await picture(page, 'forgot');
await page.keyboard.type(who.email);
await page.keyboard.press('Enter');
await page.waitForSelector('[role=status]:has-text("a mail is on its way")');
await picture(page, 'forgot-asked');
const link = await linkTo(letters, who.email);

await page.goto(link);
ok(await comes(page, () => document.activeElement?.getAttribute('name') === 'new_password'), 'the link leads to a field for the new password');
await accessible(page, 'the new password');
await picture(page, 'reset');
await page.keyboard.type('password');
await page.keyboard.press('Enter');
ok(await comes(page, () => document.querySelector('input[name=new_password][aria-invalid]')), 'a common one is refused at the field');
await page.fill('input[name=new_password]', 'a quite new kettle');
await page.keyboard.press('Enter');
await page.waitForSelector('[role=status]:has-text("All devices were signed out")');
await picture(page, 'reset-done');
await page.getByRole('link', { name: 'Sign in' }).click();
await page.waitForURL(/sign-in/);
await page.fill('input[name=email]', who.email);
await page.fill('input[name=password]', 'a quite new kettle');
await page.keyboard.press('Enter');
await page.waitForURL((url) => url.pathname === '/');
ok(true, 'who has set it signs in with it');

await elsewhere.reload();
await elsewhere.waitForURL(/sign-in/);
ok(true, 'another device is signed out');
await close(elsewhere, 'the other device');

await page.goto('about:blank');
await page.goto(link);
await page.fill('input[name=new_password]', 'one more kettle');
await page.keyboard.press('Enter');
await page.waitForSelector('[role=alert]:has-text("Ask for another one")');
await page.getByRole('button', { name: 'Deutsch' }).click();
ok(await comes(page, () => document.querySelector('h1')?.textContent === 'Ein neues Passwort'), 'a link is good once; the page speaks German, too');
await picture(page, 'reset-again');
clean(page, 'a forgotten password');
await browser.close();
done();
