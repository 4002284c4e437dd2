// Pictures for titles that have none: drawn from the id and the kind, the same each time, as data
// of this page. Nothing is fetched from anywhere.

/** Pairs of hues that go well together, and how they are lit: [sky, glow, ground]. */
const MOODS = [
	[222, 262, 200], [200, 170, 215], [16, 338, 350], [28, 45, 10], [265, 310, 280],
	[150, 185, 165], [340, 20, 300], [208, 32, 222], [190, 60, 205], [288, 345, 262],
	[96, 160, 140], [44, 8, 24],
];

/** A small generator of numbers in [0, 1) (mulberry32). @param {number} seed */
function random(seed) {
	let a = seed * 2654435761 >>> 0;
	return () => {
		a = a + 0x6d2b79f5 >>> 0;
		let x = Math.imul(a ^ a >>> 15, a | 1);
		x ^= x + Math.imul(x ^ x >>> 7, x | 61);
		return ((x ^ x >>> 14) >>> 0) / 4294967296;
	};
}

/** @typedef {{r: () => number, w: number, h: number, mood: number[]}} Scene */

/** @type {(hue: number, s: number, l: number, a?: number) => string} */
const hsl = (hue, s, l, a = 1) => `hsla(${hue % 360},${s}%,${l}%,${a})`;

/** Hills before a low sun. @param {Scene} o */
function hills({ r, w, h, mood }) {
	const [x, y] = [w * (0.25 + r() * 0.5), h * (0.3 + r() * 0.2)];
	let out = `<circle cx="${x | 0}" cy="${y | 0}" r="${(w + h) * 0.1 | 0}" fill="${hsl(mood[1], 80, 72)}"/>`;
	for (let i = 0; i < 4; i++) {
		const base = h * (0.5 + i * 0.13);
		const [a, b, c] = [r(), r(), r()].map((n) => base - n * h * 0.16);
		out += `<path d="M0 ${a | 0}Q${w * 0.25 | 0} ${b - h * 0.06 | 0} ${w * 0.5 | 0} ${c | 0}T${w} ${a | 0}V${h}H0Z" ` +
			`fill="${hsl(mood[2], 45, 30 - i * 7)}"/>`;
	}
	return out;
}

/** Rings, off centre. @param {Scene} o */
function rings({ r, w, h, mood }) {
	const [x, y] = [w * (0.2 + r() * 0.6), h * (0.2 + r() * 0.4)];
	let out = '';
	for (let i = 9; i > 0; i--)
		out += `<circle cx="${x | 0}" cy="${y | 0}" r="${(w + h) * 0.06 * i | 0}" fill="none" ` +
			`stroke="${hsl(mood[1] + i * 8, 70, 62, 0.1 + 0.07 * (9 - i))}" stroke-width="${(w + h) * 0.012 | 0}"/>`;
	return `${out}<circle cx="${x | 0}" cy="${y | 0}" r="${(w + h) * 0.035 | 0}" fill="${hsl(mood[1], 85, 76)}"/>`;
}

/** Beams of a projector. @param {Scene} o */
function beams({ r, w, h, mood }) {
	const x = w * r();
	let out = '';
	for (let i = 0; i < 6; i++) {
		const at = w * (r() * 1.8 - 0.4);
		out += `<path d="M${x | 0} ${-h * 0.1 | 0}L${at | 0} ${h}H${at + w * (0.12 + r() * 0.3) | 0}Z" ` +
			`fill="${hsl(mood[1] + i * 10, 75, 65, 0.16)}"/>`;
	}
	return out;
}

/** A town at night. @param {Scene} o */
function town({ r, w, h, mood }) {
	let out = `<circle cx="${w * (0.6 + r() * 0.3) | 0}" cy="${h * 0.2 | 0}" r="${(w + h) * 0.05 | 0}" fill="${hsl(mood[1], 60, 84)}"/>`;
	for (let layer = 0; layer < 3; layer++) {
		for (let x = -10; x < w;) {
			const [bw, bh] = [w * (0.06 + r() * 0.1), h * (0.18 + r() * 0.32 - layer * 0.06)];
			out += `<rect x="${x | 0}" y="${h - bh | 0}" width="${bw + 1 | 0}" height="${bh | 0}" fill="${hsl(mood[2], 40, 26 - layer * 8)}"/>`;
			if (layer && r() > 0.4)
				out += `<rect x="${x + bw * 0.3 | 0}" y="${h - bh * 0.8 | 0}" width="${bw * 0.16 | 0}" height="${bw * 0.2 | 0}" fill="${hsl(mood[1], 85, 70, 0.8)}"/>`;
			x += bw * 1.1;
		}
	}
	return out;
}

/** Waves one behind the other. @param {Scene} o */
function waves({ r, w, h, mood }) {
	let out = '';
	for (let i = 0; i < 6; i++) {
		const y = h * (0.3 + i * 0.12);
		const d = h * (0.03 + r() * 0.06);
		out += `<path d="M0 ${y | 0}C${w * 0.3 | 0} ${y - d * 2 | 0} ${w * 0.6 | 0} ${y + d * 2 | 0} ${w} ${y - d | 0}V${h}H0Z" ` +
			`fill="${hsl(mood[1] + i * 6, 60, 56 - i * 8, 0.55)}"/>`;
	}
	return out;
}

/** Sheets of coloured glass. @param {Scene} o */
function glass({ r, w, h, mood }) {
	let out = '';
	for (let i = 0; i < 7; i++) {
		const p = Array.from({ length: 3 }, () => `${w * (r() * 1.4 - 0.2) | 0},${h * (r() * 1.2 - 0.1) | 0}`);
		out += `<polygon points="${p.join(' ')}" fill="${hsl(mood[i % 2] + i * 9, 72, 40 + i * 5, 0.28)}"/>`;
	}
	return out;
}

/** Stars above a horizon. @param {Scene} o */
function stars({ r, w, h, mood }) {
	let out = '';
	for (let i = 0; i < 46; i++)
		out += `<circle cx="${w * r() | 0}" cy="${h * 0.8 * r() | 0}" r="${(0.6 + r() * 1.8).toFixed(1)}" fill="${hsl(mood[1], 60, 88, 0.3 + r() * 0.6)}"/>`;
	const y = h * (0.72 + r() * 0.08);
	return `${out}<ellipse cx="${w / 2 | 0}" cy="${y + h * 0.5 | 0}" rx="${w | 0}" ry="${h * 0.5 | 0}" fill="${hsl(mood[2], 50, 14)}" ` +
		`stroke="${hsl(mood[1], 80, 70, 0.7)}" stroke-width="3"/>`;
}

/** Scenes with something bright where a title at the top would stand. */
const HIGH = [hills, town];
const SCENES = [hills, rings, beams, town, waves, glass, stars];
const KEPT = 600;
/** @type {Map<string, string>} */
const drawn = new Map();

/** What an id's picture is made of. @param {number} id */
function chosen(id) {
	const r = random(id + 7);
	const mood = MOODS[Math.floor(r() * MOODS.length)];
	return { r, mood, scene: SCENES[Math.floor(r() * SCENES.length)] };
}

/**
 * @param {number} id what it is a picture of
 * @param {'poster' | 'wide'} shape 2:3 or 16:9
 */
export function art(id, shape) {
	const key = `${id}/${shape}`;
	const kept = drawn.get(key);
	if (kept)
		return kept;
	const { r, mood, scene } = chosen(id);
	const [w, h] = shape === 'poster' ? [300, 450] : [640, 360];
	const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" preserveAspectRatio="xMidYMid slice">` +
		`<defs><linearGradient id="s" x2="0" y2="1"><stop stop-color="${hsl(mood[0], 55, 16)}"/>` +
		`<stop offset=".6" stop-color="${hsl(mood[0], 55, 32)}"/><stop offset="1" stop-color="${hsl(mood[1], 60, 42)}"/></linearGradient></defs>` +
		`<rect width="${w}" height="${h}" fill="url(#s)"/>${scene({ r, w, h, mood })}</svg>`;
	const url = `data:image/svg+xml,${encodeURIComponent(svg)}`;
	if (drawn.size > KEPT)
		drawn.delete(/** @type {string} */ (drawn.keys().next().value));
	drawn.set(key, url);
	return url;
}

const HANDS = ['', 'serif', 'caps', 'serif top'];
const [SHORT, LONG, WIDEST_WORD, WIDEST_CAPS] = [8, 30, 12, 9];

/** How the title stands on its picture, as classes: a hand by the id, a size by the length. @type {(id: number, title: string) => string} */
export function hand(id, title) {
	const widest = Math.max(...title.split(/[\s-]+/).map((word) => word.length));
	const size = title.length > LONG || widest > WIDEST_WORD ? 'long' : title.length <= SHORT ? 'short' : '';
	const style = HANDS[Math.floor(random(id * 3 + 1)() * HANDS.length)];
	const odd = style === 'caps' && widest > WIDEST_CAPS || style === 'serif top' && HIGH.includes(chosen(id).scene);
	return `${odd ? 'serif' : style} ${size}`;
}

/** A colour for an id (profiles, channels), as a hue. @param {number} id */
export const hue = (id) => MOODS[(id * 5 + 7) % MOODS.length][0];

/** A picture's address when this service has it; others would learn who watches what. */
export function ownPicture(/** @type {string | null | undefined} */ url) {
	return url && url.startsWith('/') && !url.startsWith('//') ? url : null;
}
