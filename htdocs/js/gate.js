// Signing in, and making an account: one form, two ways.
import { register, signIn } from './api.js';
import { element, notice } from './dom.js';

const ways = {
	signIn: {
		heading: 'Sign in',
		action: 'Sign in',
		swap: 'New here? Make an account',
		other: 'register',
		password: 'current-password',
		least: 1,
		submit: ({ email, password }) => signIn(email, password),
	},
	register: {
		heading: 'Make an account',
		action: 'Register',
		swap: 'Have an account? Sign in',
		other: 'signIn',
		password: 'new-password',
		least: 8,
		hint: '8 characters or more',
		submit: async ({ email, password, name }) => {
			await register(email, password, name);
			await signIn(email, password);
		},
	},
};

function field(name, label, attributes, hint) {
	const described = `${name}-note`;
	return element('div', {},
		element('label', { for: name }, label),
		element('input', { id: name, name, 'aria-describedby': described, ...attributes }),
		element('p', { class: 'quiet', id: described }, hint || ''));
}

function fields(way, email) {
	const list = [
		field('email', 'E-mail address', {
			type: 'email', autocomplete: 'username', required: true, maxlength: 254, value: email,
		}),
		field('password', 'Password', {
			type: 'password', autocomplete: way.password, required: true, minlength: way.least,
		}, way.hint),
	];
	if (way === ways.register)
		list.unshift(field('name', 'Name (optional)', { autocomplete: 'name', maxlength: 100 }));
	return list;
}

// Marks what the service refused; answers the first input that it named.
function mark(form, errors) {
	let first = null;
	for (const { field: name, message } of errors) {
		const input = form.elements.namedItem(name);
		if (!input)
			continue;
		input.setAttribute('aria-invalid', 'true');
		const note = form.querySelector(`#${name}-note`);
		note.className = 'bad';
		note.textContent = `This ${message}.`;
		first = first || input;
	}
	return first;
}

function unmark(form) {
	for (const input of form.querySelectorAll('[aria-invalid]'))
		input.removeAttribute('aria-invalid');
	for (const note of form.querySelectorAll('p.bad'))
		note.className = 'quiet';
}

// place: where the form goes. entered: called when there is a token. ended: the problem that ended
// the last session.
export function showGate(place, entered, ended, wayName = 'signIn', email = '') {
	const way = ways[wayName];
	const said = element('div', {}, ended ? notice(ended) : null);
	const button = element('button', { class: 'main', type: 'submit' }, way.action);
	const form = element('form', { 'aria-label': way.heading, onsubmit: submit },
		...fields(way, email), button);
	const swap = element('button', { class: 'swap', type: 'button', onclick: turn }, way.swap);

	function turn() {
		showGate(place, entered, null, way.other, form.elements.email.value);
	}

	async function submit(event) {
		event.preventDefault();
		const { elements } = form;
		button.disabled = true;
		button.textContent = 'One moment…';
		unmark(form);
		said.replaceChildren();
		try {
			await way.submit({ email: elements.email.value, password: elements.password.value,
				name: elements.name?.value });
			entered();
		} catch (problem) {
			button.disabled = false;
			button.textContent = way.action;
			const marked = mark(form, problem.errors);
			said.replaceChildren(marked
				? element('p', { class: 'bad', role: 'alert' }, 'Please look at what is marked.')
				: notice(problem));
			(marked || elements.password).focus();
		}
	}

	place.replaceChildren(element('div', { class: 'gate' },
		element('h1', {}, way.heading), said, form, swap));
	form.elements[email ? 'password' : wayName === 'signIn' ? 'email' : 'name'].focus();
}
