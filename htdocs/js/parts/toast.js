// Short messages at the edge of the screen.
import { reactive } from 'vue';
import { html } from '../core/html.js';
import { explain } from './states.js';

const SHOWN_MS = 5000;
/** @type {{id: number, text: string, bad: boolean}[]} */
const messages = reactive([]);
let last = 0;

/** @type {(text: string, bad?: boolean) => void} */
export function say(text, bad = false) {
	if (messages.some((m) => m.text === text))
		return; // said already
	const id = ++last;
	messages.push({ id, text, bad });
	setTimeout(() => {
		const at = messages.findIndex((m) => m.id === id);
		if (at >= 0)
			messages.splice(at, 1);
	}, SHOWN_MS);
}

/** @param {any} problem */
export const complain = (problem) => say(explain(problem), true);

export const Toasts = {
	setup: () => () => html`<div class="toasts" role="status" aria-live="polite">
		${messages.map((m) => html`<p key=${m.id} class=${m.bad ? 'toast bad' : 'toast'}>${m.text}</p>`)}
	</div>`,
};
