// What failed and may be over in a moment is tried again: not by all at once, and not where nobody looks.
import { onBeforeUnmount, onMounted, watch } from 'vue';

const AGAIN_MS = 6000;

/** No network, no service, too much at once. @param {any} problem */
export const isPassing = (problem) => problem?.status ? [429, 502, 503, 504].includes(problem.status) : ['timeout', 'unreachable', 'away'].includes(problem?.code);

/** So long one waits before that, in milliseconds. @param {any} problem */
export const waitFor = (problem) => Math.max(AGAIN_MS, (problem.retryAfter || 0) * 1000) * (1 + Math.random() / 2);

/** Once somebody looks. @returns {Promise<void>} */
export function seen() {
	return new Promise((done) => {
		function look() {
			if (document.hidden)
				return;
			document.removeEventListener('visibilitychange', look);
			done();
		}
		document.addEventListener('visibilitychange', look);
		look();
	});
}

/** Tries again while there is a problem that may pass, and at once when the network is back. @type {(problem: () => any, retry: () => void) => void} */
export function useAgain(problem, retry) {
	/** @type {any} */
	let timer;
	let turn = 0;
	const stop = () => {
		turn++;
		clearTimeout(timer);
	};
	const online = () => { if (problem()) retry(); };

	watch(problem, (now) => {
		stop();
		const mine = turn;
		if (isPassing(now))
			timer = setTimeout(() => seen().then(() => { if (mine === turn) retry(); }), waitFor(now));
	}, { immediate: true });
	onMounted(() => addEventListener('online', online));
	onBeforeUnmount(() => {
		stop();
		removeEventListener('online', online);
	});
}
