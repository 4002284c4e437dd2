// What a player plays, by name: a title, or a channel and what is on it.
import { onBeforeUnmount, onMounted, shallowRef } from 'vue';
import * as api from './api.js';
import { time } from './clock.js';
import { entitle, useHere } from './router.js';

const GRACE_MS = 2000;
/** Not more often than this is asked what is on. */
const LEAST_MS = 30000;

/** It may come late, and changes with the programme. */
export function useSubject(/** @type {number} */ id, /** @type {string} */ kind, /** @type {string | null} */ start) {
	const live = kind === 'live';
	const subject = shallowRef(/** @type {any} */ ({ id, title: '', kind: live ? 'channel' : kind === 'episodes' ? 'episode' : 'movie', series: {}, season: {} }));
	const programme = shallowRef(/** @type {any} */ (null));

	/** @type {any} */
	let timer;
	const here = useHere();
	async function loadLive() {
		const channel = await api.get(`/livetv/channels/${id}`);
		subject.value = { ...channel, title: channel.name, kind: 'channel' };
		programme.value = channel.now;
		if (start) {
			const from = new Date(start);
			const page = await api.get('/livetv/epg', { channels: id, from: from.toISOString(), to: new Date(from.getTime() + 60000).toISOString() });
			programme.value = page.items[0]?.programmes[0] || channel.now;
		}
	}
	async function loadTitle() {
		subject.value = await api.get(`/ondemand/${kind}/${id}`);
	}
	/** Its name is beside what plays: it may come late. On a channel something else is on when that ends. */
	async function load() {
		let wait = LEAST_MS;
		try {
			await (live ? loadLive() : loadTitle());
			wait = !live || start ? Infinity : programme.value ? Math.max(LEAST_MS, Date.parse(programme.value.end) - time() + GRACE_MS) : LEAST_MS;
		} catch (cause) {
			if (/** @type {any} */ (cause).status === 404)
				return; // which the player says
		}
		if (!here())
			return;
		entitle(subject.value.title);
		if (wait < Infinity)
			timer = setTimeout(load, wait);
	}
	onMounted(load);
	onBeforeUnmount(() => clearTimeout(timer));
	return { subject, programme };
}
