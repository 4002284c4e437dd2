// What administrators ask and do besides editing: imports, why somebody may not watch something,
// the state of the search, the record of changes.
import { onMounted, shallowRef } from 'vue';
import { RouterLink, useRoute } from 'vue-router';
import * as api from '../core/api.js';
import { count, moment } from '../core/format.js';
import { html } from '../core/html.js';
import { useList } from '../core/lists.js';
import { useAct, useLoad } from '../core/load.js';
import { has, t } from '../core/text.js';
import { Field, FormProblem, useForm } from '../parts/form.js';
import { Empty, Failed, Skeleton } from '../parts/states.js';
import { say } from '../parts/toast.js';
import { Picker } from './picker.js';
import { label } from './schema.js';
import { shown } from './resource.js';

const IMPORT_MS = 320000;

/** @param {Record<string, any>} o */
export const Facts = (o) => html`<dl class="facts-of">${Object.entries(o).filter(([, v]) => v === null || typeof v !== 'object').map(([k, v]) => html`<div><dt>${label(k)}</dt><dd>${typeof v === 'number' ? count(v) : shown(v) || '–'}</dd></div>`)}</dl>`;

export const Imports = {
	setup() {
		const report = shallowRef(/** @type {any} */ (null));
		const form = useForm(async ({ format, file }) => {
			report.value = null;
			report.value = await api.post('/admin/livetv/import', file, { query: { format }, timeout: IMPORT_MS });
		});
		return () => html`<form class="stack" onSubmit=${form.submit}><${FormProblem} form=${form.state} />
				<p class="quiet">${t('admin.import_why')}</p>
				<fieldset class="choices"><legend class="hide">${t('admin.format')}</legend>
					<label class="tick"><input type="radio" name="format" value="xmltv" checked />${t('admin.xmltv')}</label>
					<label class="tick"><input type="radio" name="format" value="m3u" />${t('admin.m3u')}</label></fieldset>
				<${Field} name="file" label=${t('admin.file')} form=${form.state} type="file" required=${true} />
				<div class="row"><button class="main" aria-disabled=${form.state.busy || null}>${t(form.state.busy ? 'admin.importing' : 'admin.import')}</button></div></form>
			${report.value ? html`<section role="status"><h2>${t('admin.report')}</h2>${Facts(report.value)}
				${report.value.messages?.length ? html`<pre tabindex="0">${report.value.messages.join('\n')}</pre>` : null}
				<p class="row"><${RouterLink} class="button" to=${{ name: 'guide' }}>${t('nav.guide')}<//><${RouterLink} class="button" to=${{ name: 'search' }}>${t('nav.search')}<//></p></section>` : null}`;
	},
};

const YES = ['applies', 'holds', 'active'];
const NO = ['territory', 'not_yet', 'no_longer', 'over', 'closed', 'not_covered', 'hidden', 'suspended'];

/** What was looked at, in words: "rule:7 rental content:39" is a link to that rule. @param {string} what */
function looked(what) {
	const rule = what.match(/^rule:(\d+) (.*)$/);
	if (rule)
		return html`<strong><${RouterLink} to=${{ name: 'admin', params: { part: 'rules', id: rule[1] } }}>${t('look.rule', { n: rule[1] })}<//> <span class="quiet small">${rule[2]}</span></strong>`;
	const [kind, which] = what.split(':');
	return html`<strong>${has(`look.${kind}`) ? t(`look.${kind}`) : kind} ${which ? html`<span class="quiet small">${which}</span>` : null}</strong>`;
}

/** @param {any} d */
function decision(d) {
	const facts = Object.fromEntries(['source', 'max_quality', 'expires_at'].filter((k) => d[k]).map((k) => [k, d[k]]));
	return html`<section role="status"><p class=${d.granted ? 'verdict yes' : 'verdict no'}>${t(d.granted ? 'admin.may' : 'admin.may_not')} <span>${t(`reason.${d.reason}`)}</span></p>
		${Facts(facts)}
		<h2>${t('admin.trace')}</h2><ol class="trace">${(d.trace || []).map((/** @type {any} */ step, /** @type {number} */ i) => html`<li key=${i} class=${YES.includes(step.said) ? 'good' : NO.includes(step.said) ? 'bad' : ''}>
			${looked(step.looked_at)}<span>${has(`said.${step.said}`) ? t(`said.${step.said}`) : step.said}</span></li>`)}</ol></section>`;
}

export const Why = {
	setup() {
		const { query } = useRoute();
		const answer = shallowRef(/** @type {any} */ (null));
		const form = useForm(async (data) => {
			answer.value = null;
			answer.value = await api.get('/admin/rights/simulate', { user_id: data.user_id, content_id: data.content_id, country: data.country.toUpperCase(),
				at: data.at ? new Date(data.at).toISOString() : '' });
		});
		/** @type {(name: string, label: string) => any} */
		const pick = (name, label) => html`<${Field} name=${name} label=${t(label)} form=${form.state}>${(/** @type {any} */ more) => html`<${Picker} id=${more.id} name=${name} kind=${name} value=${query[name]} required=${true} />`}<//>`;
		return () => html`<form class="stack pairs" onSubmit=${form.submit}><p class="quiet">${t('admin.why_why')}</p><${FormProblem} form=${form.state} />
				${pick('user_id', 'admin.user')}
				${pick('content_id', 'admin.content')}
				<${Field} name="country" label=${t('admin.country')} form=${form.state} maxlength="2" autocomplete="off" />
				<${Field} name="at" label=${t('admin.at')} form=${form.state} type="datetime-local" />
				<div class="row"><button class="main" aria-disabled=${form.state.busy || null}>${t('admin.ask')}</button></div></form>
			${answer.value ? decision(answer.value) : null}`;
	},
};

export const SearchState = {
	setup() {
		const { data: state, problem, load } = useLoad(() => api.get('/admin/search/status'));
		onMounted(load);
		const { busy, act: again } = useAct(async () => {
			await api.post('/admin/search/reindex');
			say(t('admin.reindexing'));
			load();
		});
		/** Objects in objects, each as facts under its name. @type {(o: any, depth?: number) => any} */
		const draw = (o, depth = 0) => html`${Facts(o)}${Object.entries(o).filter(([, v]) => v && typeof v === 'object').map(([k, v]) => html`<section class="nested"><h3>${label(k)}</h3>${depth < 4 ? draw(v, depth + 1) : null}</section>`)}`;
		return () => problem.value ? html`<${Failed} problem=${problem.value} onRetry=${load} />` : state.value
			? html`<div>${draw(state.value)}<p class="row"><button type="button" aria-disabled=${busy.value || null} onClick=${() => again()}>${t('admin.reindex')}</button><button type="button" onClick=${load}>${t('admin.reload')}</button></p></div>`
			: html`<${Skeleton} shape="rows" n=${4} />`;
	},
};

/** What a change changed: members before and after. @param {any} e */
function changes(e) {
	const names = new Set([...Object.keys(e.before || {}), ...Object.keys(e.after || {})]);
	return [...names].filter((n) => JSON.stringify(e.before?.[n]) !== JSON.stringify(e.after?.[n]))
		.map((n) => html`<li><b>${n}</b> ${e.before ? html`<del>${shown(e.before[n]) || '–'}</del>` : null} ${e.after ? html`<ins>${shown(e.after[n]) || '–'}</ins>` : null}</li>`);
}

export const Audit = {
	setup() {
		const list = useList(`admin audit ${Date.now()}`, (cursor) => api.get('/admin/audit', { limit: 50, cursor }));
		return () => html`<ol class="audit">${list.items.value.map((/** @type {any} */ e) => html`<li key=${e.id}><details><summary><b>${e.action}</b> ${e.kind} ${e.target_id ?? ''} <span class="quiet small">${moment(e.at)}</span></summary>
				<p class="by">${e.account_id ? html`<${RouterLink} to=${{ name: 'admin', params: { part: 'users', id: e.account_id } }}>${e.account_email || t('admin.account', { n: e.account_id })}<//>` : t('admin.command')}</p>
				<ul>${changes(e)}</ul></details></li>`)}</ol>
			${list.state.value === 'loading' ? html`<${Skeleton} shape="rows" n=${5} />` : null}
			${list.state.value === 'failed' ? html`<${Failed} problem=${list.problem.value} onRetry=${list.more} />` : null}
			${list.state.value === 'done' && !list.items.value.length ? html`<${Empty} title=${t('state.empty')} />` : null}
			${list.state.value === 'idle' ? html`<p class="row"><button type="button" onClick=${list.more}>${t('more')}</button></p>` : null}`;
	},
};
