// How far the profile is in the titles of a page, and which of them it has seen: asked for by id. What is pressed is shown at once, and
// taken back when the service refuses.
import { onBeforeUnmount, shallowRef } from 'vue';
import * as api from './api.js';
import { useSight } from './now.js';
import { complain } from '../parts/toast.js';

const MOST = 100;

/** @typedef {{content_id: number, seen: boolean, progress: number, episodes: {count: number, seen: number} | null, next_episode: {id: number} | null}} Progress */

export function useSeen() {
	const known = shallowRef(/** @type {Map<number, Progress | undefined>} */ (new Map()));
	/** @type {Set<number>} */
	const wanted = new Set();
	let turn = 0;
	let telling = Promise.resolve();
	let untold = 0;

	/** Without an answer nothing is known of them, as of what is not there. @param {number[]} ids */
	async function ask(ids) {
		const mine = turn;
		for (let n = 0; n < ids.length; n += MOST) {
			const some = ids.slice(n, n + MOST);
			const items = await api.get('/users/progress', { ids: some.join(',') }).then((page) => page.items, () => some.map((id) => known.value.get(id)));
			if (mine !== turn)
				return;
			const next = new Map(known.value);
			some.forEach((id) => next.set(id, items.find((/** @type {any} */ i) => i?.content_id === id)));
			known.value = next;
		}
	}

	/** What the page shows, too. @param {number[]} ids */
	function want(ids) {
		const more = ids.filter((id) => !wanted.has(id));
		more.forEach((id) => wanted.add(id));
		if (more.length)
			ask(more);
	}

	/** What is marked changes what it is part of, and its parts. */
	function renew() {
		turn++;
		return ask([...wanted]);
	}

	/** @type {(id: number, seen: boolean) => void} */
	function show(id, seen) {
		const before = known.value.get(id);
		if (before)
			known.value = new Map(known.value).set(id, { ...before, seen, progress: 0 });
	}

	/** @type {(id: number, seen: boolean) => void} */
	function mark(id, seen) {
		turn++;
		untold++;
		show(id, seen);
		telling = telling.then(() => (seen ? api.put : api.remove)(`/users/history/${id}`)).catch((cause) => {
			show(id, !seen);
			complain(cause);
		}).then(() => { if (!--untold) renew(); });
	}

	onBeforeUnmount(() => {
		turn++;
		wanted.clear();
	});
	useSight(() => {
		if (!document.hidden && !untold)
			renew(); // it may have been watched, or marked, in another tab
	});

	return { want, mark, of: (/** @type {number} */ id) => known.value.get(id), asked: (/** @type {number} */ id) => known.value.has(id) };
}

/** @typedef {ReturnType<typeof useSeen>} Seen */
