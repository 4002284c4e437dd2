// The start page: the gate for who is not signed in, else what is on and what there is.
import { me, onSessionEnd, signOut } from './api.js';
import { element } from './dom.js';
import { showGate } from './gate.js';
import { guideSection } from './guide.js';
import { watchHealth } from './health.js';
import { titleSection } from './titles.js';

const main = document.querySelector('#main');
const account = document.querySelector('#account');
let stopGuide = () => {};

function leave(problem) {
	stopGuide();
	account.replaceChildren();
	document.title = 'Antenna';
	showGate(main, enter, problem);
}

async function out() {
	leave();
	try {
		await signOut();
	} catch (problem) {
		console.warn(`The session was not ended: ${problem.message}`);
	}
}

async function showAccount() {
	const button = element('button', { type: 'button', onclick: out }, 'Sign out');
	account.replaceChildren(button);
	try {
		const user = await me();
		button.before(element('span', {}, user.name || user.email));
	} catch (problem) {
		if (problem.status !== 401)
			button.before(element('span', { class: 'bad' }, problem.message));
	}
}

function enter() {
	const guide = guideSection();
	stopGuide = guide.stop;
	main.replaceChildren(guide.whole,
		titleSection('movies', 'Films'), titleSection('series', 'Series'));
	showAccount();
	main.focus({ preventScroll: true });
	scrollTo(0, 0);
}

onSessionEnd(leave);
watchHealth(document.querySelector('#health'));
leave();
