// Paged lists. A list is kept by its key while the app runs, so that going back finds it as it was
// left.
import { ref, shallowRef } from 'vue';

const KEPT = 24;
/** @type {Map<string, ReturnType<typeof makeList>>} */
const lists = new Map();

/** @typedef {{items: any[], next: string | null}} Page */

/** @param {(cursor: string | null) => Promise<Page>} load */
function makeList(load) {
	const items = shallowRef(/** @type {any[]} */ ([]));
	const state = ref(/** @type {'idle' | 'loading' | 'failed' | 'done'} */ ('idle'));
	const problem = shallowRef(/** @type {any} */ (null));
	/** @type {string | null} */
	let next = null;
	const seen = new Set();

	async function more() {
		if (state.value === 'loading' || state.value === 'done')
			return;
		state.value = 'loading';
		try {
			const page = await load(next);
			const fresh = page.items.filter((item) => {
				const id = item.id ?? item.content?.id ?? item.channel?.id;
				return id === undefined || (!seen.has(id) && seen.add(id));
			});
			items.value = items.value.concat(fresh);
			next = page.next;
			problem.value = null;
			state.value = next ? 'idle' : 'done';
		} catch (cause) {
			problem.value = cause;
			state.value = 'failed';
		}
	}

	/** @param {(item: any) => boolean} test */
	function drop(test) {
		items.value = items.value.filter((item) => !test(item));
	}

	return { items, state, problem, more, drop };
}

/** @typedef {ReturnType<typeof makeList>} List */

/**
 * The list of that key; its first page is asked for when it is new.
 * @param {string} key
 * @param {(cursor: string | null) => Promise<Page>} load
 */
export function useList(key, load) {
	let list = lists.get(key);
	if (!list) {
		list = makeList(load);
		lists.set(key, list);
		if (lists.size > KEPT)
			lists.delete(/** @type {string} */ (lists.keys().next().value));
	}
	// Later, so that whoever computes with this does not depend on the state: it would ask for ever.
	const { items, state, more } = list;
	queueMicrotask(() => {
		if (state.value === 'idle' && !items.value.length || state.value === 'failed')
			more();
	});
	return list;
}

/** @param {string} [prefix] */
export function forgetLists(prefix = '') {
	for (const key of [...lists.keys()])
		if (key.startsWith(prefix))
			lists.delete(key);
}
