// What is done again and again while a page is seen: nobody looks at a tab that is hidden, and who comes back to it finds it as
// it is now.
import { onBeforeUnmount, onMounted, ref } from 'vue';
import { time } from './clock.js';

/** When a page is seen again, and when it is not any more. @param {() => void} look */
export function useSight(look) {
	onMounted(() => {
		document.addEventListener('visibilitychange', look);
		addEventListener('pageshow', look);
	});
	onBeforeUnmount(() => {
		document.removeEventListener('visibilitychange', look);
		removeEventListener('pageshow', look);
	});
}

/** Every so many milliseconds while it is seen, and at once when it is seen again after that. @type {(ms: number, work: () => void) => void} */
export function useEvery(ms, work) {
	let last = Date.now();
	/** @type {any} */
	let timer;

	function tick() {
		if (document.hidden)
			return;
		last = Date.now();
		work();
	}
	useSight(() => { if (Math.abs(Date.now() - last) >= ms) tick(); });
	onMounted(() => { timer = setInterval(tick, ms); });
	onBeforeUnmount(() => clearInterval(timer));
}

/** The time as a page knows it: anew after so many milliseconds. @param {number} ms */
export function useNow(ms) {
	const now = ref(time());
	useEvery(ms, () => { now.value = time(); });
	return now;
}
