// Which language the texts are in, known before anything else is loaded.

/** The language that was chosen in this browser, or else the browser's own, when there are texts for it. */
export function firstOf(/** @type {string[]} */ known) {
	let kept = null;
	try {
		kept = localStorage.getItem('antenna.language');
	} catch (cause) {
		// without storage the browser's language it is
	}
	const wanted = kept || navigator.language.slice(0, 2);
	return known.includes(wanted) ? wanted : known[0];
}

/** The texts of a language. @param {string} language */
export const load = (language) => language === 'de' ? import('../text/de.js') : import('../text/en.js');
