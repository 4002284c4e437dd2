// Line drawings of 24 × 24.
import { html } from '../core/html.js';

/** @type {Record<string, string>} */
const paths = {
	play: 'M7 4.5v15l12-7.5z',
	pause: 'M8 5v14M16 5v14',
	plus: 'M12 5v14M5 12h14',
	check: 'M5 12.5l4.5 4.5L19 7.5',
	search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L20 20',
	home: 'M4 11l8-7 8 7v8.5a.5.5 0 0 1-.5.5H14v-6h-4v6H4.500a.5.5 0 0 1-.5-.5z',
	film: 'M4 5h16v14H4zM8 5v14M16 5v14M4 9.500h4M4 14.500h4M16 9.500h4M16 14.500h4',
	series: 'M4 8h16v12H4zM8 4l4 4 4-4',
	live: 'M12 10.500a1.500 1.500 0 1 0 0 3 1.500 1.500 0 0 0 0-3zM8 8a5.700 5.700 0 0 0 0 8M16 8a5.700 5.700 0 0 1 0 8M5 5a10 10 0 0 0 0 14M19 5a10 10 0 0 1 0 14',
	guide: 'M4 5h16v14H4zM4 10h16M4 14.500h16M10 10v9M15 5v5',
	list: 'M6 4h12v16l-6-4.500L6 20z',
	user: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.500 20a7.500 7.500 0 0 1 15 0',
	left: 'M15 5l-7 7 7 7',
	right: 'M9 5l7 7-7 7',
	down: 'M5 9l7 7 7-7',
	close: 'M6 6l12 12M18 6L6 18',
	back: 'M11 5l-7 7 7 7M4 12h16',
	lock: 'M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3',
	info: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 11v5M12 8v.01',
	cloud: 'M7 18a4 4 0 0 1-.5-7.960A6 6 0 0 1 18 9.500 4.300 4.300 0 0 1 17.500 18M10 14l4 4M14 14l-4 4',
	lost: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM9 9.500a3 3 0 1 1 3.500 3V14M12.200 16.700v.01',
	empty: 'M4 13l2.500-8h11L20 13v6H4zM4 13h5l1.500 2.500h3L15 13h5',
	volume: 'M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM15.500 9a4.200 4.200 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11',
	mute: 'M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM16 10l4 4M20 10l-4 4',
	full: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
	captions: 'M4 6h16v12H4zM10.500 10.500a2 2 0 1 0 0 3M16.500 10.500a2 2 0 1 0 0 3',
	forward: 'M12 5a7.500 7.500 0 1 0 7.200 5.500M20 4.500v6h-6',
	rewind: 'M12 5a7.500 7.500 0 1 1-7.200 5.500M4 4.500v6h6',
	restart: 'M6 5v14M19 5.500L9 12l10 6.500z',
	next: 'M18 5v14M5 5.500L15 12 5 18.500z',
	gear: 'M12 8.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM12 3v3M12 18v3M3 12h3M18 12h3M5.600 5.600l2.100 2.100M16.300 16.300l2.100 2.100M5.600 18.400l2.100-2.100M16.300 7.700l2.100-2.100',
	edit: 'M5 19l1-4L16.500 4.500l3 3L9 18z',
	out: 'M10 4H5v16h5M14 8l4 4-4 4M18 12H9',
	clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.500l3 2',
	trash: 'M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13',
};

/** @param {{name: string, fill?: boolean}} props */
export function Icon({ name, fill }) {
	return html`<svg class=${fill ? 'icon filled' : 'icon'} viewBox="0 0 24 24" aria-hidden="true"><path d=${paths[name]} /></svg>`;
}
Icon.props = ['name', 'fill'];
