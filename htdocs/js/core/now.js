// The time, for what a page shows of it.
import { onBeforeUnmount, onMounted, ref } from 'vue';

/** The time as a page knows it: anew after so many milliseconds. @param {number} ms */
export function useNow(ms) {
	const now = ref(Date.now());
	/** @type {any} */
	let timer;
	onMounted(() => { timer = setInterval(() => { now.value = Date.now(); }, ms); });
	onBeforeUnmount(() => clearInterval(timer));
	return now;
}
