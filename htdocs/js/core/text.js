// The words of the app, in the language of who watches: text/en.js, text/de.js.
import { ref, shallowRef } from 'vue';
import { firstOf, load } from './language.js';

export const languages = { en: 'English', de: 'Deutsch' };
export const language = ref('en');
/** @type {import('vue').ShallowRef<Record<string, string>>} */
const words = shallowRef({});

/** @param {string} wanted */
export async function setLanguage(wanted) {
	const known = wanted in languages ? wanted : 'en';
	words.value = (await load(known)).default;
	language.value = known;
	document.documentElement.lang = known;
}

export function firstLanguage() {
	return setLanguage(firstOf(Object.keys(languages)));
}

/** @param {string} wanted */
export function chooseLanguage(wanted) {
	localStorage.setItem('antenna.language', wanted);
	return setLanguage(wanted);
}

/**
 * A text by its key. {name} stands for a value; "one|many" is chosen by n.
 * @param {string} key
 * @param {Record<string, any>} [values]
 */
export function t(key, values) {
	let text = words.value[key] ?? key;
	if (values && 'n' in values && text.includes('|')) {
		const one = new Intl.PluralRules(language.value).select(Number(values.n)) === 'one';
		text = text.split('|')[one ? 0 : 1];
	}
	return values ? text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? '')) : text;
}

/** Whether there is a text of that key. @param {string} key */
export const has = (key) => key in words.value;
