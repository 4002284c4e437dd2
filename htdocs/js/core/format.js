// Times, money and durations as people of the chosen language write them.
import { time } from './clock.js';
import { language, t } from './text.js';

/** The language of the words, with the region of the browser: whether a day has 12 or 24 hours. */
const locale = () => navigator.languages.find((l) => l.startsWith(language.value)) || language.value;

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @type {(name: string, options: Intl.DateTimeFormatOptions) => Intl.DateTimeFormat} */
function dateFormat(name, options) {
	const key = `${name}/${language.value}`;
	let f = formats.get(key);
	if (!f) {
		f = new Intl.DateTimeFormat(locale(), options);
		formats.set(key, f);
	}
	return f;
}

/** @typedef {string | number | Date} Instant */

/** @param {Instant} at */
export const clock = (at) => dateFormat('clock', { hour: '2-digit', minute: '2-digit' }).format(new Date(at));
/** @param {Instant} at */
export const date = (at) => dateFormat('date', { dateStyle: 'medium' }).format(new Date(at));
/** @param {Instant} at */
export const moment = (at) => dateFormat('moment', { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));
/** @param {Instant} at */
export const weekday = (at) => dateFormat('weekday', { weekday: 'short', day: 'numeric', month: 'short' }).format(new Date(at));

/** @param {{amount: number, currency: string} | null | undefined} price */
export function money(price) {
	if (!price)
		return '';
	const f = new Intl.NumberFormat(locale(), { style: 'currency', currency: price.currency });
	return f.format(price.amount / 10 ** (f.resolvedOptions().maximumFractionDigits ?? 2));
}

/** @param {number} n */
export const count = (n) => new Intl.NumberFormat(locale()).format(n);

/** Seconds as "1 h 42 min". @param {number | null | undefined} seconds */
export function runtime(seconds) {
	if (!seconds)
		return '';
	const minutes = Math.max(1, Math.round(seconds / 60));
	const h = Math.floor(minutes / 60);
	return h ? t('time.hours', { h, m: minutes % 60 }) : t('time.minutes', { m: minutes });
}

/** A genre's short name as words. @param {string} slug */
export const genreName = (slug) => slug.charAt(0).toUpperCase() + slug.slice(1).replace(/-/g, ' ');

/** Seconds as 1:42:07. @param {number} seconds */
export function counter(seconds) {
	const s = Math.max(0, Math.floor(seconds || 0));
	const tail = [Math.floor(s / 60) % 60, s % 60].map((n) => String(n).padStart(2, '0'));
	return s >= 3600 ? `${Math.floor(s / 3600)}:${tail.join(':')}` : `${Math.floor(s / 60)}:${tail[1]}`;
}

/** How long until then, roughly. @param {Instant} at */
export function until(at) {
	const hours = (new Date(at).getTime() - time()) / 3600000;
	if (hours <= 0)
		return t('time.over');
	if (hours < 1)
		return t('time.minutes', { m: Math.ceil(hours * 60) });
	return hours < 48 ? t('time.in_hours', { n: Math.floor(hours) }) : t('time.in_days', { n: Math.floor(hours / 24) });
}

/** How long ago that was, in the largest unit that fits. @type {(at: Instant, now?: number) => string} */
export function ago(at, now = time()) {
	const seconds = Math.max(0, Math.round((now - new Date(at).getTime()) / 1000));
	const f = new Intl.RelativeTimeFormat(language.value, { numeric: 'auto' });
	return seconds < 60 ? f.format(-seconds, 'second') : f.format(-Math.floor(seconds / 60), 'minute');
}

/** Progress between two instants, 0 to 1. @type {(start: Instant, end: Instant, now?: number) => number} */
export function passed(start, end, now = time()) {
	const a = new Date(start).getTime();
	const b = new Date(end).getTime();
	return Math.min(1, Math.max(0, (now - a) / Math.max(1, b - a)));
}

const LANGUAGE_NAMES = new Map();

/** @param {string} code */
export function languageName(code) {
	const key = language.value;
	if (!LANGUAGE_NAMES.has(key))
		LANGUAGE_NAMES.set(key, new Intl.DisplayNames(key, { type: 'language' }));
	try {
		return LANGUAGE_NAMES.get(key).of(code) || code;
	} catch (cause) {
		return code;
	}
}
