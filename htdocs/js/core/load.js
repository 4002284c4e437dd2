// What a page loads and shows, and what is done at a press.
import { onBeforeUnmount, ref, shallowRef } from 'vue';
import { complain } from '../parts/toast.js';

/**
 * Something that is loaded, again when it is asked for again: of several answers only that to the last question counts, and
 * none once the page is gone.
 * @template T
 * @param {() => Promise<T>} ask
 * @param {(value: T) => void} [then]
 */
export function useLoad(ask, then = () => {}) {
	const data = shallowRef(/** @type {any} */ (null));
	const problem = shallowRef(/** @type {any} */ (null));
	let turn = 0;

	async function load() {
		const mine = ++turn;
		problem.value = null;
		try {
			const value = await ask();
			if (mine !== turn)
				return;
			data.value = value;
			then(value);
		} catch (cause) {
			if (mine === turn)
				problem.value = cause;
		}
	}
	onBeforeUnmount(() => { turn++; });

	return { data, problem, load };
}

/**
 * Something that is done at a press: once, however often that comes before it is done; what it is refused for is told.
 * @template {any[]} A
 * @param {(...given: A) => Promise<any>} work
 */
export function useAct(work) {
	const busy = ref(false);

	/** @param {A} given */
	async function act(...given) {
		if (busy.value)
			return;
		busy.value = true;
		try {
			await work(...given);
		} catch (cause) {
			complain(cause);
		} finally {
			busy.value = false;
		}
	}

	return { busy, act };
}
