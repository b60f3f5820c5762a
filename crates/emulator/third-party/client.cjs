// Drives the official Node SDK, unmodified, through the emulator.
// Usage: node client.cjs <emulator url> <client id> <secret> <redirect uri>
const assert = require('node:assert');
const sdk = require('@procore/js-sdk');

const [host, id, secret, uri] = process.argv.slice(2);
const COMPANY = 598134325;

// What a person's browser does: log in, agree, be sent back with a code.
async function codeFor(login) {
  const form = (fields) => ({
    method: 'POST',
    redirect: 'manual',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  });
  const ask = new URL(sdk.authorize({ clientId: id, uri }, host));
  const loggedIn = await fetch(`${host}/login`, form({ login, password: 'procore', next: '/' }));
  const agree = form({ ...Object.fromEntries(ask.searchParams), decision: 'allow' });
  agree.headers.Cookie = loggedIn.headers.get('set-cookie').split(';')[0];
  const back = await fetch(`${host}/oauth/authorize`, agree);
  return new URL(back.headers.get('location')).searchParams.get('code');
}

async function main() {
  const account = await sdk.token({ id, secret, uri, code: await codeFor('r.calloway@whitfieldsons.example') }, host);
  assert.ok(account.access_token, JSON.stringify(account));
  const renewed = await sdk.refresh({ id, secret, uri, refresh: account.refresh_token }, host);
  const token = renewed.access_token;
  assert.ok(token, JSON.stringify(renewed));
  const procore = sdk.client(sdk.oauth(token), {}, { apiHostname: host, defaultVersion: 'v1.0', defaultCompanyId: COMPANY });

  const companies = (await procore.get({ base: '/companies' })).body;
  assert.ok(companies.some((company) => company.id === COMPANY));
  const projects = (await procore.get({ base: '/projects', version: 'v1.1', qs: { company_id: COMPANY } })).body;
  const project = projects.find((candidate) => candidate.project_number === '24-118');
  const qs = { project_id: project.id };
  const statuses = (await procore.get({ base: '/change_event/statuses', qs })).body;
  const open = statuses.find((status) => status.mapped_to_status === 'open');
  const codes = (await procore.get({ base: '/projects/{project_id}/work_breakdown_structure/wbs_codes', params: { project_id: project.id }, qs: { query: '23-2113' } })).body;

  const line = (description, amount) => ({
    description,
    budget_code: { id: codes[0].id },
    cost_impact: { estimate: { amount, calculation_strategy: 'manual' } },
  });
  const created = (await procore.post({ base: '/change_events', version: 'v1.1', qs }, {
    change_event: { title: 'From the Node SDK', status: { id: open.id }, scope: 'tbd', change_items: [line('Valves', '76.25'), line('Labor', 100)] },
  })).body;
  assert.strictEqual(created.change_items.length, 2);

  const valves = created.change_items.find((item) => item.description === 'Valves');
  await procore.patch({ base: '/change_events', version: 'v1.1', params: { id: created.id }, qs }, {
    change_event: { change_items: [{ id: valves.id, cost_impact: { estimate: { amount: '80.00' } } }] },
  });
  const read = (await procore.get({ base: '/change_events', version: 'v1.1', params: { id: created.id }, qs })).body;
  const amounts = read.change_items.map((item) => item.cost_impact.estimate.amount).sort();
  assert.deepStrictEqual(amounts, ['100.00', '80.00']);
  console.log(`@procore/js-sdk: change event ${read.number} created, patched and read back`);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
