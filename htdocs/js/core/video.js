// The state of a <video> as a page shows it.
import { reactive } from 'vue';

/** When it may have changed. */
export const EVENTS = ['timeupdate', 'play', 'pause', 'playing', 'waiting', 'seeking', 'seeked', 'volumechange', 'durationchange', 'progress'];

/** Seconds; from: where it can be seen from. */
export function useClock() {
	const clock = reactive({ time: 0, duration: 0, buffered: 0, from: 0, paused: true, muted: false, volume: 1, full: false, waiting: true });
	/** @type {(v: HTMLVideoElement, edge: number | null) => void} */
	function read(v, edge) {
		const ranges = v.seekable;
		const last = ranges.length ? ranges.end(ranges.length - 1) : 0;
		clock.time = v.currentTime;
		clock.from = Number.isFinite(v.duration) ? 0 : ranges.length ? ranges.start(0) : 0;
		clock.duration = Number.isFinite(v.duration) ? v.duration : Math.max(v.currentTime, edge ?? last);
		clock.buffered = v.buffered.length ? v.buffered.end(v.buffered.length - 1) : 0;
		clock.paused = v.paused;
		clock.muted = v.muted;
		clock.volume = v.volume;
		clock.waiting = !v.paused && v.readyState < 3;
	}
	return { clock, read };
}
