// The guide's data: all channels in order, loaded page by page, and programmes in blocks of some
// channels and some hours, loaded when they come near the screen.
import { onBeforeUnmount, ref, shallowRef, triggerRef } from 'vue';
import { seen, waitFor } from './again.js';
import * as api from './api.js';
import { session } from './session.js';

const PAGE = 100;
const BLOCK_ROWS = 25;
const BLOCK_HOURS = 6;
const HOUR = 3600000;
const AT_ONCE = 3;
const KEPT_BLOCKS = 160;
const FRESH_MS = 10 * 60000;
const TIDY_EVERY = 8;

/** @typedef {{id: number, number: number, name: string, logo: string | null, group: string | null, country: string | null, catchup_hours: number}} Channel */
/** @typedef {{id: number, title: string, subtitle: string | null, start: string, end: string, category: string | null, from: number, to: number}} Programme */

/** @param {number} ms */
const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

function makeChannels() {
	const channels = shallowRef(/** @type {Channel[]} */ ([]));
	const complete = ref(false);
	const problem = shallowRef(/** @type {any} */ (null));
	const made = Date.now();
	/** @type {Promise<void> | null} */
	let running = null;
	/** @type {string | null} */
	let cursor = null;

	async function page() {
		for (;;) {
			try {
				return await api.get('/livetv/channels', { limit: PAGE, cursor });
			} catch (cause) {
				const p = /** @type {any} */ (cause);
				if (p.status !== 429)
					throw cause;
				await pause((p.retryAfter || 1) * 1000);
			}
		}
	}

	/** Goes on to the end, so that every channel has its place in the scroll bar. */
	async function loadAll() {
		problem.value = null;
		try {
			for (let n = 1; !complete.value; n++) {
				const { items, next } = await page();
				channels.value.push(...items);
				cursor = next;
				complete.value = !next;
				if (n <= 3 || n % TIDY_EVERY === 0 || !next)
					triggerRef(channels);
				await pause(n < 10 ? 0 : 15);
			}
		} catch (cause) {
			problem.value = cause;
		}
		running = null;
	}

	/** Until they are all there, or there is a problem. */
	function load() {
		running ??= complete.value ? null : loadAll();
		return running;
	}

	return { channels, complete, problem, load, made, profile: session.user?.profile.id };
}

/** @type {ReturnType<typeof makeChannels> | null} */
let kept = null;

/** The channels of the profile, kept for some minutes. */
export function useChannels() {
	if (!kept || Date.now() - kept.made > FRESH_MS || kept.profile !== session.user?.profile.id)
		kept = makeChannels();
	kept.load();
	return kept;
}

/** The channel so many places after another; the first follows the last. @type {(id: number, by: number) => Promise<Channel | undefined>} */
export async function channelBeside(id, by) {
	const { channels, load, problem } = useChannels();
	await load();
	if (problem.value)
		throw problem.value;
	const { length } = channels.value;
	const at = channels.value.findIndex((c) => c.id === id);
	return at < 0 ? undefined : channels.value[(at + by + length) % length];
}

/** @param {any} p @returns {Programme} */
const placed = (p) => ({ ...p, from: Date.parse(p.start), to: Date.parse(p.end) });

/**
 * Programmes of the channels of a list that the guide shows. version changes when there are more.
 * @param {() => Channel[]} rows
 */
export function useProgrammes(rows) {
	const version = ref(0);
	/** @type {Map<string, 'waiting' | 'failed' | Map<number, Programme[]>>} */
	const blocks = new Map();
	/** @type {{key: string, ids: number[], from: number}[]} */
	let queue = [];
	let running = 0;

	/** @type {(channel: number, at: number) => string} */
	const keyOf = (block, at) => `${block}@${at}`;

	function forgetOld() {
		for (const key of blocks.keys()) {
			if (blocks.size <= KEPT_BLOCKS)
				return;
			if (blocks.get(key) !== 'waiting')
				blocks.delete(key);
		}
	}

	/** @param {{key: string, ids: number[], from: number}} job */
	async function fetchBlock({ key, ids, from }) {
		running++;
		try {
			const page = await api.get('/livetv/epg', { channels: ids.join(','), limit: BLOCK_ROWS,
				from: new Date(from).toISOString(), to: new Date(from + BLOCK_HOURS * HOUR).toISOString() });
			const found = new Map(ids.map((id) => /** @type {[number, Programme[]]} */ ([id, []])));
			for (const { channel, programmes } of page.items)
				found.set(channel.id, programmes.map(placed));
			blocks.set(key, found);
			forgetOld();
		} catch (cause) {
			const p = /** @type {any} */ (cause);
			blocks.set(key, 'failed');
			setTimeout(() => seen().then(() => {
				blocks.delete(key);
				version.value++; // whoever looks at it asks again
			}), p.status === 429 ? (p.retryAfter || 1) * 1000 : waitFor(p));
		}
		running--;
		version.value++;
		next();
	}

	function next() {
		while (running < AT_ONCE && queue.length)
			fetchBlock(/** @type {any} */ (queue.shift()));
	}

	/** What is on the screen comes first; what left it before it was asked for is not asked for. */
	/** @type {(first: number, last: number, from: number, to: number) => void} */
	function want(first, last, from, to) {
		for (const job of queue)
			blocks.delete(job.key);
		queue = [];
		const list = rows();
		for (let at = Math.floor(from / HOUR / BLOCK_HOURS) * HOUR * BLOCK_HOURS; at < to; at += HOUR * BLOCK_HOURS) {
			for (let row = first - first % BLOCK_ROWS; row < last; row += BLOCK_ROWS) {
				const ids = list.slice(row, row + BLOCK_ROWS).map((c) => c.id);
				if (!ids.length)
					continue;
				const key = keyOf(ids[0] * 1000 + ids.length, at);
				if (blocks.has(key))
					continue;
				blocks.set(key, 'waiting');
				queue.push({ key, ids, from: at });
			}
		}
		next();
	}

	/**
	 * What is known of a row between two instants, and whether anything is missing.
	 * @type {(row: number, from: number, to: number) => {programmes: Programme[], missing: boolean}}
	 */
	function read(row, from, to) {
		const list = rows();
		const start = row - row % BLOCK_ROWS;
		const length = Math.min(BLOCK_ROWS, list.length - start);
		const first = list[start]?.id;
		const programmes = [];
		let missing = false;
		let last = 0;
		for (let at = Math.floor(from / HOUR / BLOCK_HOURS) * HOUR * BLOCK_HOURS; at < to; at += HOUR * BLOCK_HOURS) {
			const block = blocks.get(keyOf(first * 1000 + length, at));
			if (!(block instanceof Map)) {
				missing = true;
				continue;
			}
			for (const p of block.get(list[row].id) || []) {
				if (p.id === last || p.to <= from || p.from >= to)
					continue;
				programmes.push(p);
				last = p.id;
			}
		}
		return { programmes, missing };
	}

	onBeforeUnmount(() => { queue = []; });

	return { version, want, read };
}
