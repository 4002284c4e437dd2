// Elements as expressions. Text from the service only ever becomes text nodes and attributes, never
// markup.

export function element(name, attributes = {}, ...children) {
	const made = document.createElement(name);
	for (const [key, value] of Object.entries(attributes)) {
		if (key.startsWith('on'))
			made.addEventListener(key.slice(2), value);
		else if (value !== null && value !== undefined && value !== false)
			made.setAttribute(key, value === true ? '' : value);
	}
	made.append(...children.filter((child) => child !== null && child !== undefined));
	return made;
}

// What went wrong, and a way on. again: called by the button.
export function notice(problem, again) {
	const id = problem.requestId
		&& element('p', { class: 'quiet' }, `Request ${problem.requestId}`);
	const button = again && element('button', { type: 'button', onclick: again }, 'Try again');
	return element('div', { class: 'notice', role: 'alert' },
		element('p', {}, problem.message), id, button);
}

export function section(id, heading) {
	const title = element('h2', { id: `${id}-heading` }, heading);
	return element('section', { class: 'section', id, 'aria-labelledby': `${id}-heading` }, title);
}

export function ghosts(name, className, n) {
	const attributes = { class: `${className} ghost`, 'aria-hidden': 'true' };
	return Array.from({ length: n }, () => element(name, attributes));
}
