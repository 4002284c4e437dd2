// Style sheets that not every page needs.

/** @type {Map<string, Promise<void>>} */
const asked = new Map();

/** Loads css/NAME.css once. A page without its style sheet is still a page. @param {string} name */
export function style(name) {
	let loading = asked.get(name);
	if (!loading) {
		loading = new Promise((done) => {
			const link = document.createElement('link');
			link.rel = 'stylesheet';
			link.href = `/css/${name}.css`;
			link.onload = () => done();
			link.onerror = () => {
				asked.delete(name);
				link.remove();
				done();
			};
			document.head.append(link);
		});
		asked.set(name, loading);
	}
	return loading;
}
