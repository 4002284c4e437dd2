// The service's time, for what a page shows of it: the clock of a device may be wrong, by an hour where somebody set it by hand.

/** Less than this is no error worth a correction. */
const ERROR_MS = 60000;
/** An answer that took longer says nothing: the device may have slept meanwhile. */
const LATE_MS = 5000;

/** How far the clock of the device is ahead of the service's. */
let ahead = 0;

/** Milliseconds since 1970, as the service counts them. */
export const time = () => Date.now() - ahead;

/** @type {(date: string | null, asked: number) => void} the header Date of an answer that nothing kept, and when that was asked for */
export function noteDate(date, asked) {
	const [at, now] = [Date.parse(date || ''), Date.now()];
	if (!(at > 0) || now < asked || now - asked > LATE_MS)
		return;
	const error = (asked + now) / 2 - (at + 500); // it has no fractions
	ahead = Math.abs(error) < ERROR_MS ? 0 : error;
}
