// The start page: the gate for who is not signed in, else what is on and what there is.
import { forget, me, onSessionEnd } from './api.js';
import { element } from './dom.js';
import { showGate } from './gate.js';
import { guideSection } from './guide.js';
import { watchHealth } from './health.js';
import { titleSection } from './titles.js';

const main = document.querySelector('#main');
const account = document.querySelector('#account');
let stopGuide = () => {};

function leave(problem) {
	forget();
	stopGuide();
	account.replaceChildren();
	document.title = 'Antenna';
	showGate(main, enter, problem);
}

async function showAccount() {
	const out = element('button', { type: 'button', onclick: () => leave() }, 'Sign out');
	account.replaceChildren(out);
	try {
		const user = await me();
		out.before(element('span', {}, user.name || user.email));
	} catch (problem) {
		if (problem.status !== 401)
			out.before(element('span', { class: 'bad' }, problem.message));
	}
}

function enter() {
	const guide = guideSection();
	stopGuide = guide.stop;
	main.replaceChildren(guide.whole, titleSection('movies', 'Films'), titleSection('series', 'Series'));
	showAccount();
	main.focus({ preventScroll: true });
	scrollTo(0, 0);
}

onSessionEnd(leave);
watchHealth(document.querySelector('#health'));
leave();
