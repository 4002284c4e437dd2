// What is on now and next, a card a channel, side by side. Asked anew each five minutes; drawn anew
// each half minute, because now moves on without being asked.
import { guide } from './api.js';
import { element, ghosts, notice, section } from './dom.js';

const ASK_MS = 300000;
const DRAW_MS = 30000;

const clock = new Intl.DateTimeFormat([], { hour: 'numeric', minute: '2-digit' });

function time(instant) {
	return element('time', { datetime: instant }, clock.format(new Date(instant)));
}

function nowOf(programmes, at) {
	return programmes.find((p) => Date.parse(p.start) <= at && at < Date.parse(p.end));
}

function nextOf(programmes, at) {
	return programmes.find((p) => Date.parse(p.start) > at);
}

function running(programme, at) {
	if (!programme)
		return [element('p', { class: 'now quiet' }, 'Nothing is announced.')];
	const start = Date.parse(programme.start);
	const end = Date.parse(programme.end);
	return [
		element('h3', { class: 'now' }, programme.title),
		element('p', { class: 'quiet' }, time(programme.start), ' – ', time(programme.end)),
		element('progress', {
			max: end - start, value: at - start, 'aria-label': `${programme.title}: how far it is`,
		}),
	];
}

function channelCard({ channel, programmes }, at) {
	const next = nextOf(programmes, at);
	return element('li', { class: 'channel' },
		element('p', { class: 'name' },
			element('span', { class: 'number' }, String(channel.number)), channel.name),
		...running(nowOf(programmes, at), at),
		next ? element('p', { class: 'next quiet' }, time(next.start), ' ', next.title) : null);
}

export function guideSection() {
	const whole = section('guide', 'On now');
	const label = 'Channels, now and next';
	const strip = element('ul', { class: 'strip', tabindex: 0, 'aria-label': label });
	const said = element('div', {});
	let items = null;

	function draw() {
		const left = strip.scrollLeft;
		strip.replaceChildren(...items.map((item) => channelCard(item, Date.now())));
		strip.scrollLeft = left;
		strip.hidden = !items.length;
		if (!items.length)
			said.replaceChildren(element('p', { class: 'quiet' }, 'There are no channels yet.'));
	}

	async function ask() {
		whole.setAttribute('aria-busy', 'true');
		said.replaceChildren();
		if (!items)
			strip.replaceChildren(...ghosts('li', 'channel', 6));
		try {
			items = (await guide()).items;
			draw();
		} catch (problem) {
			strip.hidden = !items;
			said.replaceChildren(notice(problem, () => { strip.hidden = false; ask(); }));
		}
		whole.setAttribute('aria-busy', 'false');
	}

	const timers = [setInterval(ask, ASK_MS), setInterval(() => items && draw(), DRAW_MS)];
	whole.append(strip, said);
	ask();
	return { whole, stop: () => timers.forEach(clearInterval) };
}
