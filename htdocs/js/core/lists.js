// Paged lists. A list is kept by its key while the app runs, so that going back finds it as it was
// left.
import { ref, shallowRef } from 'vue';

const KEPT = 24;
/** So long what was loaded is good enough to come back to. */
const FRESH_MS = 30 * 60000;
/** @type {Map<string, ReturnType<typeof makeList>>} */
const lists = new Map();

/** @typedef {{items: any[], next: string | null}} Page */

/** @param {any} item */
const idOf = (item) => item.id ?? item.content?.id ?? item.channel?.id ?? item;

/** @param {(cursor: string | null) => Promise<Page>} load */
function makeList(load) {
	const items = shallowRef(/** @type {any[]} */ ([]));
	const state = ref(/** @type {'idle' | 'loading' | 'renewing' | 'failed' | 'done'} */ ('idle'));
	const problem = shallowRef(/** @type {any} */ (null));
	/** @type {string | null} */
	let next = null;

	/** What is there and what came, each once. @type {(before: any[], came: any[]) => any[]} */
	function joined(before, came) {
		const seen = new Set(before.map(idOf));
		return before.concat(came.filter((item) => !seen.has(idOf(item)) && seen.add(idOf(item))));
	}

	/** Cursors of before an upgrade may be none any more: as many as there are come again, and the page after them. @type {(cause: any) => Promise<Page>} */
	async function fromTheBeginning(cause) {
		if (!next || cause.code !== 'invalid_cursor')
			throw cause;
		let page = await load(null);
		let all = page.items;
		for (; page.next && all.length <= items.value.length; all = joined(all, page.items))
			page = await load(page.next);
		return { items: all, next: page.next };
	}

	async function more() {
		if (state.value !== 'idle' && state.value !== 'failed')
			return;
		state.value = 'loading';
		try {
			const page = await load(next).catch(fromTheBeginning);
			items.value = joined(items.value, page.items);
			next = page.next;
			problem.value = null;
			state.value = next ? 'idle' : 'done';
		} catch (cause) {
			problem.value = cause;
			state.value = 'failed';
		}
	}

	/** As much of it as there is, anew and at once; it stays as it was when that cannot be had. */
	async function renew() {
		if (state.value !== 'idle' && state.value !== 'done')
			return;
		const before = state.value;
		state.value = 'renewing';
		try {
			let page = await load(null);
			let all = page.items;
			while (page.next && all.length < items.value.length) {
				page = await load(page.next);
				all = joined(all, page.items);
			}
			[items.value, next] = [all, page.next];
			state.value = next ? 'idle' : 'done';
		} catch (cause) {
			state.value = before;
		}
	}

	/** Takes out what is not there any more. @param {(item: any) => boolean} gone */
	function drop(gone) {
		items.value = items.value.filter((item) => !gone(item));
	}

	return { items, state, problem, more, renew, drop, made: Date.now() };
}

/** @typedef {ReturnType<typeof makeList>} List */

/**
 * The list of that key; its first page is asked for when it is new, or was kept for too long.
 * @param {string} key
 * @param {(cursor: string | null) => Promise<Page>} load
 * @param {number} [fresh] milliseconds
 */
export function useList(key, load, fresh = FRESH_MS) {
	let list = lists.get(key);
	if (!list || Date.now() - list.made > fresh) {
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
