// The light in the bar: what /health says, asked every half minute while the page is looked at.
import { health } from './api.js';

const PERIOD_MS = 30000;
const words = {
	ok: 'All services run',
	degraded: 'Some services are away',
	down: 'The service is down',
};

function show(line, state) {
	line.dataset.state = state;
	if (line.textContent !== words[state])
		line.textContent = words[state];
}

async function ask(line) {
	try {
		const { status } = await health();
		show(line, status in words ? status : 'down');
	} catch (problem) {
		show(line, 'down');
	}
}

export function watchHealth(line) {
	ask(line);
	setInterval(() => document.hidden || ask(line), PERIOD_MS);
}
