// A list of films or series, a page at a time: "more" asks with the cursor of the page before.
import { titles } from './api.js';
import { element, ghosts, notice, section } from './dom.js';

const TINTS = 6;

function poster(item) {
	if (!item.poster)
		return null;
	return element('img', { class: 'poster', src: item.poster, alt: '', loading: 'lazy' });
}

function card(item) {
	const heading = element('h3', {}, item.title);
	const picture = poster(item);
	const top = picture || element('div', { class: `poster tint-${item.id % TINTS}` }, heading);
	const length = item.runtime && `${Math.round(item.runtime / 60)} min`;
	const meta = [item.year, length, item.rating?.code].filter(Boolean).join(' · ');
	return element('li', { class: 'title', tabindex: -1 },
		top, picture && heading, element('p', { class: 'meta' }, meta));
}

export function titleSection(kind, heading) {
	const list = element('ul', { class: 'titles' });
	const said = element('div', {});
	const button = element('button', { class: 'more', type: 'button', onclick: () => load(true) },
		`More ${heading.toLowerCase()}`);
	const whole = section(kind, heading);
	let cursor = null;

	function busy(on) {
		whole.setAttribute('aria-busy', String(on));
		button.disabled = on;
	}

	// focus: go on where the old end was, for those who came by keyboard.
	async function load(focus) {
		const waiting = ghosts('li', 'poster', 6);
		busy(true);
		said.replaceChildren();
		list.append(...waiting);
		try {
			const page = await titles(kind, cursor);
			const cards = page.items.map(card);
			waiting[0].before(...cards);
			cursor = page.next;
			button.hidden = !cursor;
			if (!list.querySelector('.title'))
				said.replaceChildren(element('p', { class: 'quiet' }, 'Nothing is here yet.'));
			if (focus)
				cards[0]?.focus({ preventScroll: true });
		} catch (problem) {
			button.hidden = true;
			said.replaceChildren(notice(problem, () => load(true)));
		}
		waiting.forEach((ghost) => ghost.remove());
		busy(false);
	}

	whole.append(list, said, button);
	button.hidden = true;
	load(false);
	return whole;
}
